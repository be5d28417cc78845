import { concat } from '../wire/bytes/bytes.ts'
import { Opcode } from '../wire/websocket/opcode.ts'
import { type Draft, encode } from './encoder.ts'

/** What the other side must do: close with one of these codes, send so many frames of a kind, end TCP, tell its page; `any` where the RFC leaves it open. */
export type Expected =
  | { close: number[] }
  | { frames: number; opcode: number }
  | { end: true }
  | { told: string }
  | { any: true }

/** Bytes that go wrong on purpose, or that are right and hard to read. */
export interface Preset {
  id: string
  title: string
  by: 'client' | 'server'
  /** what must happen, in words, with the rule */
  must: string
  expected: Expected
  bytes: Uint8Array
  /** the answer to a handshake, for a target where nobody else answers; `bytes` is an example of it */
  answer?: (secWebSocketAccept: string) => Uint8Array
  /** offsets at which a new write begins */
  cuts?: number[]
  /** after the bytes */
  end?: 'fin' | 'rst'
}

/** Not random, so that the bytes are the same each time; RFC 6455 §5.7 uses it too. */
const maskingKey = Uint8Array.of(0x37, 0xfa, 0x21, 0x3d)
const text = (value: string) => new TextEncoder().encode(value)
const none = new Uint8Array()

const malformed = { close: [1002] }

interface Fault extends Omit<Preset, 'id' | 'by' | 'bytes'> {
  name: string
  frames: Omit<Draft, 'maskingKey'>[]
}

const hello: Omit<Draft, 'maskingKey'> = { opcode: Opcode.text, payload: text('hello') }
const closing = (...payload: number[]): Omit<Draft, 'maskingKey'> => ({
  opcode: Opcode.close,
  payload: Uint8Array.from(payload),
})

/** What either side may do wrong; a client masks it, a server does not. */
const faults: Fault[] = [
  {
    name: 'rsv1',
    title: 'RSV1 without an extension',
    must: 'Fail with 1002: no extension gave RSV1 a meaning (§5.2).',
    expected: malformed,
    frames: [{ ...hello, rsv: 0x40 }],
  },
  {
    name: 'rsv2',
    title: 'RSV2 set',
    must: 'Fail with 1002 (§5.2).',
    expected: malformed,
    frames: [{ ...hello, rsv: 0x20 }],
  },
  {
    name: 'opcode-3',
    title: 'Opcode 3, reserved for data',
    must: 'Fail with 1002 (§5.2).',
    expected: malformed,
    frames: [{ ...hello, opcode: 0x3 }],
  },
  {
    name: 'opcode-b',
    title: 'Opcode 0xB, reserved for control',
    must: 'Fail with 1002 (§5.2).',
    expected: malformed,
    frames: [{ ...hello, opcode: 0xb }],
  },
  {
    name: 'fragmented-ping',
    title: 'A fragmented ping',
    must: 'Fail with 1002: control frames are never fragmented (§5.5).',
    expected: malformed,
    frames: [{ opcode: Opcode.ping, fin: false, payload: text('p') }],
  },
  {
    name: 'long-ping',
    title: 'A ping of 126 bytes',
    must: 'Fail with 1002: at most 125 bytes (§5.5).',
    expected: malformed,
    frames: [{ opcode: Opcode.ping, payload: new Uint8Array(126) }],
  },
  {
    name: 'long-form',
    title: 'Length 5 written in 16 bits',
    must: 'A sender must use the shortest form (§5.2), and what the receiver then does is left open: Chromium fails with 1002, ws and most servers read it.',
    expected: { any: true },
    frames: [{ ...hello, form: 16 }],
  },
  {
    name: 'bad-utf8',
    title: 'Text that is not UTF-8',
    must: 'Fail with 1007 (§8.1). Chromium says 1002.',
    expected: { close: [1007, 1002] },
    frames: [{ opcode: Opcode.text, payload: Uint8Array.of(0x68, 0xff, 0x69) }],
  },
  {
    name: 'bad-utf8-cut',
    title: 'Bad UTF-8, cut between two fragments',
    must: 'Fail with 1007: the second half of the character does not fit the first (§8.1).',
    expected: { close: [1007, 1002] },
    frames: [
      { opcode: Opcode.text, fin: false, payload: Uint8Array.of(0xc3) },
      { opcode: Opcode.continuation, payload: Uint8Array.of(0x28) },
    ],
  },
  {
    name: 'surrogate',
    title: 'A surrogate as UTF-8',
    must: 'Fail with 1007: ed a0 80 is no character (RFC 3629 §3).',
    expected: { close: [1007, 1002] },
    frames: [{ opcode: Opcode.text, payload: Uint8Array.of(0xed, 0xa0, 0x80) }],
  },
  {
    name: 'orphan',
    title: 'A continuation without a start',
    must: 'Fail with 1002 (§5.4).',
    expected: malformed,
    frames: [{ ...hello, opcode: Opcode.continuation }],
  },
  {
    name: 'interleaved',
    title: 'A new text inside a fragmented message',
    must: 'Fail with 1002 (§5.4).',
    expected: malformed,
    frames: [{ ...hello, fin: false }, hello],
  },
  {
    name: 'close-1005',
    title: 'Close with code 1005',
    must: 'Fail with 1002: 1005 must never be sent (§7.4.1).',
    expected: malformed,
    frames: [closing(0x03, 0xed)],
  },
  {
    name: 'close-one-byte',
    title: 'Close with one byte',
    must: 'Fail with 1002: half a status code (§5.5.1).',
    expected: malformed,
    frames: [closing(0x03)],
  },
  {
    name: 'close-bad-reason',
    title: 'Close with a reason that is not UTF-8',
    must: 'Fail with 1007 or 1002 (§5.5.1).',
    expected: { close: [1007, 1002] },
    frames: [closing(0x03, 0xe8, 0xff)],
  },
  {
    name: 'after-close',
    title: 'A message after the close frame',
    must: 'Answer the close with 1000 and read nothing after it (§5.5.1).',
    expected: { close: [1000] },
    frames: [closing(0x03, 0xe8), hello],
  },
]

