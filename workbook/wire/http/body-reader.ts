import type { Unit } from '../model/unit.ts'
import type { ByteStream } from '../stream/byte-stream.ts'
import type { Reader, Step } from '../stream/reader.ts'
import { cutShort } from './cut-short.ts'

/** Reads the content of a message whose length is known, or that ends with the connection (RFC 9112 §6.3). */
export class BodyReader implements Reader {
  readonly cutShort = cutShort
  readonly #length: number
  readonly #next: () => Reader

  /** @param length in bytes; infinite when the content ends with the connection @param next who reads what follows */
  constructor(length: number, next: () => Reader) {
    this.#length = length
    this.#next = next
  }

  read(stream: ByteStream): Step {
    if (!stream.takeTo(this.#length)) return 'more'
    return { unit: { kind: 'body', ...stream.finish(), chunked: false }, next: this.#next() }
  }

  incomplete(stream: ByteStream): Unit {
    const missing = this.#length - stream.arriving.length
    return { kind: 'body', ...stream.describe(), chunked: false, ...(Number.isFinite(missing) ? { missing } : {}) }
  }
}
