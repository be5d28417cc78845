import { showText } from '../bytes/text.ts'
import type { Field } from '../model/field.ts'
import { type Brief, type Protocol, previewBytes } from '../model/protocol.ts'
import { sentence } from '../model/sentence.ts'
import type { BytesUnit, EndUnit } from '../model/unit.ts'
import { BytesReader } from './reader.ts'

/** No protocol: every connection has ends, and may have bytes that nobody here understands. */
export const plainBytes: Protocol<BytesUnit | EndUnit> = {
  name: 'bytes',
  kinds: ['bytes', 'end'],
  open: () => ({ c2s: new BytesReader(sentence('bytes.asked')), s2c: new BytesReader(sentence('bytes.asked')) }),
  title: ({ kind }) => (kind === 'end' ? 'End' : 'Bytes'),
  fields: dataField,
  brief: byteBrief,
  layers: () => [],
}

const ends = {
  fin: { c2s: sentence('brief.fin-client'), s2c: sentence('brief.fin-server') },
  rst: { c2s: sentence('brief.rst-client'), s2c: sentence('brief.rst-server') },
}

function dataField(unit: BytesUnit | EndUnit): Field[] {
  const { bytes } = unit
  if (bytes.length === 0) return []
  return [{ name: 'data', start: 0, length: bytes.length * 8, value: bytes }]
}

function byteBrief(unit: BytesUnit | EndUnit): Brief {
  if (unit.kind === 'bytes') return { kind: 'bytes', preview: showText(unit.bytes.subarray(0, previewBytes)) }
  return { kind: unit.end.toUpperCase(), preview: ends[unit.end][unit.direction] }
}
