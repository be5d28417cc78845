import type { SaidValues } from '../catalogue.ts'

/** A number and its noun: `1 byte`, `3 bytes`. */
export function countOf(count: SaidValues[string], noun: string): string {
  return `${count} ${noun}${Number(count) === 1 ? '' : 's'}`
}
