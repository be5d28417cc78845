import { describe, expect, test } from 'vitest'
import { say } from '../workbook/sentences/say.ts'
import { guard, isSecret, protocolsOf } from '../workbook/server/guard.ts'
import { limits } from '../workbook/server/limits.ts'
import { parseCommand, parseJson } from '../workbook/server/mirror-commands.ts'
import { RequestFilter } from '../workbook/server/request-filter.ts'
import { portTarget } from '../workbook/server/targets.ts'
import { fromBase64, toBase64 } from '../workbook/wire/bytes/base64.ts'
import { fromHex, hexDump, toHex } from '../workbook/wire/bytes/hex.ts'
import { parseHex } from '../workbook/wire/bytes/parse-hex.ts'
import { sha1 } from '../workbook/wire/bytes/sha1.ts'
import { showText } from '../workbook/wire/bytes/text.ts'
import { Utf8Check } from '../workbook/wire/bytes/utf8.ts'
import { readEnginePacket, readPayload } from '../workbook/wire/engineio/engine-packet.ts'
import { decodeMirrorChunk, encodeMirrorChunk } from '../workbook/wire/formats/mirror-chunk.ts'
import { packLink, unpackLink } from '../workbook/wire/formats/permalink.ts'
import { readRecording } from '../workbook/wire/formats/recording.ts'
import { ChunkedBody, joinChunked } from '../workbook/wire/http/chunked.ts'
import {
  type Head,
  hasToken,
  headerValue,
  headFields,
  parseHead,
  type RequestHead,
  type ResponseHead,
} from '../workbook/wire/http/head.ts'
import { FirstLine, HeadEnd } from '../workbook/wire/http/head-stream.ts'
import type { HeadUnit } from '../workbook/wire/http/unit.ts'
import { messagePackField } from '../workbook/wire/messagepack/fields.ts'
import { briefOf, isRecognised, unitFields } from '../workbook/wire/protocols.ts'
import { PacketReader } from '../workbook/wire/socketio/packet-reader.ts'
import { placeholders, readSocketPacket, withAttachments } from '../workbook/wire/socketio/socket-packet.ts'
import { Conversation } from '../workbook/wire/stream/conversation.ts'
import { readHello } from '../workbook/wire/tls/hello.ts'
import { HandshakeJoiner, recordFields } from '../workbook/wire/tls/record.ts'
import { checkClose, closeFields, readClose } from '../workbook/wire/websocket/close.ts'
import { parseExtensions } from '../workbook/wire/websocket/extensions.ts'
import { frameFields } from '../workbook/wire/websocket/fields.ts'
import { checkEarlyAnswer, checkRequest, checkResponse } from '../workbook/wire/websocket/handshake.ts'
import { Message } from '../workbook/wire/websocket/message.ts'
import type { FrameUnit } from '../workbook/wire/websocket/unit.ts'
import { writeVector } from '../workbook/wire/websocket/vector.ts'

// Bytes come from anybody. Whoever reads them takes a time that grows with their number and with nothing else, or a few
// bytes stop a tap, and a link stops a page.

const shortBytes = 2 ** 11
const longBytes = 2 ** 14
/** About 1 µs a byte: what collecting garbage can take. A quadratic reader takes longer, if it only copies. */
const unnoticedMs = 40
/** What is read at once may take so many times as long as in eight parts; a quadratic reader takes 8 times as long. */
const mostTimes = 4

interface Entry {
  name: string
  /** @param text one character a byte @param bytes the same */
  read: (text: string, bytes: Uint8Array) => unknown
  /** what stands before the repeated part, for the reader to come so far */
  before?: string[]
  /** what stands behind all of it */
  after?: string
  /** what is repeated, beside the usual */
  fills?: string[]
  /** it reads bytes, and looks for nothing in a text */
  binary?: boolean
}

