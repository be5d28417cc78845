import { describe, expect, test } from 'vitest'
import { say } from '../../workbook/sentences/say.ts'
import { Truncated } from '../../workbook/wire/bytes/bits.ts'
import type { Field } from '../../workbook/wire/model/field.ts'
import { frameFields } from '../../workbook/wire/websocket/fields.ts'
import { readHeader, unmask } from '../../workbook/wire/websocket/frame-header.ts'
import { checkFrame, type FrameContext } from '../../workbook/wire/websocket/rules.ts'
import { bytes } from './streams.ts'

const key = '37fa213d'

test('the fields of a masked "Hello" (RFC 6455 §5.7), in wire order', () => {
  const fields = [...frameFields(bytes('818537fa213d7f9f4d5158'))]
  expect(fields.map(({ name, start, length, value }) => [name, start, length, value])).toEqual([
    ['fin', 0, 1, 1],
    ['rsv1', 1, 1, 0],
    ['rsv2', 2, 1, 0],
    ['rsv3', 3, 1, 0],
    ['opcode', 4, 4, 1],
    ['mask', 8, 1, 1],
    ['payloadLength', 9, 7, 5],
    ['maskingKey', 16, 32, bytes(key)],
    ['payloadData', 48, 40, bytes('7f9f4d5158')],
  ])
  expect(fields.at(-1)!.note).toBe('“Hello”')
})

const hello = '48656c6c6f'

describe('vectors of RFC 6455 §5.7', () => {
  test.each([
    { name: 'unmasked text', wire: `8105${hello}`, opcode: 1, fin: true, mask: false, payload: hello },
    { name: 'masked text', wire: `8185${key}7f9f4d5158`, opcode: 1, fin: true, mask: true, payload: hello },
    { name: 'first fragment', wire: '010348656c', opcode: 1, fin: false, mask: false, payload: '48656c' },
    { name: 'last fragment', wire: '80026c6f', opcode: 0, fin: true, mask: false, payload: '6c6f' },
    { name: 'ping', wire: `8905${hello}`, opcode: 9, fin: true, mask: false, payload: hello },
    { name: 'masked pong', wire: `8a85${key}7f9f4d5158`, opcode: 10, fin: true, mask: true, payload: hello },
    {
      name: '256 bytes',
      wire: `827e0100${'ab'.repeat(256)}`,
      opcode: 2,
      fin: true,
      mask: false,
      payload: 'ab'.repeat(256),
    },
    {
      name: '64 KiB',
      wire: `827f0000000000010000${'cd'.repeat(65536)}`,
      opcode: 2,
      fin: true,
      mask: false,
      payload: 'cd'.repeat(65536),
    },
  ])('$name', ({ wire, opcode, fin, mask, payload }) => {
    const frame = bytes(wire)
    const header = readHeader(frame)!
    expect(header).toMatchObject({ opcode, fin, mask, payloadLength: payload.length / 2 })
    expect(unmask(frame.subarray(header.headerLength), header.maskingKey)).toEqual(bytes(payload))
    expect([...frameFields(frame)].every(({ problem }) => problem === undefined)).toBe(true)
  })
})

describe('both sides of every length boundary', () => {
  test.each([
    { length: 0, header: '8200' },
    { length: 125, header: '827d' },
    { length: 126, header: '827e007e' },
    { length: 127, header: '827e007f' },
    { length: 65535, header: '827effff' },
    { length: 65536, header: '827f0000000000010000' },
  ])('$length bytes', ({ length, header }) => {
    const frame = new Uint8Array(header.length / 2 + length)
    frame.set(bytes(header))
    expect(readHeader(frame)).toMatchObject({ payloadLength: length, headerLength: header.length / 2 })
    const fields = [...frameFields(frame)]
    expect(fields.reduce((sum, field) => sum + field.length, 0)).toBe(frame.length * 8)
    expect(problems(frame)).toEqual([])
  })
})

