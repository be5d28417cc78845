import type { Catalogue } from '../catalogue.ts'
import { countOf } from './grammar.ts'

/** Each field of a WebSocket frame: its value in words, the rule, why there is one, and what document ⑩ makes of it. */
export const websocketFieldSentences: Catalogue = {
  'websocket.fin.one': 'FIN is 1: this frame ends its message, and most messages are one frame.',
  'websocket.fin.last-fragment': 'FIN is 1: the message that was sent in pieces is complete.',
  'websocket.fin.zero': 'FIN is 0: at least one more frame of this message follows.',
  'websocket.fin.rule': 'The last frame of a message has FIN 1, all before it FIN 0. Control frames always have FIN 1.',
  'websocket.fin.why':
    'A sender may begin before it knows how long the message will be, and a ping can pass between two pieces.',
  'websocket.fin.seed': 'Its parser never looks at byte 0, so three fragments are three messages to it.',

  'websocket.rsv1.one': 'RSV1 is 1: with permessage-deflate, the message is compressed.',
  'websocket.rsv1.zero': 'RSV1 is 0: not compressed.',
  'websocket.rsv1.rule':
    'Must be 0, unless an extension was negotiated that gives it a meaning; then only on the first frame of a message.',
  'websocket.rsv1.why':
    'Whoever reads compressed bytes as text sees garbage, so both sides must have agreed in the handshake.',

  'websocket.reserved.one': '{bit} is 1: no extension in use gives it a meaning.',
  'websocket.reserved.zero': '{bit} is 0: nothing uses it.',
  'websocket.reserved.rule': 'Must be 0, unless an extension was negotiated that gives it a meaning.',
  'websocket.reserved.why':
    'The bit is kept for extensions to come; a receiver that ignored it would misread their frames.',

  'websocket.opcode.reserved': 'Opcode 0x{digit}: reserved. The receiver must fail the connection.',
  'websocket.opcode.control':
    'Opcode 0x{digit}: {name}, a control frame: at most 125 bytes, never fragmented, allowed between fragments.',
  'websocket.opcode.continuation': 'Opcode 0x{digit}: continuation: more of the message that an earlier frame began.',
  'websocket.opcode.text': 'Opcode 0x{digit}: text: begins a message of UTF-8 text.',
  'websocket.opcode.binary': 'Opcode 0x{digit}: binary: begins a message of plain bytes.',
  'websocket.opcode.rule':
    '0 continues, 1 is text, 2 binary, 8 close, 9 ping, A pong. Everything else is reserved and fails the connection.',
  'websocket.opcode.why':
    'The high bit tells control from data: a receiver knows what may interrupt a message without knowing every opcode.',
  'websocket.opcode.seed':
    'It knows “1000 0001 or 1000 0002” as fixed and ignores it. The second is no binary number (binary data is 1000 0010), and a ping is taken for text.',

  'websocket.mask.one': 'MASK is 1: a masking key of 4 bytes follows.',
  'websocket.mask.zero': 'MASK is 0: the payload is sent as it is.',
  'websocket.mask.rule': 'Frames from a client are masked, frames from a server are not.',
  'websocket.mask.rule-client': 'A client must mask every frame; a server that gets an unmasked one closes with 1002.',
  'websocket.mask.rule-server': 'A server must not mask; a client that gets a masked frame closes with 1002.',
  'websocket.mask.why':
    'The bit says who speaks, and it keeps a script in a page from choosing the bytes that a proxy will see.',
  'websocket.mask.seed':
    '“The first bit is surely 1, ignore it”: it takes 4 bytes of payload for a key when a client does not mask.',

  'websocket.payloadLength.length': ({ length }) =>
    `${countOf(length, 'byte')} of payload. Up to 125 the seven bits are the length itself.`,
  'websocket.payloadLength.marker': '{marker}, a marker: the length stands in the next {count} bytes.',
  'websocket.payloadLength.rule':
    'The shortest of the three forms must be used. A control frame carries at most 125 bytes.',
  'websocket.payloadLength.why':
    'Small messages are the common ones, so they pay 2 bytes of header; only large ones pay 4 or 10.',
  'websocket.payloadLength.seed':
    'It reads this number and never uses it: whatever one recv returned is the message, half of it or two glued together.',

  'websocket.extendedPayloadLength.length': ({ length, bits }) =>
    `${countOf(length, 'byte')} of payload, written as a ${bits}-bit number.`,
  'websocket.extendedPayloadLength.rule':
    'Unsigned, most significant byte first, and not used for a length that fits a shorter form. Of 64 bits the first is 0.',
  'websocket.extendedPayloadLength.why':
    'One number must have one spelling: two readers that disagree about the length disagree about every byte after it.',
  'websocket.extendedPayloadLength.seed': 'It skips these bytes without reading them.',

  'websocket.maskingKey.bytes': '{bytes}: payload byte i is XORed with key byte i % 4.',
  'websocket.maskingKey.rule': 'Four bytes from a strong source of randomness, fresh for each frame.',
  'websocket.maskingKey.why':
    'It hides nothing, since the key travels along. It makes the bytes unpredictable, so that no page can write an HTTP request into a proxy’s cache (§10.3).',
  'websocket.maskingKey.seed':
    'The key is found at the right place, but only the frame that begins the buffer is ever unmasked.',

  'websocket.payloadData.bytes': ({ length }) => `${countOf(length, 'byte')}.`,
  'websocket.payloadData.close': ({ length }) => `${countOf(length, 'byte')}: a status code, then a reason.`,
  'websocket.payloadData.text': ({ length, text }) => `${countOf(length, 'byte')}: “${text}”`,
  'websocket.payloadData.start': ({ length, text }) => `${countOf(length, 'byte')}: “${text}” …`,
  'websocket.payloadData.rule':
    'Exactly as many bytes as the length says. Text must be UTF-8, checked over the whole message.',
  'websocket.payloadData.why':
    'TCP delivers a stream: the rest may come later, and the next frame may stand right behind.',
  'websocket.payloadData.seed': 'It reads once with a fixed size and takes what comes; and it never decodes UTF-8.',

  'websocket.statusCode.code': '{code}: {meaning}.',
  'websocket.statusCode.rule':
    '1000 to 1014 as registered (not 1004 to 1006), 3000 to 3999 for libraries, 4000 to 4999 for applications.',
  'websocket.statusCode.why':
    'The other side can tell an orderly end from a failure, and whether it makes sense to come back.',

  'websocket.reason.length': ({ length }) => `A reason of ${countOf(length, 'byte')}, for logs rather than for people.`,
  'websocket.reason.rule': 'UTF-8, and at most 123 bytes: a control frame carries 125, and the code takes two.',
  'websocket.reason.why': 'The code is for programs; the reason tells whoever debugs it what happened.',
}
