/** On this channel a worker says that it lives and which check it begins; a loop without end silences it. */
export const workerChannel = 'wirebook worker'

/** What a worker says there: that it lives, or the id of the check that it begins. */
export type WorkerMessage = { alive: true } | { begins: string }

const channel = new BroadcastChannel(workerChannel)
// A worker that has nothing else to do may end. Types of Node 20 lack it.
;(channel as unknown as { unref(): void }).unref()

/** Says twice a second that the event loop turns. Called before the lab is loaded, which may hang too. */
export function beat(): void {
  const say = () => channel.postMessage({ alive: true } satisfies WorkerMessage)
  say()
  setInterval(say, 500).unref()
}

/** Says which check begins, before the lab's code can block. */
export function announce(check: string): void {
  channel.postMessage({ begins: check } satisfies WorkerMessage)
}
