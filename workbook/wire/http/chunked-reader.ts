import { sentence } from '../model/sentence.ts'
import type { Unit } from '../model/unit.ts'
import { BytesReader } from '../plain/reader.ts'
import type { ByteStream } from '../stream/byte-stream.ts'
import type { Reader, Step } from '../stream/reader.ts'
import { ChunkedBody } from './chunked.ts'
import { cutShort } from './cut-short.ts'

/** Reads content whose parts each say their size (RFC 9112 §7.1), as one unit. */
export class ChunkedReader implements Reader {
  readonly cutShort = cutShort
  readonly #body = new ChunkedBody()
  readonly #next: () => Reader

  /** @param next who reads what follows */
  constructor(next: () => Reader) {
    this.#next = next
  }

  read(stream: ByteStream): Step {
    const { bytes, at } = stream.oldest()!
    const { count, state } = this.#body.take(bytes.subarray(at))
    stream.take(count)
    if (state === 'open') return {}
    const next = state === 'ended' ? this.#next() : new BytesReader(sentence('http.after-bad-chunk'))
    return { unit: { kind: 'body', ...stream.finish(), chunked: true }, next }
  }

  incomplete(stream: ByteStream): Unit {
    return { kind: 'body', ...stream.describe(), chunked: true, missing: 1 }
  }
}
