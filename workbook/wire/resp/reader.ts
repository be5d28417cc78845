import type { Problem } from '../model/problem.ts'
import { type Sentence, sentence } from '../model/sentence.ts'
import type { Unit } from '../model/unit.ts'
import type { ByteStream } from '../stream/byte-stream.ts'
import { BytesReader } from '../stream/bytes-reader.ts'
import type { Reader, Step } from '../stream/reader.ts'
import { respTypes, specification } from './types.ts'

/** The longest line that says a length, in bytes: `$` and twenty digits. Lines of text may be longer. */
const maxLengthLine = 24

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

  read(stream: ByteStream): Step {
    while (stream.slice()) {
      const wrong = this.#blob > 0 ? this.#takeBlob(stream) : this.#takeLine(stream)
      if (wrong) return this.#giveUp(stream, wrong)
      if (this.#values === 0 && this.#blob === 0) return this.#finish(stream)
    }
    return 'more'
  }

  incomplete(stream: ByteStream): Unit {
    return { kind: 'resp', ...stream.describe(), missing: Math.max(1, this.#blob) }
  }

  #takeBlob(stream: ByteStream): undefined {
    const before = stream.unit.length
    stream.take(this.#blob)
    this.#blob -= stream.unit.length - before
    return undefined
  }

  /** @returns what is wrong with a line that has ended */
  #takeLine(stream: ByteStream): Sentence | undefined {
    const { bytes, at } = stream.slice()!
    const end = bytes.indexOf(0x0a, at)
    const next = end < 0 ? bytes.length : end + 1
    const seen = bytes.subarray(at, Math.min(next, at + maxLengthLine - this.#line.length))
    this.#line += String.fromCharCode(...seen)
    stream.take(next - at)
    if (end < 0) return undefined
    const line = this.#line
    this.#line = ''
    return this.#follow(line)
  }

  /** Counts what a line promises. */
  #follow(line: string): Sentence | undefined {
    const type = respTypes[line[0] ?? '']
    // Somebody types commands by hand: a line of words is one, too.
    if (!type) return this.#values === 1 && /^[A-Za-z\r\n]/.test(line) ? this.#end() : unknownType(line)
    if (type.shape === 'line') return this.#end()
    const digits = line.slice(1).trimEnd()
    if (digits === '?') return sentence('resp.streamed', { type: type.name })
    if (!/^(?:-1|\d{1,15})$/.test(digits)) return sentence('resp.no-length', { type: type.name, digits })
    const count = Number(digits)
    if (count < 0) return this.#end()
    if (type.shape === 'blob') this.#blob = count + 2
    // An attribute stands before the value that it is about, and is none itself.
    if (type.shape === 'pairs') this.#values += 2 * count + (type.name === 'attribute' ? 1 : 0)
    if (type.shape === 'list') this.#values += count
    return this.#end()
  }

  #end(): undefined {
    this.#values--
    return undefined
  }

  #finish(stream: ByteStream): Step {
    this.#values = 1
    return { unit: { kind: 'resp', ...stream.finish() } }
  }

  #giveUp(stream: ByteStream, text: Sentence): Step {
    const problem: Problem = { field: 'type', text, rfc: specification, severity: 'broken' }
    const unit: Unit = { kind: 'resp', ...stream.finish(), problems: [problem] }
    return { unit, next: new BytesReader(sentence('resp.after-unread')) }
  }
}

function unknownType(line: string): Sentence {
  return sentence('resp.unknown-type', { byte: JSON.stringify(line.slice(0, 1)) })
}
