import { toHex } from './hex.ts'

// Making a formatter costs more than all else in a row of a list.
const format = new Intl.NumberFormat('en')

/** `1,048,576` */
export const grouped = (count: number) => format.format(count)

/** `1 byte`, `1,048,576 bytes`; the noun is one whose plural ends in s. */
export const countOf = (count: number, noun: string) => `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`

/** `0a`: two hex digits. */
export const hexByte = (byte: number) => byte.toString(16).padStart(2, '0')

/** `37 fa 21 3d` */
export const spacedHex = (bytes: Uint8Array) => toHex(bytes).replace(/(..)(?=.)/g, '$1 ')