/** What is repeated until there are enough bytes: whatever a pattern may stop at, alone and in turn. */
const fills = [
  ...[' ', '\t', '\r', '\n', '\r\n', ' \r', '\0', '\x1e', 'é', '"', "'", '\\', '\\"', '",', '[', '[]', '(', '{}', '<'],
  ...[
    '/',
    '/*',
    '/**/',
    '0',
    'a',
    'A',
    '0x',
    '\\x00',
    '00 ',
    '00\n',
    '0,',
    '0x00,',
    ', ',
    ' ,',
    ';',
    '; ',
    ':',
    '=',
    '-',
  ],
  ...['*', '|', 'a,', 'a;', 'a=",",', 'a: b\r\n', 'a \n', 'A:\rx\r\n', '{"a":', '[1,'],
]
const byteFills = ['\0', '\x01', ' ', '\x80', '\xff']
/** A good end, and one that makes what came before it wrong. */
const ends = ['', '\rx']

const request = 'GET / HTTP/1.1\r\n'
const response = 'HTTP/1.1 101 Switching Protocols\r\n'
const websocket = 'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-'
const rules = { hosts: new Set(['box.example']), origins: new Set(['http://localhost:5173']) }
const hosted = `${request}Host: 127.0.0.1:7100\r\n`

const entries: Entry[] = [
  { name: 'showText', read: (_, bytes) => showText(bytes) },
  { name: 'toHex, hexDump', binary: true, read: (_, bytes) => [toHex(bytes), hexDump(bytes)] },
  { name: 'fromHex', read: fromHex },
  { name: 'toBase64, sha1', binary: true, read: (_, bytes) => [toBase64(bytes), sha1(bytes)] },
  { name: 'fromBase64', read: fromBase64 },
  {
    name: 'parseHex',
    read: parseHex,
    before: ['', '{', '00000000: ', '0000000 0000 ', '0000  00\n0001  '],
    fills: ['0000  00\n', '00000000: 00\n', '8', '81 85  ..\n', ' 00', '0000000 '],
  },
  { name: 'Utf8Check', read: (_, bytes) => new Utf8Check().push(bytes), fills: ['\xf0\x90\x80\x80', '\xe2\x82\xac'] },
  {
    name: 'Utf8Check, byte by byte',
    binary: true,
    read: (_, bytes) => {
      const check = new Utf8Check()
      return eachByte(bytes, (byte) => check.push(byte))
    },
  },

  {
    name: 'parseHead and its fields',
    read: (_, bytes) => fieldsOf(parseHead(bytes)),
    before: ['', 'GET ', 'GET /', 'GET / ', 'HTTP/1.1 200 ', request, `${request}a:`, `${response}a: b`],
    fills: ['x\r\na:b\r\n'],
  },
  { name: 'headerValue, hasToken', read: (text) => askHead(headOf(`${request}Connection: ${oneLine(text)}\r\n\r\n`)) },
  { name: 'headerValue, hasToken of many lines', read: (_, bytes) => askHead(parseHead(bytes)), before: [request] },
  { name: 'isRecognised', read: (_, bytes) => isRecognised(bytes, 'c2s'), before: ['', 'GET ', 'GET / '] },
  { name: 'FirstLine', read: (_, bytes) => new FirstLine().push(bytes), before: ['', 'GET ', 'GET / '] },
  {
    name: 'FirstLine, byte by byte',
    binary: true,
    read: (_, bytes) => {
      const line = new FirstLine()
      return eachByte(bytes, (byte) => line.push(byte))
    },
    before: ['', 'GET ', 'GET / '],
  },
  {
    name: 'HeadEnd, byte by byte',
    binary: true,
    fills: ['\r', '\n\r', '\r\n'],
    read: (_, bytes) => {
      const end = new HeadEnd()
      return eachByte(bytes, (byte) => end.push(byte))
    },
  },
  {
    name: 'ChunkedBody, byte by byte, and joinChunked',
    binary: true,
    read: (_, bytes) => {
      const body = new ChunkedBody()
      eachByte(bytes, (byte) => body.take(byte))
      return [new ChunkedBody().take(bytes), joinChunked(bytes)]
    },
    before: ['', '1', '1;', '0\r\n'],
    fills: ['1\r\nx\r\n', '1;a="b"\r\nx\r\n', '10000\r\n'],
  },

  {
    name: 'parseExtensions',
    read: parseExtensions,
    before: ['', 'permessage-deflate; a="', 'a; b='],
    fills: ['a;b="c\\"",', 'a;b;', 'a; b=" ', '1;1=1,', 'permessage-deflate; client_max_window_bits,'],
  },
  {
    name: 'checkRequest',
    read: (text) => checkRequest(headOf(`${request}${websocket}${oneLine(text)}\r\n\r\n`) as RequestHead),
    before: ['Key:', 'Version:', 'Extensions: ', 'Extensions: permessage-deflate;', 'Protocol:'],
    fills: ['permessage-deflate,', 'x;', 'a;permessage-deflate;x,'],
  },
  {
    name: 'checkResponse, checkEarlyAnswer',
    read: (text) => {
      const line = `${websocket}${oneLine(text)}\r\n\r\n`
      const key = `${websocket}Key: dGhlIHNhbXBsZSBub25jZQ==\r\n`
      const [asked, answer] = [headOf(`${request}${key}${line}`), headOf(`${response}${line}`)]
      checkEarlyAnswer(asked as RequestHead, answer as ResponseHead)
      return checkResponse(answer as ResponseHead, asked as RequestHead)
    },
    before: ['Key: ', 'Accept: ', 'Extensions: ', 'Protocol: '],
    fills: ['permessage-deflate,', 'permessage-deflate;client_max_window_bits,', 'permessage-deflate;x;y;z,'],
  },
  {
    name: 'an agreement on what was never offered',
    binary: true,
    read: (text) => {
      const [one, other] = ['', ';client_max_window_bits=9'].map((p) => `permessage-deflate${p},`) as [string, string]
      const offers = one.repeat(text.length / 50)
      const agreed = other.repeat(text.length / 50)
      const asked = headOf(`${request}${websocket}Extensions: ${offers}\r\n\r\n`)
      const answer = headOf(`${response}${websocket}Extensions: ${agreed}\r\n\r\n`)
      return checkResponse(answer as ResponseHead, asked as RequestHead)
    },
  },
  {
    name: 'frames and their fields',
    read: (_, bytes) => said(() => [...frameFields(bytes)]),
    binary: true,
    before: ['\x81\x7f\0\0\0\0\0\0\x70\0', '\x81\xff\0\0\0\0\0\0\x70\0abcd', '\x88\x7e\x70\0'],
    after: '.'.repeat(64),
  },
  {
    name: 'close frames',
    read: (_, bytes) => [readClose(bytes), checkClose(bytes), ...closeFields(bytes, 0)],
    before: ['\x03\xe8'],
    binary: true,
  },
  { name: 'writeVector', read: (text) => writeVector([frame(bytesOf('x'))], text, say) },
  {
    name: 'TLS records and hellos',
    read: (_, bytes) => {
      const all = bytes.subarray(0, 0x4005)
      const record = new HandshakeJoiner().read(all, false)
      return [readHello(all.subarray(5)), said(() => [...recordFields(all, record)])]
    },
    binary: true,
    before: ['\x16\x03\x03\x40\x00', `\x16\x03\x03\x40\x00\x01\0\x3f\xfc\x03\x03${'r'.repeat(32)}\0\x10\0`],
    fills: ['\0\x10\0\0', '\x02\0\0\x01x'],
  },
  {
    name: 'TLS records of one byte',
    binary: true,
    read: (_, bytes) => {
      const records = new HandshakeJoiner()
      records.read(Uint8Array.of(22, 3, 3, 0, 4, 1, 0, 0xff, 0xff), false)
      return eachByte(bytes, ([byte]) => records.read(Uint8Array.of(22, 3, 3, 0, 1, byte!), false))
    },
  },
  ...[
    { start: 'resp', before: ['', '*9999999999\r\n'], fills: ['*1\r\n', ':1\r\n', '|1\r\n+a\r\n+b\r\n'] },
    { start: 'lines', before: [''], fills: ['a\n'] },
    { start: 'length-prefixed', before: [''], fills: ['\0\0\0\x01a'] },
    { start: 'relay', before: ['JOIN a\n'], fills: ['\x01a\0\0\0\0'] },
  ].map(({ start, before, fills }) => ({
    name: `${start}: its units, the one that arrives, and their fields`,
    binary: true,
    before,
    fills,
    read: (_: string, bytes: Uint8Array) => {
      const conversation = new Conversation({ start })
      const found = conversation.push(chunk(bytes))
      const pending = conversation.pending('c2s')
      return [...found, ...(pending ? [pending] : [])].map((unit) => [unitFields(unit), briefOf(unit)])
    },
  })),
  {
    name: 'MessagePack',
    binary: true,
    read: (_, bytes) => said(() => messagePackField(bytes, 0)),
    before: ['', '\xdd\xff\xff\xff\xff'],
    fills: ['\x91', '\x81a', '\xa1a', '\xc4\x01a'],
  },

  { name: 'readEnginePacket', read: (text) => readEnginePacket(text), before: ['', '0', '0{', '4'] },
  { name: 'readPayload', read: (text) => readPayload(text), before: ['', 'b'] },
  {
    name: 'readSocketPacket',
    read: (text) => readSocketPacket(text),
    before: ['', '2', '5', '51-', '2/', '2/a,', '2["', '2{"a":"', '51-["a",{"_placeholder":true,"num":'],
  },
  {
    name: 'PacketReader, polling and frames',
    read: (_, bytes) => {
      const reader = new PacketReader()
      reader.push(head(headOf('GET /socket.io/?EIO=4 HTTP/1.1\r\n\r\n')))
      const body = { ...unit(bytes), kind: 'body', chunked: false } as const
      return [reader.push(body), reader.push(frame(bytes))]
    },
    before: ['', '451-["a",{"_placeholder":true,"num":'],
    fills: ['42["a"]\x1e', '450-["a"]\x1e', '40/a,\x1e', '421["a"]\x1e', '{"_placeholder":true,"num":0},'],
  },
  {
    name: 'placeholders, withAttachments',
    read: (text) => {
      const data: unknown = JSON.parse(`[${'{"_placeholder":true,"num":0},'.repeat(text.length / 30)}0]`)
      return [placeholders(data), withAttachments(data, [bytesOf('x')])]
    },
    binary: true,
  },

  {
    name: 'readRecording',
    read: readRecording,
    before: ['', '{', '{"version":', '{"version":1,"connections":[{"chunks":['],
    fills: ['{"dir":"c2s","t":0,"hex":"00"},', '[0,'],
  },
  { name: 'decodeMirrorChunk', read: (_, bytes) => decodeMirrorChunk(encodeMirrorChunk(chunk(bytes))) },

  {
    name: 'RequestFilter',
    read: (_, bytes) => new RequestFilter(rules, bytes.length).push(Buffer.from(bytes)),
    before: ['', 'GET ', 'GET / ', request, `${hosted}A:`, `${hosted}Content-Length: 9\r\n\r\n123456789`],
    fills: [`${hosted}\r\n`],
  },
  {
    name: 'RequestFilter, byte by byte',
    read: (_, bytes) => {
      const filter = new RequestFilter(rules, bytes.length)
      return eachByte(bytes, (byte) => filter.push(Buffer.from(byte)))
    },
    before: ['', 'GET /', request, `${hosted}A:`],
    fills: [`${hosted}\r\n`, '\r', 'a', 'a: b\r\n'],
    binary: true,
  },
  {
    name: 'guard, isSecret, protocolsOf',
    read: (text) => {
      const headers = ['Host', 'Origin', 'Sec-WebSocket-Protocol'].flatMap((name) => [name, text])
      const named = ['Host', '127.0.0.1:7100', ...headers.slice(4)]
      const token = '0'.repeat(32)
      return [
        guard(headers, rules, 'data'),
        guard(named, rules, 'channel'),
        isSecret(text, token),
        protocolsOf(headers),
      ]
    },
  },
  { name: 'portTarget', read: (text) => said(() => portTarget(text)), before: ['', '80:'] },
  {
    name: 'commands of a page',
    read: (text) => {
      said(() => parseCommand(parseJson(text), limits))
      return said(() => parseCommand({ id: 1, type: 'send', connection: 1, data: text, cuts: [...text] }, limits))
    },
    before: ['', '{"id":1,"type":"', '{"id":1,"type":['],
  },
]

