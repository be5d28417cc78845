import { spacedHex } from '../wire/bytes/hex.ts'
import type { FieldEntry } from './field-entries.ts'
import { type Hue, hueOf } from './field-labels.ts'

/** A stretch of one hex row, in bytes from the row's start; fractions are bits. */
interface Box {
  from: number
  to: number
}

/** The coloured line under the bytes of one hue. */
interface Underline extends Box {
  hue: Hue
}

/** `81 85 37 …` for up to `width` bytes from `offset`. */
export function hexText(bytes: Uint8Array, offset: number, width: number): string {
  return spacedHex(bytes.subarray(offset, offset + width))
}

/** One character per byte: ASCII as it is, a middle dot for everything else. */
export function asciiText(bytes: Uint8Array, offset: number, width: number): string {
  return Array.from(bytes.subarray(offset, offset + width), (byte) =>
    byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : byte === 0x20 ? ' ' : '·',
  ).join('')
}

/**
 * The underlines of a row: one per run of the same hue, so FIN and RSV share one and a megabyte of payload has one a row.
 *
 * @param top the fields of the unit without their children, in wire order
 */
export function underlines(top: FieldEntry[], offset: number, width: number): Underline[] {
  const lines: Underline[] = []
  for (const { key, field } of top) {
    const box = cutToRow(field.start / 8, (field.start + field.length) / 8, offset, width)
    if (!box) continue
    const last = lines.at(-1)
    if (last && last.hue === hueOf(key) && last.to === box.from) last.to = box.to
    else lines.push({ ...box, hue: hueOf(key) })
  }
  return lines
}

/** The part of a byte range that lies in the row at `offset`, rounded out to whole bytes when `whole`. */
export function cutToRow(from: number, to: number, offset: number, width: number, whole = false): Box | undefined {
  const start = Math.max(whole ? Math.floor(from) : from, offset) - offset
  const end = Math.min(whole ? Math.ceil(to) : to, offset + width) - offset
  return start < end ? { from: start, to: end } : undefined
}
