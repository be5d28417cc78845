import { computed, shallowRef, watch } from 'vue'
import { type Layer, layers as layersOf } from '../../../workbook/wire/layers.ts'
import { Opcode } from '../../../workbook/wire/websocket/opcode.ts'
import type { Capture } from './useCapture.ts'

/**
 * The unit that is looked at, and one of its layers: only this one is dissected.
 *
 * @param preferred names of the layers to look at first, where there is one of them; else it is the unit itself
 */
export function useChosenUnit(capture: Capture, preferred: Layer['name'][] = []) {
  const key = shallowRef('')
  const index = computed(() => capture.units.value.findIndex((row) => row.key === key.value))
  const row = computed(() => capture.units.value[index.value])
  const carried = computed(() => row.value && capture.carriedBy(row.value))
  const cuts = computed(() => (row.value ? capture.cutsOf(row.value.unit) : []))

  /** Above the chunk, which is no layer of the unit: one chunk may bring several. */
  const layers = computed<Layer[]>(() => {
    if (!row.value) return []
    const { inflated, packets = [] } = carried.value ?? {}
    const bytes = inflated && 'bytes' in inflated ? inflated.bytes : undefined
    return layersOf(row.value.unit, { inflated: bytes, packets }).slice(1)
  })
  const layerName = shallowRef('')
  /** the layer of that name, or else one that is preferred, or else the unit itself */
  const layer = computed<Layer | undefined>(() => {
    const named = [layerName.value, ...preferred].map((wanted) => layers.value.find(({ name }) => name === wanted))
    return named.find((found) => found !== undefined) ?? layers.value[0]
  })
  const fields = computed(() => layer.value?.fields ?? [])

  function step(by: number): void {
    const next = capture.units.value[index.value + by]
    if (next) key.value = next.key
  }

  /** What a capture opens with: what is broken; else the client's first message, since it shows every field. */
  function choose(): void {
    const broken = capture.units.value.find(({ unit }) => unit.problems.some(({ severity }) => severity === 'broken'))
    const frames = capture.units.value.filter(({ unit }) => unit.kind === 'frame')
    const message = frames.find(
      ({ unit }) => unit.kind === 'frame' && unit.header?.mask && unit.header.opcode === Opcode.text,
    )
    key.value = (broken ?? message ?? frames[0] ?? capture.units.value[0])?.key ?? ''
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
