import { BitReader, untilTruncated } from '../bytes/bits.ts'
import { showText } from '../bytes/text.ts'
import { type Explanation, explanation, type Meaning } from '../model/explanation.ts'
import type { Field } from '../model/field.ts'
import { withProblem } from '../model/problem.ts'
import { type Protocol, previewBytes } from '../model/protocol.ts'
import { sentence } from '../model/sentence.ts'
import { PrefixedReader } from './reader.ts'
import { type PrefixedUnit, prefixBytes } from './unit.ts'

/** Messages behind a length of four bytes, as labs 02 and 09 frame them. */
export const lengthPrefixed: Protocol<PrefixedUnit> = {
  name: 'length-prefixed',
  kinds: ['prefixed'],
  onlyWhenNamed: true,
  // No message of a lab has 16 MiB, and no text begins with NUL.
  recognise: (bytes) => (bytes[0] === 0 ? 'yes' : 'no'),
  open: () => ({ c2s: new PrefixedReader(), s2c: new PrefixedReader() }),
  title: () => 'Message',
  brief: ({ bytes }) => ({
    kind: 'message',
    preview: showText(bytes.subarray(prefixBytes, prefixBytes + previewBytes)),
  }),
  explain: explainMessage,
  fields: ({ bytes, problems }) => untilTruncated(messageFields(bytes)).map((field) => withProblem(field, problems)),
}

function explainMessage(field: Field): Explanation | undefined {
  const meaning = meanings[field.name]?.(field)
  return meaning && explanation(`prefixed.${field.name}`, field, meaning)
}

const meanings: Record<string, (field: Field) => Meaning> = {
  length: ({ value }) => ({
    value: sentence('prefixed.bytes', { count: Number(value) }),
    code: 'const length = view.getUint32(0) // big-endian',
    rfc: 'chapter 02',
  }),
  message: ({ length }) => ({
    value: sentence('prefixed.bytes', { count: length / 8 }),
    code: 'const message = bytes.subarray(4, 4 + length)',
    rfc: 'chapter 02',
  }),
}

function* messageFields(bytes: Uint8Array): Generator<Field, void> {
  const read = new BitReader(bytes, 'chapter 02')
  const length = read.uint('length', 32)
  yield length
  if (length.value === 0) return
  const message = read.some('message', length.value)
  if (message.length > 0) yield { ...message, note: `“${showText(message.value.subarray(0, 64))}”` }
}
