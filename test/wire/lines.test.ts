import { describe, expect, test } from 'vitest'
import { encodeFrame } from '../../solutions/06-relay/frame.ts'
import { decodeText } from '../../workbook/wire/bytes/text.ts'
import { lineOf } from '../../workbook/wire/lines/unit.ts'
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

/** What a conversation finds in the pieces, as `name: text`. */
function read(start: string, pieces: Uint8Array[]): string[] {
  return units(chunks('c2s', ...pieces), { start }).map((unit) => {
    if (unit.kind === 'line') return decodeText(lineOf(unit.bytes))
    if (unit.kind !== 'relayFrame') return unit.kind
    const { name, data } = relayContents(unit)
    return `${name}: ${decodeText(data)}`
  })
}

describe.each([
  { name: 'lines', start: 'lines', bytes: lines, said: ['ann', 'hello, 你好', ''] },
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

test('an announced length takes no memory', () => {
  const pieces = [Buffer.from('OK\n'), Buffer.from('\x03bob\xff\xff\xff\xff', 'latin1'), Buffer.alloc(100)]
  expect(read('relay', pieces)).toEqual(['OK'])
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
