import type { UnitRow } from '../../../../workbook/view/list-rows.ts'
import { arrow } from '../../../../workbook/view/summary.ts'
import type { ShownCapture } from '../../composables/useCapture.ts'

/** Of the chunks that brought a unit, so many are shown. */
const maxReadsShown = 4

/** The chunks that brought a unit, as the lowest of its layers. */
export function readsOf(capture: ShownCapture, row: UnitRow) {
  return capture
    .chunksOf(row)
    .slice(0, maxReadsShown)
    .map(({ chunk, number }) => ({
      id: `chunk ${chunk.sequence}`,
      label: `TCP chunk ${arrow(chunk.direction)}${number}`,
      chunk,
    }))
}