describe('the time is linear in the bytes', () => {
  test.each(entries)('$name', { timeout: 240_000 }, ({ read, before = [''], after = '', fills: own = [], binary }) => {
    for (const start of before) {
      for (const fill of [...own, ...(binary ? byteFills : fills)]) {
        for (const end of ends) {
          const input = (length: number) => {
            const count = Math.ceil((length - start.length - end.length - after.length) / fill.length)
            return start + fill.repeat(count) + end + after
          }
          expect(growth(read, input), JSON.stringify([start, fill, end])).toBeUndefined()
        }
      }
    }
  })

  test('a conversation', () => {
    const read = (text: string, bytes: Uint8Array) => {
      const conversation = new Conversation()
      conversation.push(chunk(bytes))
      return [conversation.pending('c2s'), text]
    }
    for (const fill of fills) {
      const input = (length: number) => `${request}a:${fill.repeat(length / fill.length)}\rx\r\n\r\n`
      expect(growth(read, input), fill).toBeUndefined()
    }
  })

  test('a link: what the longest holds is read within a second', async () => {
    for (const fill of [' ', '\t', '\r', '"', ',', ':']) {
      const bytes = bytesOf(`${request}a:${fill.repeat(60_000)}\rx\r\n\r\n`)
      const text = await packLink([chunk(bytes)])
      const began = performance.now()
      const chunks = await unpackLink(text!)
      const units = chunks!.flatMap((each) => new Conversation().push(each))
      expect(units.map(({ kind }) => kind)).toEqual(['head'])
      expect(performance.now() - began).toBeLessThan(1000)
    }
  })
})

