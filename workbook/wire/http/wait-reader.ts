import type { Direction } from '../model/chunk.ts'
import { type Sentence, sentence } from '../model/sentence.ts'
import { maxKept, maxPieces, type Unit } from '../model/unit.ts'
import { BytesReader } from '../plain/reader.ts'
import type { ByteStream } from '../stream/byte-stream.ts'
import type { Reader, Step } from '../stream/reader.ts'

/** What is known of the answer that the client waits for. */
interface Answering {
  /** how many responses came that were not interim */
  readonly answers: number
  /** why there will be none; `undefined` while there may */
  readonly noAnswer: Sentence | undefined
  /** Who reads after a message: its next one, or what an upgrade led to. */
  next(direction: Direction): Reader
}

/** Waits, after a request for an upgrade, for the answer of the server: it decides what the client's next bytes are. */
export class WaitReader implements Reader {
  readonly #exchange: Answering
  readonly #answersBefore: number

  constructor(exchange: Answering) {
    this.#exchange = exchange
    this.#answersBefore = exchange.answers
  }

  read(stream: ByteStream): Step {
    const { answers, noAnswer } = this.#exchange
    if (answers > this.#answersBefore) return { next: this.#exchange.next('c2s') }
    if (noAnswer !== undefined) return { next: new BytesReader(noAnswer) }
    if (stream.unread <= maxKept && stream.unreadChunks <= maxPieces) return 'more'
    return { next: new BytesReader(sentence('http.before-answer')) }
  }

  incomplete(stream: ByteStream): Unit {
    return { kind: 'bytes', ...stream.describe(), why: sentence('bytes.open-line'), missing: 1 }
  }
}
