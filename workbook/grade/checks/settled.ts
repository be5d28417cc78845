/** How long what a lab has left behind may go on when its checks are over, in milliseconds, and how often we look. */
const maxSettleMs = 150
const lookEveryMs = 10

/** What keeps the thread busy before a lab is loaded, and the timer with which vitest reports a check that has just ended. */
const ofVitest = process.getActiveResourcesInfo().length + 1

/**
 * Settles when nothing that the lab has started is under way any more, or after 150 ms: a promise that was forgotten may
 * fail just after the last check, and the thread must be there to see it. Without such remains it settles at once.
 */
export async function settled(): Promise<void> {
  // `Promise.reject` that nobody catches is told at the end of this turn.
  await new Promise((resolve) => setImmediate(resolve))
  for (let left = maxSettleMs; left > 0 && process.getActiveResourcesInfo().length > ofVitest; left -= lookEveryMs) {
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs).unref())
  }
}
