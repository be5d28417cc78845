import { latin1 } from '../bytes/latin1.ts'
import { showText } from '../bytes/text.ts'
import type { Field } from '../model/field.ts'
import { type Sentence, sentence, type Words } from '../model/sentence.ts'
import { adapterMessage } from './adapter-message.ts'
import { type RespType, respTypes, specification } from './types.ts'

/** What is not shown any more: values may be nested without end, and be many. */
const maxDepth = 16
const maxValues = 2000

/** Reads the fields of one value, as far as they have arrived. */
export function respFields(bytes: Uint8Array): Field[] {
  const { fields } = new ValueFields(bytes)
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

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    while (this.#at < bytes.length && this.#values < maxValues) this.fields.push(this.#value(0))
  }

  #value(depth: number): Field {
    const start = this.#at
    this.#values++
    const line = this.#line()
    const type = respTypes[line[0] ?? '']
    if (!type) return this.#inline(start, line)
    const name = camel(type.name)
    const children = [this.#typeField(start, type), ...this.#lineField(start, line, type)]
    const count = Number(line.slice(1).trimEnd())
    if (type.shape === 'blob' && count >= 0) children.push(...this.#blob(count))
    const values = type.shape === 'list' ? count : type.shape === 'pairs' ? 2 * count : 0
    if (depth === 0) this.#words = []
    for (let i = 0; i < values && depth < maxDepth && this.#at < this.#bytes.length; i++) {
      if (this.#values >= maxValues) break
      children.push(this.#value(depth + 1))
    }
    const note = summaryOf(type, children, count)
    return this.#field(name, start, { value: type.name, note, children })
  }

  /** Takes a line. @returns it with its CRLF, as far as it has arrived */
  #line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#at)
    const start = this.#at
    this.#at = end < 0 ? this.#bytes.length : end + 1
    return latin1(this.#bytes.subarray(start, this.#at))
  }

  /** A command that somebody has typed. */
  #inline(start: number, line: string): Field {
    const children = [this.#text('inlineCommand', start, line.trimEnd().length)]
    return this.#field('inline', start, { value: 'inline command', note: line.trimEnd(), children })
  }

  #typeField(start: number, { name, version }: RespType): Field {
    const value = latin1(this.#bytes.subarray(start, start + 1))
    const note = sentence('resp.type', { name, version })
    return { name: 'type', start: start * 8, length: 8, value, note, rfc: specification }
  }

  /** What stands behind the type: a value, a length in bytes, or a count of values. */
  #lineField(start: number, line: string, { shape }: RespType): Field[] {
    const text = line.slice(1).replace(/\r?\n$/, '')
    if (text === '') return []
    const name = shape === 'line' ? 'value' : shape === 'blob' ? 'length' : 'count'
    const note = text === '-1' ? sentence('resp.none') : undefined
    return [{ ...this.#text(name, start + 1, text.length), note }]
  }

  #blob(length: number): Field[] {
    const start = this.#at
    const data = this.#bytes.subarray(start, start + length)
    this.#at = Math.min(this.#bytes.length, start + length + 2)
    if (data.length === 0) return []
    const field: Field = { name: 'data', start: start * 8, length: data.length * 8, value: data, rfc: specification }
    const packed = adapterMessage(this.#words, data, start)
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

  #field(name: string, start: number, rest: { value: string; note?: Words; children: Field[] }): Field {
    return { name, start: start * 8, length: (this.#at - start) * 8, rfc: specification, ...rest }
  }
}

function summaryOf({ shape }: RespType, children: Field[], count: number): Words | undefined {
  if (shape === 'line') return String(children.find(({ name }) => name === 'value')?.value ?? '')
  if (shape === 'blob') return children.find(({ name }) => name === 'data')?.note
  return count < 0 ? undefined : (sentence('resp.values', { count }) satisfies Sentence)
}

function camel(words: string): string {
  return words.replace(/ (\w)/g, (_, letter: string) => letter.toUpperCase())
}
