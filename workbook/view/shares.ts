import type { Chunk } from '../wire/model/chunk.ts'
import type { UnitRow } from './list-rows.ts'

/** The part of a chunk that belongs to one unit, in bytes from the start of the chunk. */
interface Share {
  row: UnitRow
  start: number
  length: number
  /** `whole`, `the beginning`, `the middle` or `the end` of the unit */
  part: string
}

/** Divides a chunk among its units. The bytes of a chunk are the bytes of its units, one after another. */
export function sharesOf(chunk: Chunk, units: UnitRow[]): Share[] {
  const shares: Share[] = []
  let start = 0
  for (const row of units) {
    const { unit } = row
    if (row.connection !== chunk.connection || unit.direction !== chunk.direction) continue
    const piece = unit.pieces.findIndex(({ sequence }) => sequence === chunk.sequence)
    if (piece < 0) continue
    const end = unit.pieces[piece + 1]?.start ?? unit.length
    const length = Math.min(end - unit.pieces[piece]!.start, chunk.bytes.length - start)
    if (length <= 0) continue
    const whole = unit.pieces.length === 1
    const part = whole ? 'whole' : piece === 0 ? 'the beginning' : end === unit.length ? 'the end' : 'the middle'
    shares.push({ row, start, length, part })
    start += length
  }
  return shares
}
