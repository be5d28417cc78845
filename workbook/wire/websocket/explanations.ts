import { toHex } from '../bytes/hex.ts'
import { showText } from '../bytes/text.ts'
import type { Direction } from '../model/chunk.ts'
import type { Field } from '../model/field.ts'
import { closeMeaning } from './close.ts'
import type { FrameHeader } from './frame-header.ts'
import { isControl, isReserved, Opcode, opcodeName } from './opcode.ts'

/** What a person wants to know about one field of a frame. Every text is plain text, never markup. */
export interface Explanation {
  /** the value in words */
  value: string
  /** `byte 0, bits 4–7` */
  where: string
  /** one line of TypeScript that reads it; `bytes` begins with the frame */
  code: string
  /** what the RFC asks for */
  rule: string
  rfc: string
  why: string
  /** what the programs of document ⑩ do wrong here */
  seed?: string
}

/** What is known about the frame of a field; a `FrameUnit` is one. */
export interface Explained {
  header?: FrameHeader
  direction?: Direction
}

type Text = Omit<Explanation, 'where'>

/** Explains a field that `frameFields` yielded. @returns `undefined` for a field that is not one of a frame */
export function explain(field: Field, frame: Explained = {}): Explanation | undefined {
  const text = texts[field.name]?.(field, frame)
  return text && { ...text, where: whereIs(field) }
}

/** Where a field stands: whole bytes by their numbers, less by byte and bits; bit 0 is the most significant. */
export function whereIs({ start, length }: Field): string {
  const first = Math.floor(start / 8)
  const last = Math.floor((start + length - 1) / 8)
  if (start % 8 === 0 && length % 8 === 0) return first === last ? `byte ${first}` : `bytes ${first}–${last}`
  const bit = start % 8
  if (length === 1) return `byte ${first}, bit ${bit} (value 0x${(0x80 >> bit).toString(16).padStart(2, '0')})`
  return `byte ${first}, bits ${bit}–${bit + length - 1}`
}

