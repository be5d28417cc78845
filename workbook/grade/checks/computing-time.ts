/**
 * The time that a piece of work computes, in milliseconds: on a busy machine it takes longer, and computes as much.
 *
 * @param work is done before it returns; what it throws is thrown on
 */
export function computingTime(work: () => unknown): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}
