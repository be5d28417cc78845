import { latin1 } from '../bytes/latin1.ts'
import { showText } from '../bytes/text.ts'
import type { Direction } from '../model/chunk.ts'
import type { Field } from '../model/field.ts'
import { sentence, type Words } from '../model/sentence.ts'
import { adapterMessage } from './adapter-message.ts'
import { type Announcement, isInline, readAnnouncement } from './announcement.ts'
import { type RespType, respTypes, specification } from './types.ts'
import type { RespUnit } from './unit.ts'

/** What is not shown any more: values may be nested without end, and be many. Where it begins, the fields end. */
const maxDepth = 16
const maxValues = 2000
const lineEnd = /\r?\n$/

/** Reads the fields of one unit, as far as it has arrived. Between them stand line ends. */
export function respFields({ bytes, direction }: Pick<RespUnit, 'bytes' | 'direction'>): Field[] {
  const { fields } = new ValueFields(bytes, direction)
  const [only] = fields
  // One value is the unit itself, so its parts are the fields.
  return fields.length === 1 && only?.children ? only.children : fields
}

/** Takes the values of a unit apart, one after another. */
class ValueFields {
  readonly fields: Field[] = []
  readonly #bytes: Uint8Array
  #at = 0
  #values = 0
  /** the strings of the value around, which say what a payload is */
  #words: string[] = []

  constructor(bytes: Uint8Array, direction: Direction) {
    this.#bytes = bytes
    if (isInline(latin1(bytes.subarray(0, 1)), direction)) this.fields.push(...this.#inlineCommand())
    while (this.#goesOn) this.fields.push(this.#value(0))
  }

  get #goesOn(): boolean {
    return this.#at < this.#bytes.length && this.#values < maxValues
  }

  #value(depth: number): Field {
    const start = this.#at
    this.#values++
    if (depth === 0) this.#words = []
    const line = this.#line()
    const announcement = readAnnouncement(line)
    const type = respTypes[line.charAt(0)]
    if (!type) return this.#text('type', start, line.replace(lineEnd, '').length)
    const children = [this.#typeField(start, type), ...this.#lineField(start, line, type)]
    if ('text' in announcement) return this.#field(camel(type.name), start, { value: type.name, children })
    if (announcement.blob !== undefined) children.push(...this.#blob(announcement.blob))
    children.push(...this.#inside(announcement, depth))
    return this.#field(camel(type.name), start, { value: type.name, note: summaryOf(type, children), children })
  }

  #inside({ values }: Announcement, depth: number): Field[] {
    if (values > 0 && depth === maxDepth) this.#values = maxValues
    const inside: Field[] = []
    for (let left = values; left > 0 && this.#goesOn; ) {
      const value = this.#value(depth + 1)
      inside.push(value)
      // An attribute is about the value behind it, and none itself.
      if (value.name !== 'attribute') left--
    }
    return inside
  }

  /** Takes a line. @returns it with its CRLF, as far as it has arrived */
  #line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#at)
    const start = this.#at
    this.#at = end < 0 ? this.#bytes.length : end + 1
    return latin1(this.#bytes.subarray(start, this.#at))
  }

  #inlineCommand(): Field[] {
    const { length } = this.#line().replace(lineEnd, '')
    return length > 0 ? [this.#text('inlineCommand', 0, length)] : []
  }

  #typeField(start: number, { name, version }: RespType): Field {
    const value = latin1(this.#bytes.subarray(start, start + 1))
    const note = sentence('resp.type', { name, version })
    return { name: 'type', start: start * 8, length: 8, value, note, rfc: specification }
  }

  /** What stands behind the type: a value, a length in bytes, or a count of values. */
  #lineField(start: number, line: string, { shape }: RespType): Field[] {
    const text = line.slice(1).replace(lineEnd, '')
    if (text === '') return []
    const name = shape === 'line' ? 'value' : shape === 'blob' ? 'length' : 'count'
    return [{ ...this.#text(name, start + 1, text.length), note: countNote(shape, text) }]
  }

  #blob(length: number): Field[] {
    const start = this.#at
    const data = this.#bytes.subarray(start, start + length)
    this.#at = Math.min(this.#bytes.length, start + length + 2)
    if (data.length === 0) return []
    const field: Field = { name: 'data', start: start * 8, length: data.length * 8, value: data, rfc: specification }
    const packed = adapterMessage(this.#words, this.#bytes.subarray(0, start + length), start)
    this.#words.push(latin1(data.subarray(0, 64)))
    return [
      { ...field, note: packed ? sentence('resp.adapter') : `“${showText(data.subarray(0, 64))}”`, children: packed },
    ]
  }

  /** A run of text as it stands there. */
  #text(name: string, start: number, length: number): Field {
    const value = showText(this.#bytes.subarray(start, start + length))
    return { name, start: start * 8, length: length * 8, value, rfc: specification }
  }

  #field(name: string, start: number, rest: Pick<Field, 'value' | 'note' | 'children'>): Field {
    return { name, start: start * 8, length: (this.#at - start) * 8, rfc: specification, ...rest }
  }
}

function countNote(shape: RespType['shape'], text: string): Words | undefined {
  if (shape === 'line' || !/^(?:-1|\d{1,15})$/.test(text)) return undefined
  if (text === '-1') return sentence('resp.none')
  const count = Number(text)
  if (shape === 'blob') return sentence('resp.bytes', { count })
  return shape === 'pairs' ? sentence('resp.pairs', { count }) : sentence('resp.values', { count })
}

/** What a value says in short: its text, or how many are in it. */
function summaryOf({ shape }: RespType, [, first, data]: Field[]): Words | undefined {
  if (shape === 'line') return String(first?.value ?? '')
  return shape === 'blob' && data ? data.note : first?.note
}

function camel(words: string): string {
  return words.replace(/ (\w)/g, (_, letter: string) => letter.toUpperCase())
}
