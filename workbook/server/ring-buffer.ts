/** The newest records of one target; the oldest go when there are too many, or too many bytes of them. */
export class RingBuffer {
  /** how many had to go */
  forgotten = 0
  readonly #maxRecords: number
  readonly #maxBytes: number
  #records: Uint8Array[] = []
  /** index of the oldest record that is still remembered */
  #first = 0
  #bytes = 0

  constructor(maxRecords: number, maxBytes: number) {
    this.#maxRecords = maxRecords
    this.#maxBytes = maxBytes
  }

  push(record: Uint8Array): void {
    this.#records.push(record)
    this.#bytes += record.length
    while (this.#records.length - this.#first > this.#maxRecords || this.#bytes > this.#maxBytes) this.#forgetOldest()
  }

  /** Oldest first. */
  records(): Uint8Array[] {
    return this.#records.slice(this.#first)
  }

  #forgetOldest(): void {
    this.#bytes -= this.#records[this.#first]!.length
    // An empty place instead of a shift: moving every record for every new one would cost more than the copy itself.
    this.#records[this.#first++] = empty
    this.forgotten++
    if (this.#first >= this.#maxRecords) {
      this.#records = this.#records.slice(this.#first)
      this.#first = 0
    }
  }
}

const empty = new Uint8Array(0)
