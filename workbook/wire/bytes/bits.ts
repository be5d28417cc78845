import type { Field } from '../model/field.ts'

/** The bytes end inside a unit: not an error on a stream, only a reason to wait. */
export class Truncated extends Error {
  readonly field: string
  /** how many bytes are missing to the end of what was being read, at least */
  readonly missing: number

  constructor(field: string, missing: number) {
    super(`${field}: ${missing} more ${missing === 1 ? 'byte' : 'bytes'} to come`)
    this.name = 'Truncated'
    this.field = field
    this.missing = missing
  }
}

/**
 * Reads fields one after another. Bit 0 is the most significant bit of byte 0, as in the diagrams of the RFCs.
 * Every field has a place for its note from the start: objects of one shape are three times as fast to make.
 */
export class BitReader {
  readonly #bytes: Uint8Array
  readonly #rfc: string
  /** the next bit to read */
  at: number

  /**
   * @param rfc the section that every field of this unit is described in
   * @param from the first byte to read; positions are still counted from the first byte of `bytes`
   */
  constructor(bytes: Uint8Array, rfc: string, from = 0) {
    this.#bytes = bytes
    this.#rfc = rfc
    this.at = from * 8
  }

  /** How many bytes are left. */
  get left(): number {
    return this.#bytes.length - this.at / 8
  }

  /** A reader of the next `count` bytes alone, which this one then has read. @throws {Truncated} */
  part(name: string, count: number): BitReader {
    const from = this.at / 8
    this.#require(name, count * 8)
    this.at += count * 8
    return new BitReader(this.#bytes.subarray(0, from + count), this.#rfc, from)
  }

  /** An unsigned number of 1 to 32 bits, most significant bit first. @throws {Truncated} */
  uint(name: string, bits: number): Field & { value: number } {
    this.#require(name, bits)
    const value = this.#number(this.at, bits)
    return this.#take({ name, start: this.at, length: bits, value, note: undefined, rfc: this.#rfc })
  }

  /** An unsigned number of 64 bits. A `number` holds integers only up to 2^53 - 1, so this is a `bigint`. @throws {Truncated} */
  uint64(name: string): Field & { value: bigint } {
    this.#require(name, 64)
    const value = BigInt(this.#number(this.at, 32)) * 2n ** 32n + BigInt(this.#number(this.at + 32, 32))
    return this.#take({ name, start: this.at, length: 64, value, note: undefined, rfc: this.#rfc })
  }

  /** A run of whole bytes; must start at a byte. @throws {Truncated} */
  raw(name: string, bytes: number): Field & { value: Uint8Array } {
    this.#require(name, bytes * 8)
    return this.some(name, bytes)
  }

  /** Like `raw`, but takes what is there when fewer bytes have arrived. */
  some(name: string, bytes: number): Field & { value: Uint8Array } {
    const from = this.at / 8
    const value = this.#bytes.slice(from, from + bytes)
    return this.#take({ name, start: this.at, length: value.length * 8, value, note: undefined, rfc: this.#rfc })
  }

  /** Takes from each byte the bits that belong to the number. */
  #number(from: number, bits: number): number {
    let value = 0
    for (let at = from; at < from + bits; ) {
      const count = Math.min(8 - (at & 7), from + bits - at)
      const byte = this.#bytes[at >> 3]!
      value = value * 2 ** count + ((byte >> (8 - (at & 7) - count)) & (2 ** count - 1))
      at += count
    }
    return value
  }

  #require(name: string, bits: number): void {
    const missing = this.at + bits - this.#bytes.length * 8
    if (missing > 0) throw new Truncated(name, Math.ceil(missing / 8))
  }

  #take<F extends Field>(field: F): F {
    this.at += field.length
    return field
  }
}

/** The fields up to the one that the bytes end in. */
export function untilTruncated(fields: Iterable<Field>): Field[] {
  const seen: Field[] = []
  try {
    for (const field of fields) seen.push(field)
  } catch (error) {
    if (!(error instanceof Truncated)) throw error
  }
  return seen
}
