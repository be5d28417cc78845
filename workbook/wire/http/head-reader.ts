import { sentence } from '../model/sentence.ts'
import type { Unit } from '../model/unit.ts'
import { BytesReader } from '../plain/reader.ts'
import type { ByteStream } from '../stream/byte-stream.ts'
import type { Reader, Step } from '../stream/reader.ts'
import { cutShort } from './cut-short.ts'
import { type Head, parseHead } from './head.ts'
import { HeadEnd } from './head-stream.ts'

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
  readonly #type: Head['type']
  #end = new HeadEnd()

  /** @param type what its side of the connection sends */
  constructor(listener: HeadListener, type: Head['type']) {
    this.#listener = listener
    this.#type = type
  }

  read(stream: ByteStream): Step {
    const { bytes, at } = stream.oldest()!
    const most = Math.min(bytes.length, at + maxHeadBytes - stream.arriving.length)
    const end = this.#end.push(bytes.subarray(at, most))
    stream.take(end ?? most - at)
    if (end !== undefined) return this.#finish(stream)
    return stream.arriving.length === maxHeadBytes ? this.#giveUp(stream) : {}
  }

  incomplete(stream: ByteStream): Unit {
    return { kind: 'bytes', ...stream.describe(), why: sentence('http.open-head'), missing: 1 }
  }

  #finish(stream: ByteStream): Step {
    this.#end = new HeadEnd()
    const parts = stream.finish()
    const head = parseHead(parts.bytes)
    // Where HTTP was only expected, nobody has looked at the first line yet.
    if (head?.type !== this.#type) {
      const why = sentence('bytes.unknown')
      return { unit: { kind: 'bytes', ...parts, why }, next: new BytesReader(why) }
    }
    const next = this.#listener.onHead(head)
    return { unit: { kind: 'head', ...parts, head, problems: head.problems }, next }
  }

  #giveUp(stream: ByteStream): Step {
    this.#end = new HeadEnd()
    const unit: Unit = { kind: 'bytes', ...stream.finish(), why: sentence('http.long-head') }
    return { unit, next: new BytesReader(sentence('http.after-long-head')) }
  }
}