const clientOnly: Preset[] = [
  preset(
    'client',
    {
      name: 'unmasked',
      title: 'An unmasked frame from a client',
      must: 'Fail with 1002: a client must mask (§5.1).',
      expected: malformed,
      frames: [],
    },
    encode(hello),
  ),
  preset(
    'client',
    {
      name: 'top-bit',
      title: '64-bit length with its first bit set',
      must: 'Fail: that bit must be 0 (§5.2). 1002 or 1009.',
      expected: { close: [1002, 1009] },
      frames: [],
    },
    concat([Uint8Array.of(0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 5), maskingKey]),
  ),
  everyByte(
    preset('client', {
      name: 'byte-by-byte',
      title: 'hello, one byte at a time',
      must: 'Echo it once: where TCP cuts says nothing.',
      expected: { frames: 1, opcode: Opcode.text },
      frames: [hello],
    }),
  ),
  {
    ...preset('client', {
      name: 'cut-header',
      title: 'hello, its header cut after byte 1',
      must: 'Wait for the rest, then echo it.',
      expected: { frames: 1, opcode: Opcode.text },
      frames: [hello],
    }),
    cuts: [1],
  },
  preset('client', {
    name: 'forty',
    title: '40 frames in one write',
    must: 'Echo all 40, in order.',
    expected: { frames: 40, opcode: Opcode.text },
    frames: Array.from({ length: 40 }, (_, i) => ({ opcode: Opcode.text, payload: text(String(i)) })),
  }),
  preset('client', {
    name: 'split-character',
    title: 'A character cut between two fragments',
    must: 'Echo “é”: UTF-8 is checked over the whole message (§5.6).',
    expected: { frames: 1, opcode: Opcode.text },
    frames: [
      { opcode: Opcode.text, fin: false, payload: Uint8Array.of(0xc3) },
      { opcode: Opcode.continuation, payload: Uint8Array.of(0xa9) },
    ],
  }),
]

