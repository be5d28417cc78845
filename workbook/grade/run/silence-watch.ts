import { sampleThread, type ThreadSample } from './thread-clock.ts'

/** How long a lab may be silent; all times in milliseconds. */
export interface SilenceLimits {
  /** time that it computes: after this it loops */
  computingMs: number
  /** time that it sleeps in a call, where the system tells that it does */
  asleepMs: number
  /** time in which neither can be said: the machine is too busy, or the system tells nothing */
  silentMs: number
}

/** What a silence means. */
export interface Silence {
  means: 'loops' | 'sleeps' | 'unknown'
  /** the machine gave the lab so little time that it deserves another try */
  isBusy: boolean
}

/** What a reader's lab gets: a loop is named within five seconds of a save, and nothing else is ever called a loop. */
export const readersLimits: SilenceLimits = { computingMs: 2500, asleepMs: 15_000, silentMs: 60_000 }

/** How often we look, in milliseconds. */
const lookEveryMs = 250

/**
 * Watches the thread in which a lab runs, from the main thread of the same process, which the lab cannot hold up. Time
 * counts as far as the thread has computed: on a busy machine it may be silent for long without any fault of its own.
 * Other time counts only in steps in which we ourselves had our turn, so a machine that is asleep is not held against it.
 */
export class SilenceWatch {
  readonly #tell: (silence: Silence) => void
  readonly #sample: (thread?: number) => ThreadSample
  #limits = readersLimits
  #timer: NodeJS.Timeout | undefined
  #thread: number | undefined
  #hasBegun = false
  #lastSign: { at: number; cpuMs: number } = { at: 0, cpuMs: 0 }
  #looks = 0
  #looksAsleep = 0

  /** @param tell gets what the silence of a run means, at most once for each run */
  constructor(tell: (silence: Silence) => void, sample = sampleThread) {
    this.#tell = tell
    this.#sample = sample
  }

  /** A run begins; its thread is heard of later. */
  start(limits: SilenceLimits): void {
    this.stop()
    this.#limits = limits
    this.#thread = undefined
    this.#hasBegun = false
    this.#note()
    this.#timer = setInterval(() => this.#look(), lookEveryMs)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  /** The thread has given a sign of life. @param thread its number, where it says so */
  sign(thread?: number): void {
    this.#hasBegun = true
    if (thread !== undefined) this.#thread = thread
    this.#note()
  }

  #note(): void {
    this.#lastSign = { at: performance.now(), cpuMs: this.#sample(this.#thread).cpuMs }
    this.#looks = 0
    this.#looksAsleep = 0
  }

  #look(): void {
    const { cpuMs, isAsleep } = this.#sample(this.#thread)
    this.#looks += 1
    if (isAsleep) this.#looksAsleep += 1
    const computedMs = cpuMs - this.#lastSign.cpuMs
    const silentMs = this.#looks * lookEveryMs
    const passedMs = performance.now() - this.#lastSign.at
    // Before its first sign of life no line of the lab has run.
    if (this.#hasBegun && computedMs >= this.#limits.computingMs) {
      this.#end({ means: 'loops', isBusy: passedMs > 3 * computedMs })
    } else if (this.#hasBegun && this.#looksAsleep * lookEveryMs >= this.#limits.asleepMs && this.#isMostlyAsleep()) {
      this.#end({ means: 'sleeps', isBusy: passedMs > 1.5 * silentMs })
    } else if (silentMs >= this.#limits.silentMs) {
      this.#end({ means: 'unknown', isBusy: true })
    }
  }

  #isMostlyAsleep(): boolean {
    return this.#looksAsleep >= 0.9 * this.#looks
  }

  #end(silence: Silence): void {
    this.stop()
    this.#tell(silence)
  }
}
