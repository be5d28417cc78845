import type { Unit } from '../model/unit.ts'
import type { ByteStream } from '../stream/byte-stream.ts'
import type { Reader, Step } from '../stream/reader.ts'

/** Reads lines that end with LF or CRLF, as the chat of lab 07 speaks them. */
export class LineReader implements Reader {
  readonly cutShort = { field: 'lineEnd', rfc: 'chapter 02' }

  read(stream: ByteStream): Step {
    return takeLine(stream) ? { unit: { kind: 'line', ...stream.finish() } } : 'more'
  }

  incomplete(stream: ByteStream): Unit {
    return { kind: 'line', ...stream.describe(), missing: 1 }
  }
}

/** Takes the bytes of a line, its LF included. @returns whether it is complete */
export function takeLine(stream: ByteStream): boolean {
  for (let slice = stream.oldest(); slice; slice = stream.oldest()) {
    const end = slice.bytes.indexOf(0x0a, slice.at)
    stream.take(end < 0 ? Number.POSITIVE_INFINITY : end + 1 - slice.at)
    if (end >= 0) return true
  }
  return false
}
