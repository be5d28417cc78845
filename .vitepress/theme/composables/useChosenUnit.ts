import { computed, shallowRef, watch } from 'vue'
import { cutsOf } from '../../../workbook/view/capture.ts'
import { firstChoice, layerNamed, layersOf } from '../../../workbook/view/chosen-unit.ts'
import type { Layer } from '../../../workbook/wire/model/layer.ts'
import type { ShownCapture } from './useCapture.ts'

/**
 * The unit that is looked at, and one of its layers: only this one is dissected.
 *
 * @param preferred names of the layers to look at first, where there is one of them; else it is the unit itself
 */
export function useChosenUnit(capture: ShownCapture, preferred: Layer['name'][] = []) {
  const key = shallowRef('')
  const index = computed(() => capture.units.value.findIndex((row) => row.key === key.value))
  const row = computed(() => capture.units.value[index.value])
  const carried = computed(() => row.value && capture.carriedBy(row.value))
  const cuts = computed(() => (row.value ? cutsOf(row.value.unit) : []))

  const layers = computed(() => (row.value ? layersOf(row.value, carried.value) : []))
  const layerName = shallowRef('')
  /** the layer of that name, or else one that is preferred, or else the unit itself */
  const layer = computed(() => layerNamed(layers.value, [layerName.value, ...preferred]))
  const fields = computed(() => layer.value?.fields ?? [])

  function step(by: number): void {
    const next = capture.units.value[index.value + by]
    if (next) key.value = next.key
  }

  function choose(): void {
    key.value = firstChoice(capture.units.value)?.key ?? ''
  }

  function chooseLast(): void {
    key.value = capture.units.value.at(-1)?.key ?? ''
  }

  // Something is always chosen, also when the oldest rows go.
  watch(
    () => capture.units.value.length,
    () => {
      if (index.value < 0) choose()
    },
  )

  return { key, index, row, carried, cuts, layers, layer, layerName, fields, step, choose, chooseLast }
}

export type ChosenUnit = ReturnType<typeof useChosenUnit>
