import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'

/** How often somebody who waits looks whether the other build has ended, in milliseconds. */
const lookEveryMs = 200

/**
 * Does something that two processes must not do at once: VitePress has one folder for what it prepares.
 *
 * @param file holds the number of the process that is at it
 */
export async function alone<Done>(file: string, act: () => Promise<Done>): Promise<Done> {
  while (!take(file)) await setTimeout(lookEveryMs)
  try {
    return await act()
  } finally {
    rmSync(file, { force: true })
  }
}

function take(file: string): boolean {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    // Whoever was killed at it has left the file.
    if (!runs(holderOf(file))) rmSync(file, { force: true })
    return false
  }
}

function holderOf(file: string): number | undefined {
  try {
    return Number(readFileSync(file, 'utf8')) || undefined
  } catch {
    return undefined // it has just ended
  }
}

function runs(pid: number | undefined): boolean {
  try {
    return pid !== undefined && process.kill(pid, 0)
  } catch (error) {
    // A process of somebody else runs, too.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
