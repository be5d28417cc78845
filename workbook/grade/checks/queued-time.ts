import { readFileSync } from 'node:fs'

/**
 * The time that this thread has been ready to run while the machine ran something else, in milliseconds since it began.
 * Linux tells (the second number of /proc/thread-self/schedstat, proc(5)); elsewhere it is 0.
 */
export function queuedTime(): number {
  try {
    return Number(readFileSync('/proc/thread-self/schedstat', 'latin1').split(' ')[1]) / 1e6
  } catch {
    return 0 // another system, or a kernel that does not count it
  }
}
