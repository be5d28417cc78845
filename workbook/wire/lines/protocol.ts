import { showText } from '../bytes/text.ts'
import { type Explanation, explanation, type Meaning } from '../model/explanation.ts'
import type { Field } from '../model/field.ts'
import { type Protocol, previewBytes } from '../model/protocol.ts'
import { sentence } from '../model/sentence.ts'
import { LineReader } from './reader.ts'
import { type LineUnit, lineOf } from './unit.ts'

/** Lines of text, as labs 02 and 07 speak them. */
export const lines: Protocol<LineUnit> = {
  name: 'lines',
  kinds: ['line'],
  onlyWhenNamed: true,
  recognise: () => 'yes',
  open: () => ({ c2s: new LineReader(), s2c: new LineReader() }),
  title: () => 'Line',
  fields: lineFields,
  explain: explainLine,
  brief: ({ bytes }) => ({ kind: 'line', preview: showText(lineOf(bytes.subarray(0, previewBytes))) }),
}

function explainLine(field: Field): Explanation | undefined {
  const meaning = meanings[field.name]?.(field)
  return meaning && explanation(`lines.${field.name}`, field, meaning)
}

const meanings: Record<string, (field: Field) => Meaning> = {
  text: ({ length }) => ({
    value: sentence('lines.bytes', { count: length / 8 }),
    code: "const line = bytes.subarray(0, bytes.indexOf(0x0a)).toString('utf8')",
    rfc: 'chapter 02',
  }),
  lineEnd: ({ note }) => ({
    value: note ?? '',
    code: 'const end = bytes.indexOf(0x0a) // LF',
    rfc: 'chapter 02',
  }),
}

function lineFields({ bytes }: LineUnit): Field[] {
  const text = lineOf(bytes)
  const fields: Field[] = []
  if (text.length > 0)
    fields.push({ name: 'text', start: 0, length: text.length * 8, value: showText(text), rfc: 'chapter 02' })
  const end = bytes.subarray(text.length)
  if (end.length > 0)
    fields.push({
      name: 'lineEnd',
      start: text.length * 8,
      length: end.length * 8,
      value: end,
      note: end.length === 2 ? 'CR LF' : 'LF',
      rfc: 'chapter 02',
    })
  return fields
}
