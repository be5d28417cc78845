import { spacedHex } from '../bytes/hex.ts'
import { showText } from '../bytes/text.ts'
import type { Direction } from '../model/chunk.ts'
import type { Explanation } from '../model/explanation.ts'
import { type Field, whereIs } from '../model/field.ts'
import { type Sentence, sentence } from '../model/sentence.ts'
import { closeMeaning } from './close.ts'
import { type FrameHeader, unmask } from './frame-header.ts'
import { isControl, isReserved, Opcode, opcodeName } from './opcode.ts'

/** What is known about the frame of a field; a `FrameUnit` is one. */
interface Explained {
  header?: FrameHeader
  direction?: Direction
}

/** Explains a field that `frameFields` yielded. @returns `undefined` for a field that is not one of a frame */
export function explain(field: Field, frame: Explained = {}): Explanation | undefined {
  const meaning = meanings[field.name]?.(field, frame)
  if (!meaning) return undefined
  const about = `websocket.${meaning.about ?? field.name}`
  return {
    where: whereIs(field),
    rule: sentence(`${about}.rule`),
    why: sentence(`${about}.why`),
    ...(misread.has(field.name) ? { seed: sentence(`${about}.seed`) } : {}),
    ...meaning,
  }
}

/** What differs from frame to frame; the rest of an explanation is found by the name of the field. */
interface Meaning extends Pick<Explanation, 'value' | 'code' | 'rfc'> {
  /** the name that the codes hold instead of the field's, where several fields have the same texts */
  about?: string
  /** the rule, where it depends on the frame */
  rule?: Sentence
}

/** The fields that the programs of document ⑩ read wrongly. */
const misread = new Set([
  'fin',
  'opcode',
  'mask',
  'payloadLength',
  'extendedPayloadLength',
  'maskingKey',
  'payloadData',
])

const meanings: Record<string, (field: Field, frame: Explained) => Meaning> = {
  fin: ({ value }, { header }) => ({
    value: value
      ? header?.opcode === Opcode.continuation
        ? sentence('websocket.fin.last-fragment')
        : sentence('websocket.fin.one')
      : sentence('websocket.fin.zero'),
    code: 'const fin = (bytes[0]! & 0x80) !== 0',
    rfc: 'RFC 6455 §5.4',
  }),
  rsv1: ({ value }, { header }) => ({
    value: value ? sentence('websocket.rsv1.one') : sentence('websocket.rsv1.zero'),
    code: 'const rsv1 = (bytes[0]! & 0x40) !== 0',
    rfc: header?.rsv1 ? 'RFC 7692 §6' : 'RFC 6455 §5.2',
  }),
  rsv2: reserved('rsv2', '0x20'),
  rsv3: reserved('rsv3', '0x10'),
  opcode: ({ value }) => ({
    value: opcodeMeaning(Number(value)),
    code: 'const opcode = bytes[0]! & 0x0f',
    rfc: 'RFC 6455 §5.2',
  }),
  mask: ({ value }, { direction }) => ({
    value: value ? sentence('websocket.mask.one') : sentence('websocket.mask.zero'),
    code: 'const mask = (bytes[1]! & 0x80) !== 0',
    ...(direction === 's2c' ? { rule: sentence('websocket.mask.rule-server') } : {}),
    ...(direction === 'c2s' ? { rule: sentence('websocket.mask.rule-client') } : {}),
    rfc: 'RFC 6455 §5.1',
  }),
  payloadLength: ({ value }) => ({
    value:
      value === 126
        ? sentence('websocket.payloadLength.marker', { marker: 126, count: 2 })
        : value === 127
          ? sentence('websocket.payloadLength.marker', { marker: 127, count: 8 })
          : sentence('websocket.payloadLength.length', { length: Number(value) }),
    code: 'const payloadLength = bytes[1]! & 0x7f',
    rfc: 'RFC 6455 §5.2',
  }),
  extendedPayloadLength: ({ value, length }) => ({
    value: sentence('websocket.extendedPayloadLength.length', { length: value as number | bigint, bits: length }),
    code:
      length === 16
        ? 'const length = view.getUint16(2) // big-endian'
        : 'const length = view.getBigUint64(2) // big-endian',
    rfc: 'RFC 6455 §5.2',
  }),
  maskingKey: ({ value }) => ({
    value: sentence('websocket.maskingKey.bytes', { bytes: spacedHex(value as Uint8Array) }),
    code: 'payload[i] = masked[i]! ^ maskingKey[i % 4]!',
    rfc: 'RFC 6455 §5.3',
  }),
  payloadData: ({ value, length }, { header }) => ({
    value: payloadMeaning(length / 8, value as Uint8Array, header),
    code: `const payload = bytes.subarray(${header?.headerLength ?? 'headerLength'}, ${header ? header.headerLength + header.payloadLength : 'headerLength + length'})`,
    rfc: 'RFC 6455 §5.6',
  }),
  statusCode: ({ value }) => ({
    value: sentence('websocket.statusCode.code', { code: Number(value), meaning: closeMeaning(Number(value)) }),
    code: 'const code = payload[0]! * 256 + payload[1]!',
    rfc: 'RFC 6455 §7.4',
  }),
  reason: ({ length }) => ({
    value: sentence('websocket.reason.length', { length: length / 8 }),
    code: "const reason = new TextDecoder('utf-8', { fatal: true }).decode(payload.subarray(2))",
    rfc: 'RFC 6455 §5.5.1',
  }),
}

function reserved(name: string, mask: string): (field: Field) => Meaning {
  const bit = name.toUpperCase()
  return ({ value }) => ({
    value: value ? sentence('websocket.reserved.one', { bit }) : sentence('websocket.reserved.zero', { bit }),
    code: `const ${name} = (bytes[0]! & ${mask}) !== 0`,
    rfc: 'RFC 6455 §5.2',
    about: 'reserved',
  })
}

function opcodeMeaning(opcode: number): Sentence {
  const digit = opcode.toString(16)
  if (isReserved(opcode)) return sentence('websocket.opcode.reserved', { digit })
  if (isControl(opcode)) return sentence('websocket.opcode.control', { digit, name: opcodeName(opcode) })
  if (opcode === Opcode.continuation) return sentence('websocket.opcode.continuation', { digit })
  return opcode === Opcode.text
    ? sentence('websocket.opcode.text', { digit })
    : sentence('websocket.opcode.binary', { digit })
}

function payloadMeaning(length: number, payload: Uint8Array, header: FrameHeader | undefined): Sentence {
  if (!header || header.rsv1 || header.opcode === Opcode.binary)
    return sentence('websocket.payloadData.bytes', { length })
  if (header.opcode === Opcode.close) return sentence('websocket.payloadData.close', { length })
  const start = unmask(payload.subarray(0, maxBytesShown), header.maskingKey)
  return length > maxBytesShown
    ? sentence('websocket.payloadData.start', { length, text: showText(start) })
    : sentence('websocket.payloadData.text', { length, text: showText(start) })
}

/** The most bytes of a payload that are shown. */
const maxBytesShown = 64
