import type { Preset } from '../../workbook/view/experiments.ts'
import type { Unit } from '../../workbook/wire/model/unit.ts'
import { Opcode, opcodeName } from '../../workbook/wire/websocket/opcode.ts'

/** The first part of the note of a preset's recording: what it is, what must happen, and what did. */
export function noteOf({ title, must }: Pick<Preset, 'title' | 'must'>, answers: Unit[]): string {
  return `${title}. ${must} Recorded answer: ${shown(answers)}.`
}

/** `pong, close 1000 “bye”, FIN` */
export function shown(answers: Unit[]): string {
  const names = answers.map(shownUnit)
  const runs: { name: string; count: number }[] = []
  for (const name of names) {
    const last = runs.at(-1)
    if (last?.name === name) last.count++
    else runs.push({ name, count: 1 })
  }
  return runs.map(({ name, count }) => (count > 1 ? `${count} × ${name}` : name)).join(', ') || 'nothing'
}

function shownUnit(unit: Unit): string {
  if (unit.kind === 'end') return unit.end.toUpperCase()
  if (unit.kind !== 'frame' || !unit.header) return unit.kind
  const close = unit.message?.close
  if (unit.header.opcode !== Opcode.close || !close) return opcodeName(unit.header.opcode)
  const reason = close.reason ? ` “${close.reason}”` : ''
  return `close ${close.code ?? 'without a code'}${reason}`
}

export function isClose(unit: Unit): boolean {
  return unit.kind === 'frame' && unit.header?.opcode === Opcode.close
}
