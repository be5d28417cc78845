import { say } from '../../sentences/say.ts'
import type { Field } from '../../wire/model/field.ts'
import type { Words } from '../../wire/model/sentence.ts'
import type { Difference, NamedBytes } from './events.ts'

type Fields = (bytes: Uint8Array) => Iterable<Field>

/** Reads hex as the RFCs print it, blanks allowed: `81 05 48`. @throws {TypeError} when it is not pairs of hex digits */
export function hexBytes(text: string): Buffer {
  const digits = text.replaceAll(/\s/g, '')
  if (!/^([0-9a-f]{2})*$/i.test(digits)) throw new TypeError(`expected pairs of hex digits, got ${text}`)
  return Buffer.from(digits, 'hex')
}

/**
 * Says where `got` differs from `want`; `undefined` when it does not.
 *
 * @param fields dissector of `workbook/wire` that names the bytes
 */
export function compareBytes(want: Uint8Array, got: Uint8Array, fields?: Fields): Difference | undefined {
  const at = firstDifference(want, got)
  if (at === undefined) return undefined
  return {
    shape: 'bytes',
    summary: summarise(want, got, at),
    want: Buffer.from(want).toString('hex'),
    got: Buffer.from(got).toString('hex'),
    at,
    fields: fields ? nameBytes(want, got, fields) : [],
  }
}

function firstDifference(want: Uint8Array, got: Uint8Array): number | undefined {
  const shared = Math.min(want.length, got.length)
  for (let i = 0; i < shared; i++) if (want[i] !== got[i]) return i
  return want.length === got.length ? undefined : shared
}

function summarise(want: Uint8Array, got: Uint8Array, at: number): string {
  const lengths = want.length === got.length ? '' : `  (lengths: want ${want.length}, got ${got.length})`
  if (at === got.length) {
    const missing = want.length - got.length
    return `${count(missing)} missing: byte ${at} should be ${hex(want[at]!)}${lengths}`
  }
  if (at === want.length)
    return `${count(got.length - want.length)} too many, from byte ${at}: ${hex(got[at]!)}${lengths}`
  return `first difference at byte ${at}: want ${hex(want[at]!)}, got ${hex(got[at]!)}${lengths}`
}

/** The fields of both, joined by position and name. */
function nameBytes(want: Uint8Array, got: Uint8Array, fields: Fields): NamedBytes[] {
  const named = take(fields, want)
  const answered = take(fields, got)
  return named.map(({ name, start, length, value, note }) => {
    const twin = answered.find((other) => other.name === name && other.start === start)
    return {
      name,
      first: Math.floor(start / 8),
      last: Math.max(Math.floor(start / 8), Math.ceil((start + length) / 8) - 1),
      want: words(value, length, note),
      got: twin && words(twin.value, twin.length, twin.note),
    }
  })
}

function take(fields: Fields, bytes: Uint8Array): Field[] {
  const taken: Field[] = []
  try {
    for (const field of fields(bytes)) taken.push(field)
  } catch {
    // The bytes are broken or cut there; the fields before it are named.
  }
  return taken
}

function words(value: Field['value'], bits: number, note?: Words): string {
  const text = value instanceof Uint8Array ? bytesInWords(value) : bits < 8 ? bitsInWords(value, bits) : String(value)
  if (!note) return text
  const meaning = say(note)
  return meaning.startsWith(text) ? meaning : `${text} ${meaning}`
}

function bitsInWords(value: number | bigint | string, bits: number): string {
  return typeof value === 'string' ? value : value.toString(2).padStart(bits, '0')
}

function bytesInWords(value: Uint8Array): string {
  const shown = [...value.subarray(0, 8)].map(hex).join(' ')
  return value.length > 8 ? `${shown} … (${value.length} bytes)` : shown
}

function count(bytes: number): string {
  return bytes === 1 ? '1 byte' : `${bytes} bytes`
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0')
}
