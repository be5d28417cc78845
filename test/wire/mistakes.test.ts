import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { say } from '../../workbook/sentences/say.ts'
import { concat } from '../../workbook/wire/bytes/bytes.ts'
import { Conversation } from '../../workbook/wire/stream/conversation.ts'
import { unmask } from '../../workbook/wire/websocket/frame-header.ts'
import { likelyMistake } from '../../workbook/wire/websocket/mistakes.ts'
import type { FrameUnit } from '../../workbook/wire/websocket/unit.ts'
import { bytes } from './streams.ts'

const key = bytes('37fa213d')
const text = (value: string) => new TextEncoder().encode(value)
const request = text(
  'GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
)
const head =
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n'
const hello = concat([bytes('8185'), key, unmask(text('hello'), key)])
const times = (count: number, hex: string) => hex.repeat(count)

/** What a server answered with, and a part of what the page guesses. */
const mistakes: { name: string; answer: Uint8Array[]; says: RegExp; after?: string }[] = [
  { name: 'no empty line after the head', answer: [], after: '', says: /head has not ended: an empty line/ },
  {
    name: 'two empty lines after the head',
    answer: [bytes('81026869')],
    after: '\r\n\r\n',
    says: /0d 0a.*one empty line too many/,
  },
  {
    name: 'a line of text instead of a frame',
    answer: [text('welcome\n')],
    says: /are text, “welcome␊”.*a server must put a frame/,
  },
  { name: 'the frame of the client sent back', answer: [hello], says: /very bytes that the client sent/ },
  {
    name: 'a payload that is still masked',
    answer: [concat([bytes('8105'), hello.subarray(6)])],
    says: /still masked: XOR/,
  },
  {
    name: '200 in seven bits',
    answer: [bytes(`81c8${times(200, '79')}`)],
    says: /Byte 1 is 200, and 200 bytes follow.*126 and two bytes/,
  },
  {
    name: '126 in seven bits',
    answer: [bytes(`817e${times(126, '79')}`)],
    says: /Byte 1 is 126, and 126 bytes follow/,
  },
  {
    name: '300 with its bytes swapped',
    answer: [bytes(`817e2c01${times(300, '78')}`)],
    says: /from its other end, the length is 300, and so many/,
  },
  {
    name: '512 with its bytes swapped',
    answer: [bytes(`817e0002${times(512, '78')}`)],
    says: /the length is 512, and so many bytes are here/,
  },
  {
    name: '70,000 with its bytes swapped',
    answer: [bytes(`817f7011010000000000${times(600, '78')}`)],
    says: /the length is 70000: write/,
  },
  { name: '1000 with its bytes swapped', answer: [bytes('8802e803')], says: /the code is 1000: write/ },
  { name: 'Latin-1', answer: [bytes('8104636166e9')], says: /byte e9 is “é” in Latin-1; in UTF-8 that is c3 a9/ },
  {
    name: 'a length that counts characters',
    answer: [concat([bytes('8109'), text('héé hello')]), bytes('81026f6b')],
    says: /first 2 bytes here would complete the text before, “héé hel”/,
  },
]

describe('what a program probably did', () => {
  test.each(mistakes)('$name', ({ answer, after = '\r\n', says }) => {
    const guesses = look(text(head + after), answer)
    expect(guesses[0]).toMatch(says)
    expect(guesses).toHaveLength(1)
  })

  test.each([
    { name: 'an echo', answer: [concat([bytes('8105'), text('hello')])] },
    { name: 'the beginning of a long frame', answer: [bytes('817e03e878')] },
    { name: 'text with an accent, and then a fragment', answer: [bytes('8102c3a9'), bytes('01016180016b')] },
    { name: 'a masked frame, which breaks a rule that says all', answer: [bytes('8182010203046263')] },
    { name: 'text that is neither UTF-8 nor Latin-1', answer: [bytes('8102ff81')] },
    { name: 'a code that nobody defined', answer: [bytes('8802ffff')] },
  ])('nothing about $name', ({ answer }) => expect(look(text(`${head}\r\n`), answer)).toEqual([]))
})

test('no bytes are too strange to guess about', () => {
  const some = fc.uint8Array({ maxLength: 40 })
  fc.assert(
    fc.property(some, some, (first, second) => {
      for (const one of look(text(`${head}\r\n`), [first, second])) expect(one).toMatch(/\.$/)
    }),
  )
})

/** The guesses about a server's answer to the handshake and to “hello”. */
function look(response: Uint8Array, answer: Uint8Array[]): string[] {
  const conversation = new Conversation()
  const answered = concat(answer)
  const units = [
    conversation.push({ connection: 1, direction: 'c2s', sequence: 0, time: 0, bytes: request }),
    conversation.push({ connection: 1, direction: 's2c', sequence: 1, time: 0, bytes: response }),
    conversation.push({ connection: 1, direction: 'c2s', sequence: 2, time: 0, bytes: hello }),
    conversation.push({ connection: 1, direction: 's2c', sequence: 3, time: 0, bytes: answered }),
  ].flat()
  const pending = conversation.pending('s2c')
  const said = [...units, ...(pending ? [pending] : [])].filter(({ direction }) => direction === 's2c')
  const heard = units.filter((unit): unit is FrameUnit => unit.kind === 'frame' && unit.direction === 'c2s')
  const all = concat([response, answered])
  const guesses = said.map((unit, i) => {
    const follows = all.subarray(unit.offset + unit.bytes.length)
    return likelyMistake(unit, { follows, before: said[i - 1], heard })
  })
  // The first one that is wrong makes nonsense of what comes after it.
  return guesses
    .filter((one) => one !== undefined)
    .slice(0, 1)
    .map((one) => say(one))
}
