import type { Unit } from '../model/unit.ts'
import type { ByteStream } from '../stream/byte-stream.ts'
import { BytesReader } from '../stream/bytes-reader.ts'
import type { Reader, Step } from '../stream/reader.ts'
import { cutShort } from './cut-short.ts'
import { type Head, parseHead } from './head.ts'

/** A head that has not ended after so many bytes is shown as bytes. */
const maxHeadBytes = 64 * 1024

/** What becomes of a head: who reads what follows it. */
interface HeadListener {
  onHead(head: Head): Reader
}

/** Reads the head of a request or a response, first line to empty line (RFC 9112 §2.1). */
export class HeadReader implements Reader {
  readonly cutShort = cutShort
  readonly #listener: HeadListener
  /** length of the line that is arriving so far, in bytes */
  #lineLength = 0

  constructor(listener: HeadListener) {
    this.#listener = listener
  }

  read(stream: ByteStream): Step {
    const { bytes, at } = stream.slice()!
    const most = Math.min(bytes.length, at + maxHeadBytes - stream.unit.length)
    let end = at
    let hasEnded = false
    while (end < most && !hasEnded) {
      const byte = bytes[end++]!
      if (byte === 0x0a) {
        hasEnded = this.#lineLength === 0
        this.#lineLength = 0
      } else if (byte !== 0x0d) this.#lineLength++
    }
    stream.take(end - at)
    if (hasEnded) return this.#finish(stream)
    return stream.unit.length === maxHeadBytes ? this.#giveUp(stream) : {}
  }

  incomplete(stream: ByteStream): Unit {
    return { kind: 'bytes', ...stream.describe(), why: 'a head that has not ended', missing: 1 }
  }

  #finish(stream: ByteStream): Step {
    const parts = stream.finish()
    // Its first line was recognised, so there is a head.
    const head = parseHead(parts.bytes)!
    const next = this.#listener.onHead(head)
    return { unit: { kind: 'head', ...parts, head, problems: head.problems }, next }
  }

  #giveUp(stream: ByteStream): Step {
    this.#lineLength = 0
    const unit: Unit = { kind: 'bytes', ...stream.finish(), why: 'a head of 64 KiB that has not ended' }
    return { unit, next: new BytesReader('after a head of 64 KiB that had not ended') }
  }
}
