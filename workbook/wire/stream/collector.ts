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
  /** where what was kept stands: in the chunk while only one has brought bytes, and then in a buffer of our own */
  #source: Uint8Array = none
  #start = 0
  #kept = 0
  #isOwn = false

  /** Moves up to `count` bytes from the slice to the unit. @returns how many there were */
  take(slice: Slice, count: number): number {
    const from = slice.at
    const end = Math.min(slice.bytes.length, from + count)
    const taken = end - from
    if (taken === 0) return 0
    this.#remember(slice)
    this.#keep(slice.bytes, from, Math.min(taken, limit - this.#kept))
    this.length += taken
    slice.at = end
    return taken
  }

  /** What was kept, as a copy of its own: a unit must not hold on to the chunk that it came in. */
  bytes(): Uint8Array {
    return this.#source.slice(this.#start, this.#start + this.#kept)
  }

  /** One of the bytes that were kept. */
  byte(index: number): number {
    return this.#source[this.#start + index]!
  }

  /** Reads in place what was kept. @param read gets the bytes around it, and the offsets of its first byte and behind its last */
  look<T>(read: (bytes: Uint8Array, at: number, end: number) => T): T {
    return read(this.#source, this.#start, this.#start + this.#kept)
  }

  #remember({ sequence, time }: Slice): void {
    if (this.length === 0) this.time = time
    this.completed = time
    const last = this.pieces[this.pieces.length - 1]
    if (last?.sequence !== sequence && this.pieces.length < maxPieces)
      this.pieces.push({ sequence, start: this.length })
  }

  #keep(bytes: Uint8Array, from: number, count: number): void {
    if (this.#kept === 0) {
      this.#source = bytes
      this.#start = from
    } else if (this.#isOwn || bytes !== this.#source || from !== this.#start + this.#kept) {
      this.#makeRoom(this.#kept + count)
      this.#source.set(bytes.subarray(from, from + count), this.#kept)
    }
    this.#kept += count
  }

  /** Doubling keeps one byte at a time linear; a length that was only announced allocates nothing. */
  #makeRoom(length: number): void {
    if (this.#isOwn && length <= this.#source.length) return
    const larger = new Uint8Array(Math.max(64, this.#kept * 2, length))
    larger.set(this.#source.subarray(this.#start, this.#start + this.#kept))
    this.#source = larger
    this.#start = 0
    this.#isOwn = true
  }
}

const none = new Uint8Array()
/** A payload of exactly `maxKept` bytes is kept whole: the longest header of a frame has 14 bytes. */
const limit = maxKept + 14
