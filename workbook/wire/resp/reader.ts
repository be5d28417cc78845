import { latin1 } from '../bytes/latin1.ts'
import type { Problem } from '../model/problem.ts'
import { sentence } from '../model/sentence.ts'
import type { Unit } from '../model/unit.ts'
import { BytesReader } from '../plain/reader.ts'
import type { ByteStream } from '../stream/byte-stream.ts'
import type { Reader, Step } from '../stream/reader.ts'
import { isInline, readAnnouncement, type Unreadable } from './announcement.ts'
import { respTypes, specification } from './types.ts'

/** The longest line that says a length, in bytes: `$` and twenty digits. Lines of text may be longer. */
const maxLengthLine = 24
const crlf = [0x0d, 0x0a] as const

/**
 * Reads values of RESP2 and RESP3. A value may hold others: instead of a stack, the reader counts how many are still to
 * come, so what is promised costs nothing.
 */
export class RespReader implements Reader {
  readonly cutShort = { field: 'data', rfc: specification }
  /** values that are still to come until the unit is complete */
  #values = 1
  /** bytes of a blob that are still to come, its CRLF among them */
  #blob = 0
  /** the beginning of the line that is arriving */
  #line = ''
  /** the line is the first one of its unit */
  #isFirst = true

  read(stream: ByteStream): Step {
    while (stream.oldest()) {
      const wrong = this.#blob > 0 ? this.#takeBlob(stream) : this.#takeLine(stream)
      if (wrong) return giveUp(stream, wrong)
      if (this.#values === 0 && this.#blob === 0) return this.#finish(stream)
    }
    return 'more'
  }

  incomplete(stream: ByteStream): Unit {
    return { kind: 'resp', ...stream.describe(), missing: Math.max(1, this.#blob) }
  }

  #takeBlob(stream: ByteStream): Unreadable | undefined {
    if (this.#blob <= crlf.length) return this.#takeEnd(stream)
    const before = stream.arriving.length
    stream.take(this.#blob - crlf.length)
    this.#blob -= stream.arriving.length - before
    return undefined
  }

  #takeEnd(stream: ByteStream): Unreadable | undefined {
    const { bytes, at } = stream.oldest()!
    const isRight = bytes[at] === crlf[crlf.length - this.#blob]
    stream.take(1)
    this.#blob--
    return isRight ? undefined : { field: 'data', text: sentence('resp.no-end') }
  }

  #takeLine(stream: ByteStream): Unreadable | undefined {
    const { bytes, at } = stream.oldest()!
    const end = bytes.indexOf(0x0a, at)
    const length = (end < 0 ? bytes.length : end + 1) - at
    const room = maxLengthLine - this.#line.length
    this.#line += latin1(bytes.subarray(at, at + Math.min(length, room)))
    const isCommand = this.#isFirst && isInline(this.#line, stream.direction)
    const isText = isCommand || respTypes[this.#line.charAt(0)]?.shape === 'line'
    stream.take(isText ? length : Math.min(length, room))
    const isWhole = end >= 0 && (isText || length <= room)
    if (!isWhole && (isText || length < room)) return undefined
    const wrong = isCommand ? undefined : this.#follow(this.#line)
    this.#values--
    this.#line = ''
    this.#isFirst = false
    return wrong
  }

  /** Counts what a line promises. */
  #follow(line: string): Unreadable | undefined {
    const announcement = readAnnouncement(line)
    if ('text' in announcement) return announcement
    // An attribute stands before the value that it is about, and is none itself.
    this.#values += announcement.values + (announcement.type.name === 'attribute' ? 1 : 0)
    if (announcement.blob !== undefined) this.#blob = announcement.blob + crlf.length
    return undefined
  }

  #finish(stream: ByteStream): Step {
    this.#values = 1
    this.#isFirst = true
    return { unit: { kind: 'resp', ...stream.finish() } }
  }
}

function giveUp(stream: ByteStream, { field, text }: Unreadable): Step {
  const problem: Problem = { field, text, rfc: specification, severity: 'broken' }
  const unit: Unit = { kind: 'resp', ...stream.finish(), problems: [problem] }
  return { unit, next: new BytesReader(sentence('resp.after-unread')) }
}
