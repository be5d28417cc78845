import type { Direction } from '../model/chunk.ts'
import type { UnitParts } from '../model/unit.ts'
import { Collector, type Slice } from './collector.ts'

/** One direction of a connection: the bytes that nobody has read yet, and the unit that is arriving. It knows no protocol. */
export class ByteStream {
  readonly direction: Direction
  /** offset of the unit that is arriving, in bytes from the beginning of the stream */
  offset = 0
  /** what was taken of the unit that is arriving */
  arriving = new Collector()
  readonly #slices: Slice[] = []
  #unread = 0
  /** the first unread bytes of several chunks, joined once; `#joined` tells of how many chunks */
  #front = new Uint8Array()
  #frontLength = 0
  #joined = 0

  constructor(direction: Direction) {
    this.direction = direction
  }

  push(bytes: Uint8Array, sequence: number, time: number): void {
    if (bytes.length === 0) return
    // Of a Buffer `slice` is no copy, so none gets further than here.
    const plain =
      bytes.constructor === Uint8Array ? bytes : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
    this.#slices.push({ bytes: plain, at: 0, sequence, time })
    this.#unread += bytes.length
  }

  /** The part of the oldest chunk that was not read; `undefined` when everything was. */
  oldest(): Slice | undefined {
    while (this.#slices[0] && this.#slices[0].at === this.#slices[0].bytes.length) this.#slices.shift()
    return this.#slices[0]
  }

  /** The unread bytes, at most `count`, without taking them. */
  peek(count: number): Uint8Array {
    const first = this.oldest()
    if (!first) return none
    if (this.#slices.length === 1 || first.bytes.length - first.at >= count)
      return first.bytes.subarray(first.at, first.at + count)
    while (this.#joined < this.#slices.length && this.#frontLength < count) this.#join(this.#slices[this.#joined++]!)
    return this.#front.subarray(0, Math.min(count, this.#frontLength))
  }

  #join({ bytes, at }: Slice): void {
    const length = this.#frontLength + bytes.length - at
    if (length > this.#front.length) {
      const larger = new Uint8Array(Math.max(64, 2 * length))
      larger.set(this.#front.subarray(0, this.#frontLength))
      this.#front = larger
    }
    this.#front.set(bytes.subarray(at), this.#frontLength)
    this.#frontLength = length
  }

  /** How many bytes wait to be read. */
  get unread(): number {
    return this.#unread
  }

  /** How many chunks have bytes that wait to be read. */
  get unreadChunks(): number {
    return this.#slices.length
  }

  /** Takes bytes of one chunk into the unit, at most `count`. */
  take(count: number): void {
    const slice = this.oldest()
    if (!slice) return
    this.#unread -= this.arriving.take(slice, count)
    this.#joined = this.#frontLength = 0
  }

  /** Takes bytes until the unit has `length` of them. @returns whether it has */
  takeTo(length: number): boolean {
    while (this.arriving.length < length && this.oldest()) this.take(length - this.arriving.length)
    return this.arriving.length >= length
  }

  /**
   * The parts that every unit has, from the bytes that were taken; the conversation counts it. The next byte begins
   * another unit.
   */
  finish(): UnitParts {
    const parts = this.describe()
    this.offset += this.arriving.length
    this.arriving = new Collector()
    return parts
  }

  /** The same of the unit as far as it has arrived; it goes on. */
  describe(): UnitParts {
    const { length, pieces, time, completed } = this.arriving
    return {
      index: 0,
      direction: this.direction,
      offset: this.offset,
      length,
      bytes: this.arriving.bytes(),
      pieces,
      time,
      completed,
      problems: [],
    }
  }

  /** The bytes that wait to be read as if they were a unit. */
  describeUnread(): UnitParts {
    const look = new ByteStream(this.direction)
    look.offset = this.offset
    for (const slice of this.#slices) look.arriving.take({ ...slice }, slice.bytes.length)
    return look.describe()
  }
}

const none = new Uint8Array()
