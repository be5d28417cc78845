// Given: bytes that have arrived and that nobody has taken yet.

/** Bytes go in at one end and out at the other. Each is copied a bounded number of times, however small the chunks. */
export class ByteQueue {
  #store = Buffer.alloc(0)
  #start = 0
  #end = 0

  /** bytes that wait */
  get length(): number {
    return this.#end - this.#start
  }

  /** Takes bytes in, by a copy. */
  push(chunk: Uint8Array): void {
    if (this.#end + chunk.length > this.#store.length) this.#makeRoom(chunk.length)
    this.#store.set(chunk, this.#end)
    this.#end += chunk.length
  }

  /** The first `length` bytes, which leave the queue; fewer when there are not so many. */
  take(length: number): Buffer {
    const taken = Buffer.from(this.#store.subarray(this.#start, Math.min(this.#start + length, this.#end)))
    this.#start += taken.length
    if (this.#start === this.#end) {
      this.#start = this.#end = 0
      // One long message must not hold its memory for the life of the connection.
      if (this.#store.length > 64 * 1024) this.#store = Buffer.alloc(0)
    }
    return taken
  }

  /** Where `delimiter` begins, counted from the first byte of the queue; -1 when it has not come. */
  indexOf(delimiter: Uint8Array, from = 0): number {
    return this.#store.subarray(this.#start, this.#end).indexOf(delimiter, from)
  }

  /** Moves what is there to the front, in a store twice as large when it is full: so growing costs little on average. */
  #makeRoom(extra: number): void {
    const waiting = this.#store.subarray(this.#start, this.#end)
    const needed = waiting.length + extra
    const store = needed * 2 <= this.#store.length ? this.#store : Buffer.allocUnsafe(Math.max(1024, needed * 2))
    store.set(waiting, 0)
    this.#store = store
    this.#start = 0
    this.#end = waiting.length
  }
}
