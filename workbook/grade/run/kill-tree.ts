import { type ChildProcess, spawnSync } from 'node:child_process'
import { processesOf } from './processes.ts'

/** How often we look again for those who were started while we killed; a program that outruns this is an attack. */
const maxRounds = 10

/**
 * Kills a process and all that it has started; when it has ended already, what it has left behind. It must have been
 * spawned `detached`, so that it leads a group.
 *
 * @param mark value of {@link runVariable} in its environment
 */
export function killTree({ pid }: Pick<ChildProcess, 'pid'>, mark: string): void {
  if (pid === undefined) return
  if (process.platform === 'win32') {
    spawnSync('taskkill', ['/pid', String(pid), '/T', '/F'])
    return
  }
  killStarted(pid, mark)
  kill(-pid)
  // What it started while we looked has its mark or its group.
  killStarted(undefined, mark)
}

/** Kills what this process has started, and then the process itself with its group. */
export function killOurselves(mark: string): void {
  if (process.platform !== 'win32') {
    killStarted(process.pid, mark)
    kill(-process.pid)
  }
  // Not the leader of a group, or on Windows.
  process.kill(process.pid, 'SIGKILL')
}

function killStarted(pid: number | undefined, mark: string): void {
  const killed = new Set(pid === undefined ? [] : [pid])
  for (let round = 0; round < maxRounds; round++) {
    // A process that was killed takes a moment to go.
    const found = processesOf(pid, mark).filter((one) => !killed.has(one))
    if (found.length === 0) return
    for (const one of found) {
      kill(one)
      killed.add(one)
    }
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}
