import { readFileSync } from 'node:fs'

/** What the system tells of a thread. */
export interface ThreadSample {
  /** time that it has computed, in milliseconds */
  cpuMs: number
  /** it waits for something, and does not want to compute; undefined where the system does not tell */
  isAsleep?: boolean
}

/** Linux counts in hundredths of a second, whatever its clock does. */
const msPerTick = 10

/** Looks at a thread of this process. Without its number, the whole process is looked at, which computes at least as much. */
export function sampleThread(thread?: number): ThreadSample {
  const onLinux = thread === undefined ? undefined : readStat(thread)
  if (onLinux) return onLinux
  const { user, system } = process.cpuUsage()
  return { cpuMs: (user + system) / 1000 }
}

function readStat(thread: number): ThreadSample | undefined {
  try {
    // `1234 (name with any characters) S …`; utime and stime are fields 14 and 15 of all (proc(5)).
    const [state, ...fields] = readFileSync(`/proc/self/task/${thread}/stat`, 'latin1').split(') ').at(-1)!.split(' ')
    const cpuMs = (Number(fields[10]) + Number(fields[11])) * msPerTick
    return { cpuMs, isAsleep: state === 'S' }
  } catch {
    // The thread has ended, or /proc is not to be read here.
    return undefined
  }
}
