import { BitReader, untilTruncated } from '../bytes/bits.ts'
import { decodeText, showControls, showText } from '../bytes/text.ts'
import type { Field } from '../model/field.ts'
import { type Brief, type Protocol, previewBytes } from '../model/protocol.ts'
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
  fields: (unit) => untilTruncated(frameFields(unit.bytes)),
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
