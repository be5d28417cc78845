import { existsSync, readFileSync } from 'node:fs'
import { vi } from 'vitest'

/** For what tells nobody: a file that is written, a process of somebody else that ends. */
export const until = (holds: () => boolean) => vi.waitUntil(holds, { interval: 10, timeout: 60_000 })

export function runs(pid: number): boolean {
  try {
    return process.kill(pid, 0) && !isZombie(pid)
  } catch {
    return false
  }
}

/** Dead, but nobody has asked for its exit code yet; an orphan's new parent may take its time. */
function isZombie(pid: number): boolean {
  return process.platform === 'linux' && /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
}

/** The numbers in a file, as soon as a program has written so many of them. */
export async function numbersIn(file: string, count: number): Promise<number[]> {
  const read = () => (existsSync(file) ? readFileSync(file, 'utf8').trim().split(/\s+/) : [])
  await until(() => read().length === count)
  return read().map(Number)
}
