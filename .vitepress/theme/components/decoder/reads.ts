import type { UnitRow } from '../../composables/listRows.ts'
import type { Capture } from '../../composables/useCapture.ts'
import { arrow } from './summary.ts'

/** Of the chunks that brought a unit, so many are shown. */
const SHOWN = 4

/** The chunks that brought a unit, as the lowest of its layers. */
export function readsOf(capture: Capture, row: UnitRow) {
  return capture
    .chunksOf(row)
    .slice(0, SHOWN)
    .map(({ chunk, number }) => ({
      id: `chunk ${chunk.sequence}`,
      label: `TCP chunk ${arrow(chunk.direction)}${number}`,
      chunk,
    }))
}
