/** Name of the channel on which a worker says which check it begins, before a loop without end can silence it. */
export const CHANNEL = 'wirebook check'

const channel = new BroadcastChannel(CHANNEL)
// Types of Node 20 lack it.
;(channel as unknown as { unref(): void }).unref()

export function announce(check: string): void {
  channel.postMessage(check)
}

/** Rejects when the lab throws where nobody catches: in an event handler, a timer, a forgotten promise. */
export function untilCrash(): { promise: Promise<never>; stop(): void } {
  let crashed: (error: unknown) => void = () => {}
  const promise = new Promise<never>((_, reject) => {
    crashed = reject
  })
  // Crashing after the check has ended is told at the end of the run.
  promise.catch(() => {})
  process.on('uncaughtException', crashed)
  process.on('unhandledRejection', crashed)
  const stop = () => {
    process.off('uncaughtException', crashed)
    process.off('unhandledRejection', crashed)
  }
  return { promise, stop }
}
