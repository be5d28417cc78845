import { describe, expect, test } from 'vitest'
import { encodeFrame } from '../../solutions/06-relay/frame.ts'
import { decodeText } from '../../workbook/wire/bytes/text.ts'
import { LineReader, type SaidReader } from '../../workbook/wire/lines/reader.ts'
import { encodeRelayFrame, RelayReader } from '../../workbook/wire/relay/reader.ts'
import { chunks } from './streams.ts'

const lines = Buffer.from('ann\nhello, 你好\r\n\n')
const frames = Buffer.concat([
  Buffer.from('JOIN ann\n'),
  encodeFrame('bob', Buffer.from('hello\n')),
  encodeFrame('', Buffer.alloc(0)),
  encodeFrame('好', Buffer.from('你好')),
])

/** What a reader finds in the pieces, as `name: text`. */
function read(reader: SaidReader, pieces: Uint8Array[]): string[] {
  const said = chunks('c2s', ...pieces).flatMap((chunk) => reader.push(chunk))
  return said.map(({ name, data }) => (name === undefined ? decodeText(data) : `${name}: ${decodeText(data)}`))
}

describe.each([
  { name: 'lines', bytes: lines, fresh: () => new LineReader(), said: ['ann', 'hello, 你好', ''] },
  {
    name: 'frames of the relay',
    bytes: frames,
    fresh: () => new RelayReader(),
    said: ['JOIN ann', 'bob: hello\n', ': ', '好: 你好'],
  },
])('$name', ({ bytes, fresh, said }) => {
  test('whole, byte by byte, and cut anywhere', () => {
    expect(read(fresh(), [bytes])).toEqual(said)
    const singles = Array.from(bytes, (byte) => Uint8Array.of(byte))
    expect(read(fresh(), singles)).toEqual(said)
    for (let at = 0; at <= bytes.length; at++)
      expect(read(fresh(), [bytes.subarray(0, at), bytes.subarray(at)]), `cut at ${at}`).toEqual(said)
  })
})

test('a unit says how many chunks brought it', () => {
  const parts = chunks('s2c', Buffer.from('on'), Buffer.from('e\ntwo\nth'), Buffer.from('ree'), Buffer.from('\n'))
  const reader = new LineReader()
  expect(parts.flatMap((chunk) => reader.push(chunk)).map((said) => said.chunks)).toEqual([2, 1, 3])
})

test('ERR is followed by lines, not by frames', () => {
  expect(read(new RelayReader(), [Buffer.from('ERR ann is taken\nmore\n')])).toEqual(['ERR ann is taken', 'more'])
})

test('an announced length takes no memory', () => {
  const reader = new RelayReader()
  expect(
    read(reader, [Buffer.from('OK\n'), Buffer.from('\x03bob\xff\xff\xff\xff', 'latin1'), Buffer.alloc(100)]),
  ).toEqual(['OK'])
})

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
