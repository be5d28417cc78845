import { BitReader, untilTruncated } from '../bytes/bits.ts'
import { decodeText, showControls, showText } from '../bytes/text.ts'
import { type Explanation, explanation, type Meaning } from '../model/explanation.ts'
import type { Field } from '../model/field.ts'
import { withProblem } from '../model/problem.ts'
import { type Brief, type Protocol, previewBytes } from '../model/protocol.ts'
import { sentence } from '../model/sentence.ts'
import { RelayReader } from './reader.ts'
import { type RelayUnit, relayContents } from './unit.ts'

/** The relay of lab 06: a line to join, then frames with a name. */
export const relay: Protocol<RelayUnit> = {
  name: 'relay',
  kinds: ['relayFrame'],
  onlyWhenNamed: true,
  recognise: () => 'yes',
  open: () => ({ c2s: new RelayReader(), s2c: new RelayReader() }),
  title: () => 'Relay frame',
  brief: frameBrief,
  explain: explainFrame,
  fields: ({ bytes, problems }) => untilTruncated(frameFields(bytes)).map((field) => withProblem(field, problems)),
}

function explainFrame(field: Field): Explanation | undefined {
  const meaning = meanings[field.name]?.(field)
  return meaning && explanation(`relay.${field.name}`, field, meaning)
}

const meanings: Record<string, (field: Field) => Meaning> = {
  nameLength: ({ value }) => ({
    value: sentence('relay.bytes', { count: Number(value) }),
    code: 'const nameLength = bytes[0]!',
    rfc: 'chapter 06',
  }),
  name: ({ value }) => ({
    value: String(value),
    code: "const name = bytes.subarray(1, 1 + nameLength).toString('utf8')",
    rfc: 'chapter 06',
  }),
  dataLength: ({ value }) => ({
    value: sentence('relay.bytes', { count: Number(value) }),
    code: 'const dataLength = view.getUint32(1 + nameLength) // big-endian',
    rfc: 'chapter 06',
  }),
  data: ({ length }) => ({
    value: sentence('relay.bytes', { count: length / 8 }),
    code: 'const data = bytes.subarray(5 + nameLength, 5 + nameLength + dataLength)',
    rfc: 'chapter 06',
  }),
}

function frameBrief(unit: RelayUnit): Brief {
  const { name, data } = relayContents(unit)
  return { kind: 'frame', preview: `${showControls(name)}: ${showText(data.subarray(0, previewBytes))}` }
}

function* frameFields(bytes: Uint8Array): Generator<Field, void> {
  const read = new BitReader(bytes, 'chapter 06')
  const nameLength = read.uint('nameLength', 8)
  yield nameLength
  if (nameLength.value > 0) {
    const name = read.raw('name', nameLength.value)
    yield { ...name, value: decodeText(name.value) }
  }
  const dataLength = read.uint('dataLength', 32)
  yield dataLength
  if (dataLength.value === 0) return
  const data = read.some('data', dataLength.value)
  if (data.length > 0) yield { ...data, note: `“${showText(data.value.subarray(0, 64))}”` }
}