test('every cut of a frame yields what is there and says how much is missing', () => {
  const frame = bytes(`81fe007e37fa213d${'00'.repeat(126)}`)
  const whole = [...frameFields(frame)]
  for (let cut = 0; cut < frame.length; cut++) {
    const seen: Field[] = []
    let missing: number | undefined
    try {
      for (const field of frameFields(frame.subarray(0, cut))) seen.push(field)
    } catch (error) {
      if (!(error instanceof Truncated)) throw error
      missing = error.missing
    }
    expect(missing, `bytes missing after ${cut}`).toBeGreaterThan(0)
    if (cut > 8) expect(cut + missing!).toBe(frame.length)
    const last = seen.at(-1)
    for (const [i, field] of seen.entries()) {
      if (field !== last || field.name !== 'payloadData') expect(field).toEqual(whole[i])
    }
  }
})

describe('broken rules', () => {
  test.each<{ name: string; wire: string; context?: FrameContext; found: string[] }>([
    { name: 'unmasked client', wire: '8100', context: { direction: 'c2s' }, found: ['mask 1002'] },
    { name: 'masked server', wire: `8180${key}`, context: { direction: 's2c' }, found: ['mask 1002'] },
    { name: 'RSV1 without extension', wire: 'c100', found: ['rsv1 1002'] },
    { name: 'RSV1 with permessage-deflate', wire: 'c100', context: { deflate: true }, found: [] },
    { name: 'RSV1 on a continuation', wire: 'c000', context: { deflate: true }, found: ['rsv1 1002'] },
    { name: 'RSV1 on a ping', wire: 'c900', context: { deflate: true }, found: ['rsv1 1002'] },
    { name: 'RSV2 and RSV3', wire: 'b100', context: { deflate: true }, found: ['rsv2 1002', 'rsv3 1002'] },
    ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map((opcode) => ({
      name: `opcode ${opcode}`,
      wire: `8${opcode.toString(16)}00`,
      found: ['opcode 1002'],
    })),
    { name: 'fragmented ping', wire: '0900', found: ['fin 1002'] },
    { name: 'ping of 125 bytes', wire: '897d', found: [] },
    { name: 'ping of 126 bytes', wire: '897e007e', found: ['payloadLength 1002'] },
    { name: '125 in 16 bits', wire: '827e007d', found: ['extendedPayloadLength 1002'] },
    { name: '126 in 16 bits', wire: '827e007e', found: [] },
    { name: '65535 in 64 bits', wire: '827f000000000000ffff', found: ['extendedPayloadLength 1002'] },
    { name: '65536 in 64 bits', wire: '827f0000000000010000', found: [] },
    { name: 'top bit of 64', wire: '827f8000000000000000', found: ['extendedPayloadLength 1002'] },
    { name: '2^63 - 1', wire: '827f7fffffffffffffff', found: ['extendedPayloadLength odd'] },
    { name: 'continuation without a message', wire: '8000', context: { messageOpen: false }, found: ['opcode 1002'] },
    { name: 'text inside a message', wire: '8100', context: { messageOpen: true }, found: ['opcode 1002'] },
    { name: 'ping inside a message', wire: '8900', context: { messageOpen: true }, found: [] },
    { name: 'text after close', wire: '8100', context: { closed: true }, found: ['opcode 1002'] },
    { name: 'empty fragment', wire: '0100', found: ['fin odd'] },
    { name: 'key of zeros', wire: '818000000000', found: ['maskingKey odd'] },
  ])('$name', ({ wire, context, found }) => {
    expect(problems(bytes(wire), context)).toEqual(found)
  })

  test('stand on their field, with the RFC', () => {
    const [fin] = frameFields(bytes('0900'))
    expect(fin).toMatchObject({ name: 'fin', rfc: 'RFC 6455 §5.5' })
    expect(say(fin!.problem!)).toBe('a control frame must not be fragmented: FIN is 0')
  })
})

test('a close frame has a status code and a reason inside its payload', () => {
  const payload = [...frameFields(bytes('880503e9627965'))].at(-1)!
  expect(payload.children?.map(({ name, start, length, value }) => [name, start, length, value])).toEqual([
    ['statusCode', 16, 16, 1001],
    ['reason', 32, 24, 'bye'],
  ])
})

function problems(frame: Uint8Array, context?: FrameContext): string[] {
  return checkFrame(readHeader(frame)!, context).map(({ field, severity, answer }) => `${field} ${answer ?? severity}`)
}
