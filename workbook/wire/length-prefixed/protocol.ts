import { BitReader, untilTruncated } from '../bytes/bits.ts'
import { showText } from '../bytes/text.ts'
import type { Field } from '../model/field.ts'
import { type Protocol, previewBytes } from '../model/protocol.ts'
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
  fields: (unit) => untilTruncated(messageFields(unit.bytes)),
}

function* messageFields(bytes: Uint8Array): Generator<Field, void> {
  const read = new BitReader(bytes, 'chapter 02')
  const length = read.uint('length', 32)
  yield length
  if (length.value === 0) return
  const message = read.some('message', length.value)
  if (message.length > 0)
    yield { ...message, value: message.value, note: `“${showText(message.value.subarray(0, 64))}”` }
}
