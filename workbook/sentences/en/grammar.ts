import type { SaidValues } from '../catalogue.ts'

// Making a formatter costs more than all else in a row of a list.
const format = new Intl.NumberFormat('en')

/** `1,048,576` */
export function grouped(count: number): string {
  return format.format(count)
}

/** A number and its noun: `1 byte`, `3 bytes`. */
export function countOf(count: SaidValues[string], noun: string): string {
  return `${count} ${noun}${Number(count) === 1 ? '' : 's'}`
}

/** The same with digits in groups: `1,048,576 bytes`. */
export function groupedCount(count: number, noun: string): string {
  return countOf(grouped(count), noun)
}
