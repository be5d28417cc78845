/**
 * Finds out whether the other end is still there. A peer whose cable was cut says nothing, not even goodbye. Time is an
 * argument, so a test needs no patience.
 */
export class Heartbeat {
  readonly #interval: number
  #lastSeen: number
  #bytesRead = 0
  #asked = false

  /** @param interval milliseconds of silence after which we ask, and after which a silent peer is gone */
  constructor(interval: number, now: number) {
    this.#interval = interval
    this.#lastSeen = now
  }

  /**
   * What to do now. Looked at once per interval, so that traffic itself costs nothing.
   *
   * @param bytesRead all bytes that have come since the beginning: more than last time means that somebody is there
   */
  due(now: number, bytesRead: number): 'ping' | 'gone' | undefined {
    if (bytesRead !== this.#bytesRead) {
      this.#bytesRead = bytesRead
      this.#lastSeen = now
      this.#asked = false
    }
    if (now - this.#lastSeen < this.#interval) return undefined
    if (this.#asked) return 'gone'
    this.#asked = true
    return 'ping'
  }
}
