/** Which lab is graded next. One at a time: two at once would make each other late. */
export class Queue {
  readonly #grade: (stem: string) => Promise<void>
  #waiting: string[] = []
  #running: { stem: string } | undefined

  /** @param grade settles when the run has ended; called again before that, it breaks the earlier run off */
  constructor(grade: (stem: string) => Promise<void>) {
    this.#grade = grade
  }

  /** Grades the lab after those that wait already. */
  add(stem: string): void {
    if (!this.#waiting.includes(stem)) this.#waiting.push(stem)
    if (!this.#running) this.#next()
  }

  /** Grades the lab now. What runs is broken off, and has its turn again unless it is the same lab. */
  addFirst(stem: string): void {
    const interrupted = this.#running ? [this.#running.stem] : []
    this.#waiting = [...new Set([stem, ...interrupted, ...this.#waiting])]
    this.#next()
  }

  clear(): void {
    this.#waiting = []
  }

  #next(): void {
    const stem = this.#waiting.shift()
    this.#running = stem === undefined ? undefined : { stem }
    if (stem === undefined) return
    const run = this.#running
    const ended = () => {
      if (this.#running === run) this.#next()
    }
    this.#grade(stem).then(ended, ended)
  }
}
