/** On this channel a worker says that it lives and which check it begins; a loop without end silences it. */
export const CHANNEL = 'wirebook worker'

export type WorkerNews = { alive: true } | { begins: string }

const channel = new BroadcastChannel(CHANNEL)
// A worker that has nothing else to do may end. Types of Node 20 lack it.
;(channel as unknown as { unref(): void }).unref()

/** Says twice a second that the event loop turns. Called before the lab is loaded, which may hang too. */
export function beat(): void {
  const say = () => channel.postMessage({ alive: true } satisfies WorkerNews)
  say()
  setInterval(say, 500).unref()
}

/** Says which check begins, before the lab's code can block. */
export function announce(check: string): void {
  channel.postMessage({ begins: check } satisfies WorkerNews)
}

/** Rejects when the lab throws where nobody catches: in an event handler, a timer, a forgotten promise. */
export function untilCrash(): { promise: Promise<never>; stop(): void } {
  let crashed: (error: unknown) => void = () => {}
  const promise = new Promise<never>((_, reject) => {
    crashed = reject
  })
  // Between two checks nobody waits for it; the run's end tells.
  promise.catch(() => {})
  process.on('uncaughtException', crashed)
  process.on('unhandledRejection', crashed)
  const stop = () => {
    process.off('uncaughtException', crashed)
    process.off('unhandledRejection', crashed)
  }
  return { promise, stop }
}
