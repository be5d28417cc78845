import { hexByte } from '../bytes/hex.ts'
import { type Sentence, sentence, type Words } from './sentence.ts'

/** A run of bits with a meaning. */
export interface Field {
  /** the name in the RFC, in camelCase: `fin`, `payloadLength`, `maskingKey` */
  name: string
  /** first bit, counted from the first byte of the unit; bit 0 is the most significant bit of byte 0 */
  start: number
  /** length in bits */
  length: number
  value: number | bigint | string | Uint8Array
  /** what the value means */
  note?: Words
  /** where the rule stands, as `RFC 6455 §5.2` */
  rfc?: string
  /** the rule that is broken */
  problem?: Sentence
  children?: Field[]
}

/** Where a field stands: whole bytes by their numbers, less by byte and bits; bit 0 is the most significant. */
export function whereIs({ start, length }: Pick<Field, 'start' | 'length'>): Sentence {
  const first = Math.floor(start / 8)
  const last = Math.floor((start + length - 1) / 8)
  if (start % 8 === 0 && length % 8 === 0)
    return first === last ? sentence('field.byte', { first }) : sentence('field.bytes', { first, last })
  const bit = start % 8
  if (length === 1) return sentence('field.bit', { first, bit, mask: hexByte(0x80 >> bit) })
  return sentence('field.bits', { first, bit, end: bit + length - 1 })
}
