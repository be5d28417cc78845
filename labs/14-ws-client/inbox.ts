type Message = string | Buffer

/** Messages that wait for a reader, or readers that wait for a message. */
export class Inbox {
  readonly #messages: Message[] = []
  readonly #readers: ((message: Message | null) => void)[] = []
  #size = 0
  #ended = false

  /** Bytes that wait, with something for each message, since empty ones take memory, too. */
  get size(): number {
    return this.#size
  }

  put(message: Message): void {
    const reader = this.#readers.shift()
    if (reader) return reader(message)
    this.#messages.push(message)
    this.#size += cost(message)
  }

  /** No more will be put. */
  end(): void {
    this.#ended = true
    for (const reader of this.#readers.splice(0)) reader(null)
  }

  /** The next message; `null` after the last one. */
  take(): Promise<Message | null> {
    // TODO 7: Give the oldest message that waits, and take its cost off #size. When none does, give null if the inbox has
    // ended; else wait: put a function into #readers, and put and end will call it. See the Node documentation of events.
    return Promise.resolve(this.#messages.shift() ?? null)
  }
}

function cost(message: Message): number {
  return message.length + 64
}
