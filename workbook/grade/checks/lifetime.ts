import { CheckFailure } from './failure.ts'
import { queuedTime } from './queued-time.ts'

type Closer = () => unknown

const closers: Closer[] = []
const notes: string[] = []
const waits = new Set<string>()
let starting = 0

/** What every deadline is multiplied by, normally 1: programs that are known to be wrong get less time; see test/grade/proof. */
export function timeoutScale(): number {
  return Number(process.env.WIREBOOK_TIMEOUT_SCALE ?? 1)
}

/** Registers what closes something at the end of the check, however the check ends. Last opened, first closed. */
export function cleanup(close: Closer): void {
  closers.push(close)
}

/** Says what this machine cannot show: `note('this machine has no IPv6, not shown')`. The check itself passes. */
export function note(text: string): void {
  notes.push(text)
}

/**
 * Settles as `promise` does, or fails.
 *
 * @param ms deadline in milliseconds
 * @param what what we waited for: `the server to close`
 * @throws {CheckFailure} when the time is up; else what `promise` rejects with
 */
export async function deadline<T>(promise: PromiseLike<T>, ms: number, what: string): Promise<T> {
  const reached = await withTimeout(promise, ms, what)
  if (reached !== timedOut) return reached
  throw new CheckFailure({
    action: `waited for ${what}`,
    received: 'it did not happen',
    difference: { shape: 'state', summary: `waited ${ms} ms for ${what}: it did not happen` },
  })
}

/** The answer of a wait whose time is up; told apart from everything that a promise may give. */
export const timedOut = Symbol('timed out')

/** Settles as `deadline` does, but gives `timedOut`, where the caller has more to say about it. */
export async function withTimeout<T>(promise: PromiseLike<T>, ms: number, what: string): Promise<T | typeof timedOut> {
  const countdown = new Countdown(ms)
  waits.add(what)
  try {
    return await Promise.race([promise, countdown.isOver])
  } finally {
    countdown.stop()
    waits.delete(what)
  }
}

/** What the check is waiting for just now. */
export function waitingFor(): string[] {
  return [...waits]
}

/** While `started` is pending the check's own time stands still: a busy machine is slow to start programs. */
export function whileStarting(started: Promise<unknown>): void {
  starting += 1
  void started.finally(() => {
    starting -= 1
  })
}

/** Settles when so many milliseconds have passed, as a {@link Countdown} counts them. */
export async function elapsed(ms: number): Promise<void> {
  await new Countdown(ms).isOver
}

/** A step of a countdown, in milliseconds. */
const stepMs = 50

/**
 * Counts time in short steps. What a busy machine makes this thread wait does not count: the lab, which runs in the same
 * thread, has waited too. What the lab itself takes or sleeps does. Steps in which a program was being started do not
 * count at all.
 */
class Countdown {
  readonly isOver: Promise<typeof timedOut>
  #leftMs: number
  #timer: NodeJS.Timeout | undefined

  constructor(ms: number) {
    this.#leftMs = ms * timeoutScale()
    this.isOver = new Promise((resolve) => this.#step(() => resolve(timedOut)))
  }

  stop(): void {
    clearTimeout(this.#timer)
  }

  #step(over: () => void): void {
    const partMs = Math.min(stepMs, this.#leftMs)
    const [began, queuedBefore] = [performance.now(), queuedTime()]
    this.#timer = setTimeout(() => {
      const ranMs = performance.now() - began - (queuedTime() - queuedBefore)
      if (starting === 0) this.#leftMs -= Math.max(partMs, ranMs)
      if (this.#leftMs > 0) this.#step(over)
      else over()
    }, partMs)
  }
}

/** Takes the notes of the check that ends. */
export function takeNotes(): string[] {
  return notes.splice(0)
}

/** Closes everything that the check opened. */
export async function closeAll(): Promise<void> {
  waits.clear()
  for (const close of closers.splice(0).reverse()) {
    try {
      const closed = Promise.resolve(close())
      await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, 500).unref())])
    } catch {
      // It says nothing about the lab, and the next one is to be closed all the same.
    }
  }
}
