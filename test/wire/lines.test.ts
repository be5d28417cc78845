import { describe, expect, test } from 'vitest'
import { encodeLengthPrefixed } from '../../solutions/02-tcp-vs-udp/framing.ts'
import { encodeFrame } from '../../solutions/06-relay/frame.ts'
import { say } from '../../workbook/sentences/say.ts'
import { decodeText } from '../../workbook/wire/bytes/text.ts'
import { prefixBytes } from '../../workbook/wire/length-prefixed/unit.ts'
import { lineOf } from '../../workbook/wire/lines/unit.ts'
import type { Field } from '../../workbook/wire/model/field.ts'
import { explainField, unitFields } from '../../workbook/wire/protocols.ts'
import { encodeRelayFrame } from '../../workbook/wire/relay/frame.ts'
import { relayContents } from '../../workbook/wire/relay/unit.ts'
import { chunks, units } from './streams.ts'

const lines = Buffer.from('ann\nhello, 你好\r\n\n')
const frames = Buffer.concat([
  Buffer.from('JOIN ann\n'),
  encodeFrame('bob', Buffer.from('hello\n')),
  encodeFrame('', Buffer.alloc(0)),
  encodeFrame('好', Buffer.from('你好')),
])

const message = (text: string) => encodeLengthPrefixed(Buffer.from(text))
const messages = Buffer.concat([message('hello'), message(''), message('你好\n'), message('x'.repeat(300))])

/** What a conversation finds in the pieces, as `name: text`. */
function read(start: string | string[], pieces: Uint8Array[]): string[] {
  return units(chunks('c2s', ...pieces), { start }).map((unit) => {
    if (unit.kind === 'line') return decodeText(lineOf(unit.bytes))
    if (unit.kind === 'prefixed') return decodeText(unit.bytes.subarray(prefixBytes))
    if (unit.kind !== 'relayFrame') return unit.kind
    const { name, data } = relayContents(unit)
    return `${name}: ${decodeText(data)}`
  })
}

describe.each([
  { name: 'lines', start: 'lines', bytes: lines, said: ['ann', 'hello, 你好', ''] },
  {
    name: 'messages behind their length',
    start: 'length-prefixed',
    bytes: messages,
    said: ['hello', '', '你好\n', 'x'.repeat(300)],
  },
  { name: 'frames of the relay', start: 'relay', bytes: frames, said: ['JOIN ann', 'bob: hello\n', ': ', '好: 你好'] },
])('$name', ({ start, bytes, said }) => {
  test('whole, byte by byte, and cut anywhere', () => {
    expect(read(start, [bytes])).toEqual(said)
    const singles = Array.from(bytes, (byte) => Uint8Array.of(byte))
    expect(read(start, singles)).toEqual(said)
    for (let at = 0; at <= bytes.length; at++)
      expect(read(start, [bytes.subarray(0, at), bytes.subarray(at)]), `cut at ${at}`).toEqual(said)
  })
})

test('a unit says how many chunks brought it', () => {
  const parts = chunks('s2c', Buffer.from('on'), Buffer.from('e\ntwo\nth'), Buffer.from('ree'), Buffer.from('\n'))
  expect(units(parts, { start: 'lines' }).map(({ pieces }) => pieces.length)).toEqual([2, 1, 3])
})

test('ERR is followed by lines, not by frames', () => {
  expect(read('relay', [Buffer.from('ERR ann is taken\nmore\n')])).toEqual(['ERR ann is taken', 'more'])
})

test.each([
  { start: 'relay', pieces: ['OK\n', '\x03bob\xff\xff\xff\xff', '\0'.repeat(100)], said: ['OK'] },
  { start: 'length-prefixed', pieces: ['\0\0\0\x02ok', '\xff\xff\xff\xff', '\0'.repeat(100)], said: ['ok'] },
])('$start: an announced length takes no memory', ({ start, pieces, said }) => {
  const before = process.memoryUsage().arrayBuffers
  expect(
    read(
      start,
      pieces.map((piece) => Buffer.from(piece, 'latin1')),
    ),
  ).toEqual(said)
  expect(process.memoryUsage().arrayBuffers - before, 'bytes').toBeLessThan(1024 * 1024)
})

