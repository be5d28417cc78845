import { computed, type Ref, shallowRef } from 'vue'
import type { ListRow, UnitRow } from '../../../workbook/view/list-rows.ts'
import { isControl } from '../../../workbook/wire/websocket/opcode.ts'

/** What the list may be cut down to. */
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

/** The rows that pass a filter and hold a text; the header of a chunk stays when something of the chunk does. */
export function useFilter(rows: Readonly<Ref<ListRow[]>>, textOf: (row: UnitRow) => string) {
  const filter = shallowRef<Filter>('all')
  const text = shallowRef('')

  const filtered = computed(() => {
    const wanted = text.value.trim().toLowerCase()
    if (filter.value === 'all' && wanted === '') return rows.value
    const kept: ListRow[] = []
    let header: ListRow | undefined
    for (const row of rows.value) {
      if (row.type === 'chunk') {
        header = row
        continue
      }
      if (!passes(row, filter.value) || !textOf(row).toLowerCase().includes(wanted)) continue
      if (header) kept.push(header)
      header = undefined
      kept.push(row)
    }
    return kept
  })

  return { filter, text, filtered }
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
