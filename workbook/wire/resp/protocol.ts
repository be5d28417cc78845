import { decodeText, showText } from '../bytes/text.ts'
import type { Direction } from '../model/chunk.ts'
import { type Explanation, explanation, type Meaning } from '../model/explanation.ts'
import type { Field } from '../model/field.ts'
import { type Problem, withProblem } from '../model/problem.ts'
import { type Brief, type Dialogue, type Protocol, previewBytes, type Recognition } from '../model/protocol.ts'
import { sentence } from '../model/sentence.ts'
import { respFields } from './fields.ts'
import { RespReader } from './reader.ts'
import { respTypes, specification } from './types.ts'
import type { RespUnit } from './unit.ts'

/** RESP, the language of Redis, in its versions 2 and 3. */
export const resp: Protocol<RespUnit> = {
  name: 'resp',
  kinds: ['resp'],
  recognise: recogniseResp,
  open: openResp,
  title: ({ direction }) => (direction === 'c2s' ? 'Redis command' : 'Redis reply'),
  fields: (unit) => withProblems(respFields(unit), unit.problems),
  brief: respBrief,
  explain: explainResp,
}

/** What is wrong is where the reader gave up: in the last field, or in the last one inside it. */
function withProblems(fields: Field[], problems: Problem[]): Field[] {
  const last = fields.at(-1)
  if (problems.length === 0 || !last) return fields
  const children = last.children && withProblems(last.children, problems)
  return [...fields.slice(0, -1), withProblem({ ...last, children }, problems)]
}

/** The server is asked first, and answers in the language of the question. */
function openResp(): Dialogue {
  const s2c = new RespReader()
  return { c2s: new RespReader(), s2c, follow: (direction) => (direction === 's2c' ? s2c : undefined) }
}

/** A client begins with an array of bulk strings: `*2`, CR LF, `$`. */
function recogniseResp(bytes: Uint8Array, direction: Direction): Recognition {
  if (direction === 's2c') return 'no'
  const start = decodeText(bytes.subarray(0, 12))
  if (/^\*\d{1,7}\r\n\$/.test(start)) return 'yes'
  return /^\*(?:\d{0,7}|\d{1,7}\r\n?)$/.test(start) ? 'more' : 'no'
}

function respBrief(unit: RespUnit): Brief {
  const strings = stringsOf(respFields({ ...unit, bytes: unit.bytes.subarray(0, 4 * previewBytes) }))
  const first = String.fromCharCode(unit.bytes[0] ?? 0)
  // `bulk string` is too long for a row: its last word.
  const type = respTypes[first]?.name.split(' ').at(-1) ?? 'inline'
  const isCommand = unit.direction === 'c2s' && first === '*'
  const words = isCommand ? strings.slice(1) : strings
  const kind = isCommand ? (strings[0] ?? type).toUpperCase().slice(0, 16) : type
  const preview = words.length > 0 || isCommand ? words.join(' ') : showText(unit.bytes.subarray(0, previewBytes))
  return { kind, preview: preview.slice(0, previewBytes) }
}

/** The values that people read, in order. */
function stringsOf(fields: Field[]): string[] {
  return fields.flatMap(({ name, value, children }) => {
    if (name === 'data' && value instanceof Uint8Array) return [showText(value.subarray(0, previewBytes))]
    if (name === 'value' || name === 'inlineCommand') return [String(value)]
    return name === 'data' ? [] : stringsOf(children ?? [])
  })
}

function explainResp(field: Field): Explanation | undefined {
  const meaning = meanings[field.name]?.(field)
  return meaning && explanation(`resp.${field.name}`, field, meaning)
}

const meanings: Record<string, (field: Field) => Meaning> = {
  type: ({ value, note }) => ({
    value: note ?? String(value),
    code: 'const type = String.fromCharCode(bytes[0]!)',
    rfc: specification,
  }),
  count: ({ value, note }) => ({
    value: note ?? String(value),
    code: "const count = Number(line.slice(1)) // '*2' → 2",
    rfc: specification,
  }),
  length: ({ value, note }) => ({
    value: note ?? String(value),
    code: "const length = Number(line.slice(1)) // '$5' → 5",
    rfc: specification,
  }),
  data: ({ note, length }) => ({
    value: note ?? sentence('resp.bytes', { count: length / 8 }),
    code: 'const data = bytes.subarray(end, end + length)',
    rfc: specification,
  }),
}
