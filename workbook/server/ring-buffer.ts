/** The newest chunks of one target, encoded; the oldest go when there are too many, or too many bytes of them. */
export class RingBuffer {
  /** how many chunks had to go */
  forgotten = 0
  readonly #maxChunks: number
  readonly #maxBytes: number
  #chunks: Uint8Array[] = []
  /** index of the oldest chunk that is still remembered */
  #first = 0
  #bytes = 0

  constructor(maxChunks: number, maxBytes: number) {
    this.#maxChunks = maxChunks
    this.#maxBytes = maxBytes
  }

  /** Adds a chunk as the newest. */
  push(encoded: Uint8Array): void {
    this.#chunks.push(encoded)
    this.#bytes += encoded.length
    while (this.#chunks.length - this.#first > this.#maxChunks || this.#bytes > this.#maxBytes) this.#forgetOldest()
  }

  /** The chunks, oldest first. */
  chunks(): Uint8Array[] {
    return this.#chunks.slice(this.#first)
  }

  #forgetOldest(): void {
    this.#bytes -= this.#chunks[this.#first]!.length
    // An empty place instead of a shift: moving every chunk for every new one would cost more than the copy itself.
    this.#chunks[this.#first++] = empty
    this.forgotten++
    if (this.#first >= this.#maxChunks) {
      this.#chunks = this.#chunks.slice(this.#first)
      this.#first = 0
    }
  }
}

const empty = new Uint8Array(0)
