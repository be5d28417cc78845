import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** How often we look, in milliseconds. */
const lookEveryMs = 500

/**
 * Calls back once npm, which has started us, is gone: it passes on no SIGTERM, and nobody passes on a SIGKILL. Between
 * npm and us stands a shell, which outlives npm, so its parent is watched as well as ours.
 *
 * @returns a function that ends the watch; it keeps no process alive
 */
export function whenNpmEnds(callback: () => void, env: NodeJS.ProcessEnv = process.env): () => void {
  if (env.npm_lifecycle_event === undefined) return () => {}
  const shell = process.ppid
  const npm = parentOf(shell)
  const timer = setInterval(() => {
    const isThere = process.ppid === shell && exists(shell) && (npm === undefined || isStill(shell, npm))
    if (isThere) return
    clearInterval(timer)
    callback()
  }, lookEveryMs)
  timer.unref()
  return () => clearInterval(timer)
}

/** A child of somebody who has ended gets another parent. */
function isStill(child: number, parent: number): boolean {
  return exists(parent) && (process.platform !== 'linux' || parentOf(child) === parent)
}

/** The parent of a process, where the system tells. */
function parentOf(pid: number): number | undefined {
  if (process.platform === 'win32') return undefined
  try {
    const parent = Number(
      process.platform === 'linux'
        ? readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)!.split(' ')[1]
        : execFileSync('ps', ['-o', 'ppid=', '-p', String(pid)], { encoding: 'utf8' }),
    )
    return parent > 0 ? parent : undefined
  } catch {
    // It has ended, or there is no `ps`: then only our own parent is watched.
    return undefined
  }
}

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
