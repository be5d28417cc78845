import { hexByte } from '../wire/bytes/hex.ts'
import type { FieldEntry } from './field-entries.ts'

/** The part of a field that stands in one row of the bit diagram. */
export interface Segment {
  entry: FieldEntry
  /** false when an earlier row holds the field's beginning */
  first: boolean
  /** `0` or `1` per bit */
  bits: number[]
  /** the whole bytes of this part as two hex digits each; empty for a part smaller than a byte */
  hex: string[]
}

interface BitRow {
  /** the offset of the row's first byte */
  offset: number
  segments: Segment[]
}

/** Payload bytes drawn as bits; the hex view has the rest. */
const maxPayloadBytesAsBits = 8

/**
 * Lays the fields of a frame out as the diagram of RFC 6455 §5.2, with only the fields that are there.
 *
 * @param width bits per row: 32 as in the RFC, 16 on a phone
 */
export function bitRows(bytes: Uint8Array, entries: FieldEntry[], width: number): BitRow[] {
  const top = entries.filter((entry) => entry.depth === 0 && entry.field.length > 0)
  const end = endOfBits(bytes, top)
  const rows: BitRow[] = []
  for (let from = 0; from < end; from += width) {
    const to = Math.min(from + width, end)
    const segments = top.map((entry) => segment(bytes, entry, from, to)).filter((part) => part !== undefined)
    rows.push({ offset: from / 8, segments })
  }
  return rows
}

/** The first bit that is not drawn. */
export function endOfBits(bytes: Uint8Array, top: FieldEntry[]): number {
  const payload = top.find(({ field }) => field.name === 'payloadData')
  const drawn = payload ? payload.field.start + maxPayloadBytesAsBits * 8 : Infinity
  const last = top.at(-1)?.field
  return Math.min(bytes.length * 8, drawn, last ? last.start + last.length : 0)
}

function segment(bytes: Uint8Array, entry: FieldEntry, from: number, to: number): Segment | undefined {
  const start = Math.max(entry.field.start, from)
  const end = Math.min(entry.field.start + entry.field.length, to)
  if (start >= end) return undefined
  const bits = Array.from({ length: end - start }, (_, i) => bitAt(bytes, start + i))
  const whole = start % 8 === 0 && bits.length % 8 === 0
  const hex = whole ? Array.from(bytes.subarray(start / 8, end / 8), hexByte) : []
  return { entry, first: start === entry.field.start, bits, hex }
}

function bitAt(bytes: Uint8Array, bit: number): number {
  return (bytes[bit >> 3]! >> (7 - (bit & 7))) & 1
}
