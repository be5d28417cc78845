import { readlinkSync } from 'node:fs'
import type { Printed } from '../checks/events.ts'
import { outputSoFar } from '../checks/lab-output.ts'

/** On this channel a worker says that it lives and which check it begins; a loop without end silences it. */
export const workerChannel = 'wirebook worker'

/** What a worker says there. */
export type WorkerMessage =
  /** its event loop turns; `thread` is its number for the system, where that is known */
  | { alive: true; thread?: number }
  /** id of the check that begins */
  | { begins: string }
  /** what the lab has printed so far in a check, or outside of all of them */
  | { printed: Printed | undefined; inCheck: boolean }

/** How often the worker says that it lives, in milliseconds. */
const beatEveryMs = 500
/** How often a lab that prints without end is heard, in milliseconds. */
const tellOutputEveryMs = 200

const channel = new BroadcastChannel(workerChannel)
// A worker that has nothing else to do may end. Types of Node 20 lack it.
;(channel as unknown as { unref(): void }).unref()

let outputToldAt = 0
let isOutputTold = true

/** Says twice a second that the event loop turns. Called before the lab is loaded, which may hang too. */
export function beat(): void {
  const thread = ownThread()
  const say = () => {
    tell({ alive: true, thread })
    if (!isOutputTold) tellOutput()
  }
  say()
  setInterval(say, beatEveryMs).unref()
}

/** Says which check begins, before the lab's code can block. */
export function announce(check: string): void {
  if (!isOutputTold) tellOutput()
  tell({ begins: check })
}

/** Tells what was printed, at once and then now and then, so that it is known when the lab never comes back. */
export function onOutput(): void {
  isOutputTold = false
  if (performance.now() - outputToldAt > tellOutputEveryMs) tellOutput()
}

/** Tells what was printed outside of every check. */
export function tellOutput(): void {
  tell(outputSoFar())
  outputToldAt = performance.now()
  isOutputTold = true
}

function tell(message: WorkerMessage): void {
  channel.postMessage(message)
}

/** The thread's number, which Linux alone tells. */
function ownThread(): number | undefined {
  try {
    return Number(/task\/(\d+)$/.exec(readlinkSync('/proc/thread-self'))?.[1]) || undefined
  } catch {
    // No /proc: the whole process is looked at instead.
    return undefined
  }
}
