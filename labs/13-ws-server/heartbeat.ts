/**
 * Finds out whether the other end is still there. A peer whose cable was cut says nothing, not even goodbye. Time is an
 * argument, so a test needs no patience.
 */
export class Heartbeat {
  readonly #interval: number
  #lastSeen: number
  #asked = false

  /** @param interval of silence, in milliseconds, after which we ask, and after which a silent peer is gone */
  constructor(interval: number, now: number) {
    this.#interval = interval
    this.#lastSeen = now
  }

  /** Something came. */
  seen(now: number): void {
    this.#lastSeen = now
    this.#asked = false
  }

  /** What to do now, when it is looked at once per interval. */
  due(now: number): 'ping' | 'gone' | undefined {
    if (now - this.#lastSeen < this.#interval) return undefined
    if (this.#asked) return 'gone'
    this.#asked = true
    return 'ping'
  }
}
