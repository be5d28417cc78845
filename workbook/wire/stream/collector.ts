import { maxKept, maxPieces, type Piece } from '../model/unit.ts'

/** The part of a chunk that was not read yet. */
export interface Slice {
  bytes: Uint8Array
  /** of the next byte to read */
  at: number
  sequence: number
  time: number
}

/** Gathers the bytes of one unit from the chunks that bring them. A large unit is counted to its end, and kept in part. */
export class Collector {
  /** how many bytes were taken */
  length = 0
  time = 0
  completed = 0
  readonly pieces: Piece[] = []
  #buffer = new Uint8Array(64)
  #kept = 0

  /** Moves up to `count` bytes from the slice to the unit. @returns how many there were */
  take(slice: Slice, count: number): number {
    const end = Math.min(slice.bytes.length, slice.at + count)
    const taken = end - slice.at
    if (taken === 0) return 0
    this.#remember(slice)
    this.#keep(slice.bytes.subarray(slice.at, Math.min(end, slice.at + limit - this.#kept)))
    this.length += taken
    slice.at = end
    return taken
  }

  /** What was kept, as a copy of its own. */
  bytes(): Uint8Array {
    return this.#buffer.slice(0, this.#kept)
  }

  /** One of the bytes that were kept. */
  byte(index: number): number {
    return this.#buffer[index]!
  }

  /** What was kept, without a copy. */
  peek(): Uint8Array {
    return this.#buffer.subarray(0, this.#kept)
  }

  #remember({ sequence, time }: Slice): void {
    if (this.length === 0) this.time = time
    this.completed = time
    const last = this.pieces[this.pieces.length - 1]
    if (last?.sequence !== sequence && this.pieces.length < maxPieces)
      this.pieces.push({ sequence, start: this.length })
  }

  #keep(part: Uint8Array): void {
    if (this.#kept + part.length > this.#buffer.length) {
      // Doubling keeps one byte at a time linear; a length that was only announced allocates nothing.
      const larger = new Uint8Array(Math.max(this.#buffer.length * 2, this.#kept + part.length))
      larger.set(this.#buffer.subarray(0, this.#kept))
      this.#buffer = larger
    }
    this.#buffer.set(part, this.#kept)
    this.#kept += part.length
  }
}

/** A payload of exactly `maxKept` bytes is kept whole: the longest header of a frame has 14 bytes. */
const limit = maxKept + 14