describe('JSON may be nested deeper than a stack', () => {
  const depth = 100_000
  const shapes = [
    { name: 'lists', open: '['.repeat(depth), close: ']'.repeat(depth) },
    { name: 'objects', open: '{"a":'.repeat(depth), close: `0${'}'.repeat(depth)}` },
  ]
  const deep = shapes.flatMap(({ name, open, close }) => [
    { name, json: open + close },
    { name: `${name} that do not end`, json: open },
  ])

  test.each(deep)('$name', ({ json }) => {
    for (const text of [`2${json}`, `2["a",${json}]`, `51-["a",{"_placeholder":true,"num":${json}}]`, `0${json}`]) {
      const { data } = readSocketPacket(text)
      placeholders(data)
      withAttachments(data, [])
      const reader = new PacketReader()
      reader.push(head(headOf('GET /socket.io/?EIO=4 HTTP/1.1\r\n\r\n')))
      expect(reader.push(frame(bytesOf(`4${text}`)))).toHaveLength(1)
    }
    readEnginePacket(`0${json}`)
    readPayload(`0${json}`)
    const files = [json, `{"version":${json}}`, `{"version":1,"connections":[{"chunks":[${json}]}]}`]
    for (const file of files) expect(readRecording(file)).toEqual({ error: expect.stringMatching(/not JSON|expected/) })

    const commands = [json, `{"id":${json}}`, `{"id":1,"type":${json}}`, `{"id":1,"type":"open","target":${json}}`]
    const send = `{"id":1,"type":"send","data":"YWJj","connection":1`
    for (const command of [...commands, `${send},"cuts":[${json}]}`, `${send},"delay":${json}}`]) {
      expect(said(() => parseCommand(parseJson(command), limits))).toMatch(/^\w+: expected /)
    }
  })
})

