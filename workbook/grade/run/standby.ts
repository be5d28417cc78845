import { setTimeout as sleep } from 'node:timers/promises'
import { RunnerChild, type RunnerChildOptions } from './runner-child.ts'
import type { RunnerMessage } from './runner-messages.ts'

/** Who hears what the child says that grades. */
interface Listeners {
  message(message: RunnerMessage): void
  /** it has ended by itself, when it had taken commands already; a fresh one is started */
  exit(why: string): void
}

/** So often a child is started before we give up, and the time before the second start, which doubles. */
const maxStarts = 4
const firstWaitMs = 500

/** Has a child stand by, loaded; one that cannot be started is tried again, slower each time, a few times only. */
export class Standby {
  readonly #options: RunnerChildOptions
  readonly #listeners: Listeners
  readonly #closing = new AbortController()
  #child: RunnerChild | undefined
  #starts = 0
  #isStarting = false
  #hasFailed = false
  #why = ''
  #starting: Promise<RunnerChild | undefined>

  constructor(options: RunnerChildOptions, listeners: Listeners) {
    this.#options = options
    this.#listeners = listeners
    this.#starting = this.#start()
  }

  /** The child, as soon as it takes commands. @returns undefined when none can be started; `why` says the reason */
  ready(): Promise<RunnerChild | undefined> {
    // Whoever asks again may have mended what was wrong.
    if (this.#hasFailed) {
      this.#starts = 0
      this.#starting = this.#start()
    }
    return this.#starting
  }

  /** What the last child said that could not be started. */
  get why(): string {
    return this.#why
  }

  /** Kills the child with all that it has started, and starts a fresh one. One that is just being started is fresh. */
  replace(): void {
    if (this.#isStarting) return
    void this.#child?.kill()
    this.#child = undefined
    this.#starting = this.#start()
  }

  /** The child has been of use: its end, when it comes, says nothing of how a fresh one would start. */
  worked(): void {
    this.#starts = 0
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#child?.kill()
  }

  async #start(): Promise<RunnerChild | undefined> {
    this.#hasFailed = false
    this.#isStarting = true
    const child = await this.#startUntilReady()
    this.#isStarting = false
    this.#hasFailed = child === undefined
    return child
  }

  async #startUntilReady(): Promise<RunnerChild | undefined> {
    while (this.#starts < maxStarts && !this.#closing.signal.aborted) {
      if (this.#starts > 0) await this.#wait(firstWaitMs * 2 ** (this.#starts - 1))
      if (this.#closing.signal.aborted) break
      this.#starts += 1
      const child = this.#fork()
      this.#child = child
      if (await child.isReady) return child
    }
    return undefined
  }

  #fork(): RunnerChild {
    const child: RunnerChild = new RunnerChild(this.#options, {
      message: (message) => {
        if (child === this.#child) this.#listeners.message(message)
      },
      exit: (why, wasReady) => {
        this.#why = why
        if (child !== this.#child || this.#closing.signal.aborted || !wasReady) return
        this.#starting = this.#start()
        this.#listeners.exit(why)
      },
    })
    return child
  }

  async #wait(ms: number): Promise<void> {
    try {
      await sleep(ms, undefined, { signal: this.#closing.signal })
    } catch {
      // Closed meanwhile; the loop looks.
    }
  }
}