const serverOnly: Preset[] = [
  preset(
    'server',
    {
      name: 'masked',
      title: 'A masked frame from a server',
      must: 'The browser fails with 1002 (§5.1).',
      expected: malformed,
      frames: [],
    },
    encode({ ...hello, maskingKey }),
  ),
  preset('server', {
    name: 'ping',
    title: 'A ping',
    must: 'The browser answers with a pong of the same payload, and tells the page nothing (§5.5.3).',
    expected: { frames: 1, opcode: Opcode.pong },
    frames: [{ opcode: Opcode.ping, payload: text('ping!') }],
  }),
  preset('server', {
    name: 'ping-between',
    title: 'A ping between two fragments',
    must: 'A pong at once; the page gets one message, “Hello” (§5.4).',
    expected: { frames: 1, opcode: Opcode.pong },
    frames: [
      { opcode: Opcode.text, fin: false, payload: text('Hel') },
      { opcode: Opcode.ping, payload: text('p') },
      { opcode: Opcode.continuation, payload: text('lo') },
    ],
  }),
]

const switching = (accept: string) =>
  `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`

type Answer = Omit<Preset, 'by' | 'bytes'> & { answer: (secWebSocketAccept: string) => Uint8Array }

const handshakes: Answer[] = [
  {
    id: 'answer-right',
    title: 'A right handshake, then hello',
    must: 'The browser opens the WebSocket and gives the page “hello” (§4.1).',
    expected: { told: 'message “hello”' },
    answer: (accept: string) => concat([text(switching(accept)), encode(hello)]),
  },
  {
    id: 'answer-wrong-accept',
    title: 'A wrong Sec-WebSocket-Accept',
    must: 'The browser fails the connection; the page sees 1006, and only the console says why (§4.1).',
    expected: { end: true },
    answer: () => text(switching('d3JvbmcsIGFuZCAyMCBieXRlcw==')),
  },
  {
    id: 'answer-status-200',
    title: 'Status 200 instead of 101',
    must: 'The browser fails the connection; the page sees 1006 (§4.1).',
    expected: { end: true },
    answer: () => text('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'),
  },
]

/** Answers to a handshake, right and wrong. The example answers the key of RFC 6455 §1.3. */
export const handshakeAnswers = handshakes.map(
  (one): Preset => ({ ...one, by: 'server', bytes: one.answer('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=') }),
)

/** All of them, those of a client first. */
export const presets: Preset[] = [
  ...clientOnly,
  ...faults.map((fault) => preset('client', fault)),
  ...(['client', 'server'] as const).flatMap(endings),
  ...serverOnly,
  ...faults.map((fault) => preset('server', fault)),
].sort((a, b) => (a.by === b.by ? 0 : a.by === 'client' ? -1 : 1))

function preset(by: Preset['by'], { name, frames, ...rest }: Fault, bytes?: Uint8Array): Preset {
  const key = by === 'client' ? { maskingKey } : {}
  return {
    id: `${by}-${name}`,
    by,
    ...rest,
    bytes: bytes ?? concat(frames.map((frame) => encode({ ...frame, ...key }))),
  }
}

function everyByte(one: Preset): Preset {
  return { ...one, cuts: Array.from({ length: one.bytes.length - 1 }, (_, i) => i + 1) }
}

function endings(by: Preset['by']): Preset[] {
  const seen = by === 'server' ? 'The page sees 1006. ' : ''
  return [
    {
      id: `${by}-fin`,
      by,
      title: 'FIN without a close frame',
      must: `${seen}The other side ends its direction too (§7.1.5).`,
      expected: { end: true },
      bytes: none,
      end: 'fin',
    },
    {
      id: `${by}-rst`,
      by,
      title: 'RST',
      must: `${seen}Nothing can be answered: the connection is gone (§7.1.5).`,
      expected: { end: true },
      bytes: none,
      end: 'rst',
    },
  ]
}