/**
 * Reads inputs of growing length.
 *
 * @returns what grew too fast, in words; `undefined` when nothing did
 */
function growth(read: Entry['read'], input: (length: number) => string): string | undefined {
  // A reader that takes cubic time shows itself early, and is not asked to finish.
  for (const length of [shortBytes / 8, shortBytes, longBytes]) {
    const large = input(length)
    if (fastest(1, large, read) < unnoticedMs) continue
    const small = input(length / 8)
    const measured: string[] = []
    while (measured.length < 3) {
      const [slow, quick] = [fastest(5, large, read), fastest(5, small, read, 8)]
      if (slow < Math.max(unnoticedMs, quick * mostTimes)) break
      measured.push(`8 times ${small.length} bytes: ${quick.toFixed(2)} ms, ${large.length}: ${slow.toFixed(2)} ms`)
    }
    if (measured.length === 3) return measured.join('; ')
  }
  return undefined
}

/** The least of so many measurements, in milliseconds: whatever else goes on only makes them larger. */
function fastest(times: number, text: string, read: Entry['read'], copies = 1): number {
  const bytes = bytesOf(text)
  const kept: unknown[] = []
  const measured = Array.from({ length: times }, () => {
    kept.length = 0
    // What comes out is kept until all is read, so that there is the same to collect.
    return cost(() => {
      for (let i = 0; i < copies; i++) kept.push(read(text, bytes))
    })
  })
  return Math.min(...measured)
}

