import type { Chunk } from '../model/chunk.ts'
import { Collector, type Slice } from '../stream/collector.ts'

/** What one side of a connection said: a line, or a frame of a protocol that has frames. */
export interface Said {
  /** without what frames it; of a very long one only the first part */
  data: Uint8Array
  /** how many chunks brought it */
  chunks: number
  /** of a frame that carries one */
  name?: string
}

/** Finds what one side said, however the stream was cut into chunks. */
export abstract class SaidReader {
  #unit = new Collector()

  /** Takes what the slice has of the unit. @returns whether the unit is complete */
  protected abstract take(unit: Collector, slice: Slice): boolean
  /** @param bytes a complete unit, with what frames it */
  protected abstract read(bytes: Uint8Array): Omit<Said, 'chunks'>

  /** @returns what the chunk completes */
  push({ bytes, sequence, time }: Chunk): Said[] {
    const slice: Slice = { bytes, at: 0, sequence, time }
    const said: Said[] = []
    while (slice.at < bytes.length && this.take(this.#unit, slice)) {
      said.push({ ...this.read(this.#unit.bytes()), chunks: this.#unit.pieces.length })
      this.#unit = new Collector()
    }
    return said
  }
}

/** Finds lines. */
export class LineReader extends SaidReader {
  protected take(unit: Collector, slice: Slice): boolean {
    return takeLine(unit, slice)
  }

  protected read(bytes: Uint8Array): Omit<Said, 'chunks'> {
    return { data: lineOf(bytes) }
  }
}

/** Takes bytes up to a line feed. */
export function takeLine(unit: Collector, slice: Slice): boolean {
  const end = slice.bytes.indexOf(0x0a, slice.at)
  unit.take(slice, end < 0 ? Number.POSITIVE_INFINITY : end + 1 - slice.at)
  return end >= 0
}

/** The line without its LF or CRLF. */
export function lineOf(bytes: Uint8Array): Uint8Array {
  const end = bytes.length - (bytes.at(-1) === 0x0a ? 1 : 0)
  return bytes.subarray(0, end - (bytes[end - 1] === 0x0d ? 1 : 0))
}
