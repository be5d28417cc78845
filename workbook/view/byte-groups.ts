import type { NamedBytes } from '../grade/checks/events.ts'

/** Neighbouring bytes that hold the same fields. Offsets of the first and last byte, both inside it. */
export interface ByteGroup {
  names: string[]
  first: number
  last: number
}

const bytesPerRow = 12

/** The bytes that fit into a row of {@link bytesPerRow}, with some before the difference. */
export function windowOf(at: number, total: number): { first: number; last: number } {
  const first = Math.max(0, Math.min(at - 4, total - bytesPerRow))
  return { first, last: Math.min(first + bytesPerRow, total) - 1 }
}

/** The bytes of `window` in groups. Fields smaller than a byte share one, so a group may have several names. */
export function groupBytes(fields: NamedBytes[], window: { first: number; last: number }): ByteGroup[] {
  const groups: ByteGroup[] = []
  for (let at = window.first; at <= window.last; at++) {
    const names = fields.filter(({ first, last }) => first <= at && at <= last).map(({ name }) => name)
    const group = groups.at(-1)
    if (group && group.names.join() === names.join()) group.last = at
    else groups.push({ names, first: at, last: at })
  }
  return groups
}
