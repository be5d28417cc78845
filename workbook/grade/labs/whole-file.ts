import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { codeOf, type Disk, systemDisk } from './disk.ts'
import { cannotWrite } from './file-trouble.ts'

/**
 * Writes a file whole or not at all: whoever reads it finds the text before or the text after.
 *
 * @throws {SentenceError} why it cannot be written
 */
export function writeWhole(file: string, text: string, disk: Disk = systemDisk): void {
  const made = temporaryIn(dirname(file))
  try {
    disk.makeFolder(dirname(file))
    sweep(dirname(file), disk)
    disk.create(made, Buffer.from(text))
    disk.rename(made, file)
  } catch (error) {
    discard(made, disk)
    throw cannotWrite(error, file)
  }
}

const temporary = /^\.wirebook-(\d+)-\d+$/
let count = 0

/** A path for what is being written; a folder must be the one of its final name, or a rename would copy. */
export function temporaryIn(folder: string): string {
  count += 1
  return join(folder, `.wirebook-${process.pid}-${count}`)
}

/** Removes what processes that are gone have left half-written. */
export function sweep(folder: string, disk: Disk): void {
  for (const name of names(folder)) {
    const pid = temporary.exec(name)?.[1]
    if (pid !== undefined && !isElsewhere(Number(pid))) discard(join(folder, name), disk)
  }
}

/** Removes what will not be needed. */
export function discard(path: string, disk: Disk): void {
  try {
    disk.remove(path)
  } catch {
    // It is in nobody's way, and the next write tries again.
  }
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return [] // whoever writes there will say why it cannot be read
  }
}

/** Whether another process has this id. What this one has left is left over: it writes one thing after the other. */
function isElsewhere(pid: number): boolean {
  if (pid === process.pid) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return codeOf(error) === 'EPERM' // it belongs to somebody else
  }
}
