import { grouped } from '../sentences/en/grammar.ts'
import type { Chunk } from '../wire/model/chunk.ts'
import type { Unit } from '../wire/model/unit.ts'
import { protocolOf } from '../wire/protocols.ts'

/** The header over the units that one read completed. */
export interface ChunkRow {
  type: 'chunk'
  key: string
  order: number
  connection: number
  /** `chunk ▲3`, `chunk ▲4–5` when it took two reads */
  label: string
  /** `43 B · 3 frames in one read` */
  note: string
  /** time of the read that completed it, in milliseconds since its connection was opened */
  time: number
}

export interface UnitRow {
  type: 'unit'
  key: string
  /** order of the chunk that completed it, over all connections; the oldest rows go with their chunks */
  order: number
  connection: number
  /** `Frame 7`, `Request`, `End` */
  name: string
  /** the label of its chunk */
  chunk: string
  unit: Unit
}

export type ListRow = ChunkRow | UnitRow

/** A chunk with what the list says about it. */
export interface Read {
  chunk: Chunk
  /** among the chunks of its connection and direction, from 1 */
  number: number
  /** among all chunks */
  order: number
}

/**
 * The rows for the units of one direction that ended in the same read.
 *
 * @param reads the read that completed them, after those before it that completed nothing
 * @param frames how many frames came before, over all connections
 * @param mark makes the keys differ from those of units that the same read completed
 */
export function groupRows(reads: Read[], units: Unit[], frames: number, mark = ''): ListRow[] {
  const { chunk, number, order } = reads.at(-1)!
  const arrow = chunk.direction === 'c2s' ? '▲' : '▼'
  const range = reads.length > 1 ? `${reads[0]!.number}–${number}` : String(number)
  const label = `chunk ${arrow}${range}`
  const { connection, time } = chunk
  const key = `${keyOf(chunk)}${arrow}${mark}`
  const row: ChunkRow = { type: 'chunk', key, order, connection, label, note: noteOf(reads, units), time }
  let counted = frames
  const named = units.map((unit): UnitRow => {
    const name = unit.kind === 'frame' ? `Frame ${++counted}` : protocolOf(unit).title(unit)
    return { type: 'unit', key: unitKey(connection, unit), order, connection, name, chunk: label, unit }
  })
  return [row, ...named]
}

export const keyOf = ({ connection, sequence }: Pick<Chunk, 'connection' | 'sequence'>) => `${connection}:${sequence}`
const unitKey = (connection: number, unit: Unit) => `${connection}.${unit.index}`

function noteOf(reads: Read[], units: Unit[]): string {
  const bytes = reads.reduce((sum, { chunk }) => sum + chunk.bytes.length, 0)
  const frames = units.filter((unit) => unit.kind === 'frame').length
  const parts = bytes > 0 ? [`${grouped(bytes)} B`] : []
  if (reads.length > 1)
    parts.push(`1 ${frames > 0 ? 'frame' : 'unit'} in ${reads.length === 2 ? 'two' : reads.length} reads`)
  else if (frames > 1) parts.push(`${frames} frames in one read`)
  else if (units[0]!.pieces.length > 1) parts.push('began in the read before')
  return parts.join(' · ')
}
