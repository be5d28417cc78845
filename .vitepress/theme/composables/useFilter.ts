import { computed, type Ref, shallowRef } from 'vue'
import type { ListRow, UnitRow } from '../../../workbook/view/list-rows.ts'
import { type Filter, filterRows } from '../../../workbook/view/row-filter.ts'

/** The rows that pass a filter and hold a text, both chosen by the reader. */
export function useFilter(rows: Readonly<Ref<ListRow[]>>, textOf: (row: UnitRow) => string) {
  const filter = shallowRef<Filter>('all')
  const text = shallowRef('')
  const filtered = computed(() => filterRows(rows.value, filter.value, text.value, textOf))
  return { filter, text, filtered }
}