const texts: Record<string, (field: Field, frame: Explained) => Text> = {
  fin: ({ value }, { header }) => ({
    value: value
      ? header?.opcode === Opcode.continuation
        ? 'FIN is 1: the message that was sent in pieces is complete.'
        : 'FIN is 1: this frame ends its message, and most messages are one frame.'
      : 'FIN is 0: at least one more frame of this message follows.',
    code: 'const fin = (bytes[0]! & 0x80) !== 0',
    rule: 'The last frame of a message has FIN 1, all before it FIN 0. Control frames always have FIN 1.',
    rfc: 'RFC 6455 §5.4',
    why: 'A sender may begin before it knows how long the message will be, and a ping can pass between two pieces.',
    seed: 'Its parser never looks at byte 0, so three fragments are three messages to it.',
  }),
  rsv1: ({ value }, { header }) => ({
    value: value ? 'RSV1 is 1: with permessage-deflate, the message is compressed.' : 'RSV1 is 0: not compressed.',
    code: 'const rsv1 = (bytes[0]! & 0x40) !== 0',
    rule: 'Must be 0, unless an extension was negotiated that gives it a meaning; then only on the first frame of a message.',
    rfc: header?.rsv1 ? 'RFC 7692 §6' : 'RFC 6455 §5.2',
    why: 'Whoever reads compressed bytes as text sees garbage, so both sides must have agreed in the handshake.',
  }),
  rsv2: reserved('rsv2', '0x20'),
  rsv3: reserved('rsv3', '0x10'),
  opcode: ({ value }) => ({
    value: `Opcode 0x${Number(value).toString(16)}: ${opcodeWords(Number(value))}`,
    code: 'const opcode = bytes[0]! & 0x0f',
    rule: '0 continues, 1 is text, 2 binary, 8 close, 9 ping, A pong. Everything else is reserved and fails the connection.',
    rfc: 'RFC 6455 §5.2',
    why: 'The high bit tells control from data: a receiver knows what may interrupt a message without knowing every opcode.',
    seed: 'It knows “1000 0001 or 1000 0002” as fixed and ignores it. The second is no binary number (binary data is 1000 0010), and a ping is taken for text.',
  }),
  mask: ({ value }, { direction }) => ({
    value: value ? 'MASK is 1: a masking key of 4 bytes follows.' : 'MASK is 0: the payload is sent as it is.',
    code: 'const mask = (bytes[1]! & 0x80) !== 0',
    rule:
      direction === 's2c'
        ? 'A server must not mask; a client that gets a masked frame closes with 1002.'
        : direction === 'c2s'
          ? 'A client must mask every frame; a server that gets an unmasked one closes with 1002.'
          : 'Frames from a client are masked, frames from a server are not.',
    rfc: 'RFC 6455 §5.1',
    why: 'The bit says who speaks, and it keeps a script in a page from choosing the bytes that a proxy will see.',
    seed: '“The first bit is surely 1, ignore it”: it takes 4 bytes of payload for a key when a client does not mask.',
  }),
  payloadLength: ({ value }) => ({
    value:
      value === 126
        ? '126, a marker: the length stands in the next 2 bytes.'
        : value === 127
          ? '127, a marker: the length stands in the next 8 bytes.'
          : `${bytesOf(Number(value))} of payload. Up to 125 the seven bits are the length itself.`,
    code: 'const payloadLength = bytes[1]! & 0x7f',
    rule: 'The shortest of the three forms must be used. A control frame carries at most 125 bytes.',
    rfc: 'RFC 6455 §5.2',
    why: 'Small messages are the common ones, so they pay 2 bytes of header; only large ones pay 4 or 10.',
    seed: 'It reads this number and never uses it: whatever one recv returned is the message, half of it or two glued together.',
  }),
  extendedPayloadLength: ({ value, length }) => ({
    value: `${bytesOf(value as number | bigint)} of payload, written as a ${length}-bit number.`,
    code:
      length === 16
        ? 'const length = view.getUint16(2) // big-endian'
        : 'const length = view.getBigUint64(2) // big-endian',
    rule: 'Unsigned, most significant byte first, and not used for a length that fits a shorter form. Of 64 bits the first is 0.',
    rfc: 'RFC 6455 §5.2',
    why: 'One number must have one spelling: two readers that disagree about the length disagree about every byte after it.',
    seed: 'It skips these bytes without reading them.',
  }),
  maskingKey: ({ value }) => ({
    value: `${spaced(value as Uint8Array)}: payload byte i is XORed with key byte i % 4.`,
    code: 'payload[i] = masked[i]! ^ maskingKey[i % 4]!',
    rule: 'Four bytes from a strong source of randomness, fresh for each frame.',
    rfc: 'RFC 6455 §5.3',
    why: 'It hides nothing, since the key travels along. It makes the bytes unpredictable, so that no page can write an HTTP request into a proxy’s cache (§10.3).',
    seed: 'The key is found at the right place, but only the frame that begins the buffer is ever unmasked.',
  }),
  payloadData: ({ value, length }, { header }) => ({
    value: payloadWords(length / 8, value as Uint8Array, header),
    code: `const payload = bytes.subarray(${header?.headerLength ?? 'headerLength'}, ${header ? header.headerLength + header.payloadLength : 'headerLength + length'})`,
    rule: 'Exactly as many bytes as the length says. Text must be UTF-8, checked over the whole message.',
    rfc: 'RFC 6455 §5.6',
    why: 'TCP delivers a stream: the rest may come later, and the next frame may stand right behind.',
    seed: 'It reads once with a fixed size and takes what comes; and it never decodes UTF-8.',
  }),
  statusCode: ({ value }) => ({
    value: `${value}: ${closeMeaning(Number(value))}.`,
    code: 'const code = payload[0]! * 256 + payload[1]!',
    rule: '1000 to 1014 as registered (not 1004 to 1006), 3000 to 3999 for libraries, 4000 to 4999 for applications.',
    rfc: 'RFC 6455 §7.4',
    why: 'The other side can tell an orderly end from a failure, and whether it makes sense to come back.',
  }),
  reason: ({ length }) => ({
    value: `A reason of ${bytesOf(length / 8)}, for logs rather than for people.`,
    code: "const reason = new TextDecoder('utf-8', { fatal: true }).decode(payload.subarray(2))",
    rule: 'UTF-8, and at most 123 bytes: a control frame carries 125, and the code takes two.',
    rfc: 'RFC 6455 §5.5.1',
    why: 'The code is for programs; the reason tells whoever debugs it what happened.',
  }),
}

function reserved(name: string, mask: string): (field: Field) => Text {
  return ({ value }) => ({
    value: `${name.toUpperCase()} is ${value}: ${value ? 'no extension in use gives it a meaning.' : 'nothing uses it.'}`,
    code: `const ${name} = (bytes[0]! & ${mask}) !== 0`,
    rule: 'Must be 0, unless an extension was negotiated that gives it a meaning.',
    rfc: 'RFC 6455 §5.2',
    why: 'The bit is kept for extensions to come; a receiver that ignored it would misread their frames.',
  })
}

function opcodeWords(opcode: number): string {
  if (isReserved(opcode)) return 'reserved. The receiver must fail the connection.'
  if (isControl(opcode))
    return `${opcodeName(opcode)}, a control frame: at most 125 bytes, never fragmented, allowed between fragments.`
  if (opcode === Opcode.continuation) return 'continuation: more of the message that an earlier frame began.'
  return `${opcodeName(opcode)}: begins a message${opcode === Opcode.text ? ' of UTF-8 text' : ' of plain bytes'}.`
}

function payloadWords(length: number, payload: Uint8Array, header: FrameHeader | undefined): string {
  const size = bytesOf(length)
  if (!header || header.rsv1 || header.opcode === Opcode.binary) return `${size}.`
  const start = payload.slice(0, 64)
  if (header.maskingKey) for (let i = 0; i < start.length; i++) start[i]! ^= header.maskingKey[i % 4]!
  if (header.opcode === Opcode.close) return `${size}: a status code, then a reason.`
  return `${size}: “${showText(start)}”${length > 64 ? ' …' : ''}`
}

function bytesOf(count: number | bigint): string {
  return Number(count) === 1 ? '1 byte' : `${count} bytes`
}

function spaced(bytes: Uint8Array): string {
  return toHex(bytes).replace(/(..)(?=.)/g, '$1 ')
}
