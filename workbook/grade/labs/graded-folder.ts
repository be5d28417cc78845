import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Makes a folder of our own for one run that grades somebody else's labs, and removes those of runs that were killed.
 * It is inside the project, so that the labs find our packages.
 *
 * @param root folder of the project
 * @returns its absolute path, `…/.wirebook/graded/4711-9f3ac2d1`
 */
export function makeGradedFolder(root: string): string {
  const all = join(root, '.wirebook', 'graded')
  mkdirSync(all, { recursive: true })
  for (const name of readdirSync(all)) {
    if (!isOfARun(name)) removeGradedFolder(join(all, name))
  }
  const own = join(all, `${process.pid}-${randomBytes(4).toString('hex')}`)
  mkdirSync(own)
  return own
}

/** Removes the folder; what still writes to it may need another moment. */
export function removeGradedFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
}

/** Whether the process of a run, whose number begins the name, is still there. */
function isOfARun(name: string): boolean {
  const pid = Number(/^(\d+)-[0-9a-f]{8}$/.exec(name)?.[1])
  if (!pid) return false
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
