/** A promise that rejects when the lab throws where nobody catches: in an event handler, a timer, a forgotten promise. */
export function untilCrash(): { promise: Promise<never>; stop(): void } {
  let crashed: (error: unknown) => void = () => {}
  const promise = new Promise<never>((_, reject) => {
    crashed = reject
  })
  promise.catch(() => {}) // between two checks nobody waits for it; the run's end tells
  process.on('uncaughtException', crashed)
  process.on('unhandledRejection', crashed)
  const stop = () => {
    process.off('uncaughtException', crashed)
    process.off('unhandledRejection', crashed)
  }
  return { promise, stop }
}
