import { computed, shallowRef, watch } from 'vue'
import { Opcode } from '../../../workbook/wire/opcode.ts'
import { unitFields } from '../../../workbook/wire/unit.ts'
import type { Capture } from './useCapture.ts'

/** The unit that is looked at, and its fields: only this one is dissected. */
export function useChosenUnit(capture: Capture) {
  const key = shallowRef('')
  const index = computed(() => capture.units.value.findIndex((row) => row.key === key.value))
  const row = computed(() => capture.units.value[index.value])
  const fields = computed(() => (row.value ? unitFields(row.value.unit) : []))
  const cuts = computed(() => (row.value ? capture.cutsOf(row.value.unit) : []))

  function step(by: number): void {
    const next = capture.units.value[index.value + by]
    if (next) key.value = next.key
  }

  /** What a capture opens with: the client's first message, since it shows every field; else a frame; else anything. */
  function choose(): void {
    const frames = capture.units.value.filter(({ unit }) => unit.kind === 'frame')
    const message = frames.find(
      ({ unit }) => unit.kind === 'frame' && unit.header?.mask && unit.header.opcode === Opcode.text,
    )
    key.value = (message ?? frames[0] ?? capture.units.value[0])?.key ?? ''
  }

  // Something is always chosen, also when the oldest rows go.
  watch(
    () => capture.units.value.length,
    () => {
      if (index.value < 0) choose()
    },
  )

  return { key, index, row, fields, cuts, step, choose }
}