/** The time that the work takes, in milliseconds: on a busy machine the processor’s, since a long one is interrupted. */
function cost(work: () => unknown): number {
  const began = performance.now()
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  const passed = performance.now() - began
  // Some systems count the processor’s time in large steps.
  return user + system === 0 ? passed : Math.min(passed, (user + system) / 1000)
}

/** The sentence of the error that this throws. */
function said(act: () => unknown): string | undefined {
  try {
    act()
    return undefined
  } catch (error) {
    if (error instanceof RangeError) throw error
    return (error as Error).message
  }
}

function eachByte(bytes: Uint8Array, take: (byte: Uint8Array) => unknown): void {
  for (let i = 0; i < bytes.length; i++) take(bytes.subarray(i, i + 1))
}

function bytesOf(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'latin1'))
}

function oneLine(text: string): string {
  return text.replaceAll('\n', ' ').replaceAll('\0', ' ')
}

/** A head that parses, whatever became of its lines. */
function headOf(text: string): Head {
  return parseHead(bytesOf(text))!
}

function fieldsOf(parsed: Head | undefined): unknown {
  return parsed && [...headFields(parsed)]
}

function askHead(parsed: Head | undefined): unknown {
  return (
    parsed && [headerValue(parsed, 'connection'), hasToken(parsed, 'connection', 'upgrade'), hasToken(parsed, 'a', 'b')]
  )
}

function chunk(bytes: Uint8Array) {
  return { connection: 1, direction: 'c2s', sequence: 0, time: 0, bytes } as const
}

function unit(bytes: Uint8Array) {
  const place = {
    index: 0,
    direction: 'c2s',
    offset: 0,
    time: 0,
    completed: 0,
    pieces: [{ sequence: 0, start: 0 }],
  } as const
  return { ...place, pieces: [...place.pieces], length: bytes.length, bytes, problems: [] }
}

function head(parsed: Head): HeadUnit {
  return { ...unit(bytesOf('')), kind: 'head', head: parsed }
}

/** A text frame that holds the bytes, as a conversation gives it. */
function frame(payload: Uint8Array): FrameUnit {
  const header = {
    ...{ fin: true, rsv1: false, rsv2: false, rsv3: false, opcode: 1, mask: false },
    ...{ shortLength: 126, payloadLength: payload.length, headerLength: 4 },
  }
  const message = Object.assign(new Message(header), { length: payload.length, payload, complete: true })
  message.frames.push(0)
  return { ...unit(payload), kind: 'frame', header, message }
}