test.each([
  { name: 'messages', bytes: messages, said: ['hello', '', '你好\n', 'x'.repeat(300)] },
  { name: 'lines', bytes: lines, said: ['ann', 'hello, 你好', ''] },
])('of length-prefixed and lines the first byte tells: $name', ({ bytes, said }) => {
  for (let at = 0; at <= bytes.length; at++)
    expect(read(['length-prefixed', 'lines'], [bytes.subarray(0, at), bytes.subarray(at)]), `cut at ${at}`).toEqual(
      said,
    )
})

describe('fields', () => {
  test.each([
    { start: 'lines', wire: 'ann\n', fields: ['text 0+24 ann', 'lineEnd 24+8 0a'] },
    { start: 'lines', wire: 'ann\r\n', fields: ['text 0+24 ann', 'lineEnd 24+16 0d0a'] },
    { start: 'lines', wire: '\n', fields: ['lineEnd 0+8 0a'] },
    { start: 'length-prefixed', wire: '\0\0\0\x02hi', fields: ['length 0+32 2', 'message 32+16 6869'] },
    { start: 'length-prefixed', wire: '\0\0\0\0', fields: ['length 0+32 0'] },
    {
      start: 'relay',
      wire: 'JOIN a\n\x03bob\0\0\0\x02hi',
      fields: ['nameLength 0+8 3', 'name 8+24 bob', 'dataLength 32+32 2', 'data 64+16 6869'],
    },
    { start: 'relay', wire: 'JOIN a\n\0\0\0\0\0', fields: ['nameLength 0+8 0', 'dataLength 8+32 0'] },
  ])('$start: $fields', ({ start, wire, fields }) => {
    const unit = units(chunks('c2s', Buffer.from(wire, 'latin1')), { start }).at(-1)!
    expect(unitFields(unit).map(shown)).toEqual(fields)
    for (const field of unitFields(unit)) expect(explainField(field, unit)).toBeDefined()
  })

  test.each([
    { start: 'lines', wire: 'ann', missing: 1, field: 'lineEnd', seen: ['text 0+24 ann'] },
    { start: 'length-prefixed', wire: '\0\0', missing: 2, field: 'message', seen: [] },
    {
      start: 'length-prefixed',
      wire: '\0\0\0\x05he',
      missing: 3,
      field: 'message',
      seen: ['length 0+32 5', 'message 32+16 6865 !'],
    },
    { start: 'relay', wire: 'JOI', missing: 1, field: 'lineEnd', seen: ['text 0+24 JOI'] },
    { start: 'relay', wire: 'JOIN a\n\x03b', missing: 6, field: 'data', seen: ['nameLength 0+8 3'] },
    {
      start: 'relay',
      wire: 'JOIN a\n\x01b\0\0\0\x02h',
      missing: 1,
      field: 'data',
      seen: ['nameLength 0+8 1', 'name 8+8 b', 'dataLength 16+32 2', 'data 48+8 68 !'],
    },
  ])('$start: an end after $wire says how many bytes are missing', ({ start, wire, missing, field, seen }) => {
    const end = { connection: 1, direction: 'c2s', sequence: 1, time: 1, bytes: new Uint8Array(), end: 'fin' } as const
    const found = units([...chunks('c2s', Buffer.from(wire, 'latin1')), end], { start })
    const unit = found.at(-2)!
    expect(unit).toMatchObject({ missing, problems: [{ field, severity: 'broken' }] })
    expect(say(unit.problems[0]!.text)).toMatch(new RegExp(`, ${missing} bytes? too early$`))
    expect(unitFields(unit).map(shown)).toEqual(seen)
    expect(found.at(-1)!.kind).toBe('end')
  })
})

/** A field as `name start+length value`, with `!` when it has a problem. */
function shown({ name, start, length, value, problem }: Field): string {
  const text = value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value
  return `${name} ${start}+${length} ${text}${problem ? ' !' : ''}`
}

test('a frame is encoded as the lab does it', () => {
  for (const [name, text] of [
    ['bob', 'hi'],
    ['', ''],
    ['好'.repeat(85), '你好'],
  ] as const) {
    const data = Buffer.from(text)
    expect(Buffer.from(encodeRelayFrame(name, data)).equals(encodeFrame(name, data)), name).toBe(true)
  }
  expect(() => encodeRelayFrame('好'.repeat(86), new Uint8Array())).toThrow('at most 255 bytes, received 258')
})
