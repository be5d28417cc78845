import type { Sentence } from '../model/sentence.ts'
import type { Unit } from '../model/unit.ts'
import type { ByteStream } from '../stream/byte-stream.ts'
import type { Reader, Step } from '../stream/reader.ts'

/** Takes bytes of no protocol as they come: one unit a chunk. */
export class BytesReader implements Reader {
  readonly #why: Sentence

  /** @param why what came before or is missing */
  constructor(why: Sentence) {
    this.#why = why
  }

  read(stream: ByteStream): Step {
    stream.take(Number.POSITIVE_INFINITY)
    return { unit: { kind: 'bytes', ...stream.finish(), why: this.#why } }
  }

  incomplete(stream: ByteStream): Unit {
    return { kind: 'bytes', ...stream.describe(), why: this.#why }
  }
}
