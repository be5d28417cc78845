import { layers } from '../wire/layers.ts'
import type { Layer } from '../wire/model/layer.ts'
import { Opcode } from '../wire/websocket/opcode.ts'
import type { UnitRow } from './list-rows.ts'
import type { Payload } from './payload-reader.ts'

/** The unit that a capture opens with: what is broken; else the client's first message, since it shows every field. */
export function firstChoice(units: UnitRow[]): UnitRow | undefined {
  const broken = units.find(({ unit }) => unit.problems.some(({ severity }) => severity === 'broken'))
  const frames = units.filter(({ unit }) => unit.kind === 'frame')
  const message = frames.find(
    ({ unit }) => unit.kind === 'frame' && unit.header?.mask && unit.header.opcode === Opcode.text,
  )
  return broken ?? message ?? frames[0] ?? units[0]
}

/** The layers of a unit above the chunk, which is none of the unit's: one chunk may bring several. */
export function layersOf({ unit }: UnitRow, carried?: Payload): Layer[] {
  const { inflated, packets = [] } = carried ?? {}
  const bytes = inflated && 'bytes' in inflated ? inflated.bytes : undefined
  return layers(unit, { inflated: bytes, packets }).slice(1)
}

/** The first of these names that a layer has, or else the unit itself. */
export function layerNamed(all: Layer[], names: string[]): Layer | undefined {
  const named = names.map((wanted) => all.find(({ name }) => name === wanted))
  return named.find((found) => found !== undefined) ?? all[0]
}
