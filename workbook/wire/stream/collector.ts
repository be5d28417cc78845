import { maxKept, maxPieces, type Piece } from '../model/unit.ts'

/** The part of a chunk that was not read yet. */
export interface Slice {
  bytes: Uint8Array
  /** offset of the next byte to read */
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
  /** what was kept: a view of the chunk while only one has brought bytes, and then a buffer of our own */
  #kept: Uint8Array = none
  #isOwn = false
  #keptLength = 0

  /** Moves up to `count` bytes from the slice to the unit. @returns how many there were */
  take(slice: Slice, count: number): number {
    const end = Math.min(slice.bytes.length, slice.at + count)
    const taken = end - slice.at
    if (taken === 0) return 0
    this.#remember(slice)
    this.#keep(slice.bytes, slice.at, Math.min(end, slice.at + limit - this.#keptLength))
    this.length += taken
    slice.at = end
    return taken
  }

  /** What was kept, as a copy of its own: a unit must not hold on to the chunk that it came in. */
  bytes(): Uint8Array {
    return this.#kept.slice(0, this.#keptLength)
  }

  /** One of the bytes that were kept. */
  byte(index: number): number {
    return this.#kept[index]!
  }

  /** What was kept, without a copy. */
  peek(): Uint8Array {
    return this.#kept.subarray(0, this.#keptLength)
  }

  #remember({ sequence, time }: Slice): void {
    if (this.length === 0) this.time = time
    this.completed = time
    const last = this.pieces[this.pieces.length - 1]
    if (last?.sequence !== sequence && this.pieces.length < maxPieces)
      this.pieces.push({ sequence, start: this.length })
  }

  #keep(bytes: Uint8Array, from: number, to: number): void {
    const length = this.#keptLength + to - from
    if (this.#keptLength === 0) this.#kept = bytes.subarray(from, to)
    else {
      this.#makeRoom(length)
      this.#kept.set(bytes.subarray(from, to), this.#keptLength)
    }
    this.#keptLength = length
  }

  /** Doubling keeps one byte at a time linear; a length that was only announced allocates nothing. */
  #makeRoom(length: number): void {
    if (this.#isOwn && length <= this.#kept.length) return
    const larger = new Uint8Array(Math.max(64, this.#keptLength * 2, length))
    larger.set(this.#kept.subarray(0, this.#keptLength))
    this.#kept = larger
    this.#isOwn = true
  }
}

const none = new Uint8Array()
/** A payload of exactly `maxKept` bytes is kept whole: the longest header of a frame has 14 bytes. */
const limit = maxKept + 14
