import { isControl } from '../wire/websocket/opcode.ts'
import type { ListRow, UnitRow } from './list-rows.ts'

/** What the list may be cut down to, and what the menu calls it. */
export const filters = {
  all: 'all',
  c2s: '▲ from the client',
  s2c: '▼ from the server',
  data: 'data frames',
  control: 'control frames',
  handshake: 'handshake and HTTP',
  problems: 'with a problem',
} as const

export type Filter = keyof typeof filters

/**
 * The rows that pass a filter and hold a text; the header of a chunk stays when something of the chunk does.
 *
 * @param wanted in whatever case; empty for any
 * @returns `rows` itself when nothing is filtered
 */
export function filterRows(
  rows: ListRow[],
  filter: Filter,
  wanted: string,
  textOf: (row: UnitRow) => string,
): ListRow[] {
  const text = wanted.trim().toLowerCase()
  if (filter === 'all' && text === '') return rows
  const kept: ListRow[] = []
  let header: ListRow | undefined
  for (const row of rows) {
    if (row.type === 'chunk') {
      header = row
      continue
    }
    if (!passes(row, filter) || !textOf(row).toLowerCase().includes(text)) continue
    if (header) kept.push(header)
    header = undefined
    kept.push(row)
  }
  return kept
}

function passes({ unit }: UnitRow, filter: Filter): boolean {
  switch (filter) {
    case 'all':
      return true
    case 'c2s':
    case 's2c':
      return unit.direction === filter
    case 'problems':
      return unit.problems.length > 0
    case 'handshake':
      return unit.kind === 'head' || unit.kind === 'body'
    default:
      return (
        unit.kind === 'frame' && unit.header !== undefined && isControl(unit.header.opcode) === (filter === 'control')
      )
  }
}
