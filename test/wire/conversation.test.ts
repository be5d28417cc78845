import { describe, expect, test } from 'vitest'
import { say } from '../../workbook/sentences/say.ts'
import { concat } from '../../workbook/wire/bytes/bytes.ts'
import { joinChunked } from '../../workbook/wire/http/chunked.ts'
import type { Chunk } from '../../workbook/wire/model/chunk.ts'
import type { Unit } from '../../workbook/wire/model/unit.ts'
import { maxKept } from '../../workbook/wire/model/unit.ts'
import { protocols, unitFields } from '../../workbook/wire/protocols.ts'
import { Conversation } from '../../workbook/wire/stream/conversation.ts'
import type { FrameUnit } from '../../workbook/wire/websocket/unit.ts'
import { framePayload } from '../../workbook/wire/websocket/unit.ts'
import { bytes, chunks, recording, recordingNames, recut, uncut, units } from './streams.ts'

/** The field that breaks a rule, in a recording that is broken on purpose; in every other recording nothing is broken. */
const brokenFields: Record<string, string> = {
  'after-close': 'opcode',
  'bad-utf8': 'payloadData',
  'bad-utf8-cut': 'payloadData',
  'close-1005': 'statusCode',
  'close-bad-reason': 'reason',
  'close-one-byte': 'payloadData',
  'fragmented-ping': 'fin',
  interleaved: 'opcode',
  'long-form': 'extendedPayloadLength',
  'long-ping': 'payloadLength',
  masked: 'mask',
  'opcode-3': 'opcode',
  'opcode-b': 'opcode',
  orphan: 'opcode',
  rsv1: 'rsv1',
  rsv2: 'rsv2',
  'seed-handshake': 'Sec-WebSocket-Key',
  surrogate: 'payloadData',
  'top-bit': 'extendedPayloadLength',
  unmasked: 'mask',
  'wrong-accept': 'Sec-WebSocket-Accept',
}

// Of bare TCP a chunk is all that is known, so there it matters where the stream was cut: see lines.test.ts.
const spoken = recordingNames.filter((name) => !['tls', 'tcp'].includes(recording(name).protocol))

describe.each(spoken)('%s', (name) => {
  const connections = recording(name).connections.map((list): [Chunk[]] => [list])

  test('breaks the rule that its name says, or none', () => {
    const found = recording(name).connections.flatMap((list) => units(list).flatMap((unit) => unit.problems))
    const broken = found.filter(({ severity }) => severity === 'broken').map(({ field }) => field)
    const expected = brokenFields[name.replace(/^(client|server)-/, '')]
    expect(broken).toEqual(expected === undefined ? [] : [expected])
  })

  test.each(connections)('the units are the bytes, none lost', (list) => {
    const found = units(list)
    for (const direction of ['c2s', 's2c'] as const) {
      const mine = found.filter((unit) => unit.direction === direction)
      const stream = concat(list.filter((chunk) => chunk.direction === direction).map((chunk) => chunk.bytes))
      expect(Buffer.compare(concat(mine.map((unit) => unit.bytes)), stream)).toBe(0)
      let offset = 0
      for (const unit of mine) {
        expect(unit.offset).toBe(offset)
        offset += unit.length
      }
    }
  })

  test.each(connections)('any cut gives the same units', (list) => {
    const whole = uncut(units(list))
    expect(uncut(units(recut(list, () => 1)))).toEqual(whole)
    let seed = 1
    const random = (): number => {
      seed = (seed * 48271) % 0x7fffffff
      return seed % 40
    }
    for (let round = 0; round < 5; round++) expect(uncut(units(recut(list, random)))).toEqual(whole)
  })
})

test('ws-python-websocket-client holds what its note says', () => {
  const texts = messages('ws-python-websocket-client').map(
    ({ text, close, length }) => text?.slice(0, 12) ?? close?.code ?? length,
  )
  expect(texts).toEqual([
    ...[14, 'Hello', 'Hello', 14, '网络编程 🔌', '网络编程 🔌', 256, 256],
    ...['xxxxxxxxxxxx', 'xxxxxxxxxxxx', 'yyyyyyyyyyyy', 'yyyyyyyyyyyy', 4, 4],
    ...['frag-mented', 'frag-mented', 1000, 1000],
  ])
})

test('a frame says which chunks brought it, and from which of its bytes on', () => {
  const frames = units(recording('ws-python-websocket-client').connections[0]!)
  const large = frames.filter(({ length }) => length > 70_000)
  expect(large.map(({ pieces }) => pieces)).toEqual([
    [
      { sequence: 11, start: 0 },
      { sequence: 12, start: 65536 },
    ],
    [
      { sequence: 13, start: 0 },
      { sequence: 14, start: 65536 },
    ],
  ])
})

test('fragments and the ping between them', () => {
  const [hel, ping, lo] = frames('s2c', '010348656c', '8900', '80026c6f')
  expect(ping!.message).toMatchObject({ frames: [1], complete: true })
  expect(lo!.message).toMatchObject({ opcode: 1, frames: [0, 2], length: 5, text: 'Hello', complete: true })
  expect(hel!.message).toBe(lo!.message)
})

describe('problems that need the frames before', () => {
  test.each([
    { name: 'a character cut between fragments is fine', wire: ['0101e7', '8002bd91'], found: [] },
    { name: 'bad UTF-8', wire: ['8102c0af'], found: ['payloadData 1007'] },
    { name: 'text that ends inside a character', wire: ['0101e7', '8001bd'], found: ['payloadData 1007'] },
    { name: 'a surrogate', wire: ['8103eda080'], found: ['payloadData 1007'] },
    { name: 'a continuation alone', wire: ['80026c6f'], found: ['opcode 1002'] },
    { name: 'text inside a message', wire: ['010161', '810162'], found: ['opcode 1002'] },
    { name: 'a close of one byte', wire: ['880103'], found: ['payloadData 1002'] },
    { name: 'close 1005', wire: ['880203ed'], found: ['statusCode 1002'] },
    { name: 'a reason that is not UTF-8', wire: ['880303e8ff'], found: ['reason 1007'] },
    { name: 'a ping after close', wire: ['880203e8', '8900'], found: ['opcode 1002'] },
    { name: 'an unasked pong', wire: ['8a0161'], found: ['opcode odd'] },
  ])('$name', ({ wire, found }) => {
    const problems = frames('s2c', ...wire).flatMap((unit) => unit.problems)
    expect(problems.map(({ field, answer, severity }) => `${field} ${answer ?? severity}`)).toEqual(found)
  })
})

test.each([0, 10, 100])('a handshake answered after %i bytes of it is read to its end, and then frames', (early) => {
  const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='
  const request = latin(`GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n${key}\r\n\r\n`)
  const answer = latin('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n')
  const list = [
    ...chunks('c2s', request.subarray(0, early)),
    ...chunks('s2c', answer),
    ...chunks('c2s', request.subarray(early), bytes('8a8001020304')),
  ]
  const [response, head, frame] = units(list)
  expect(response).toMatchObject({ kind: 'head', direction: 's2c' })
  // Whoever has sent nothing when it is answered may have asked elsewhere: its bytes are frames at once.
  if (early === 0) return expect(head).toMatchObject({ kind: 'frame', direction: 'c2s' })
  expect(head).toMatchObject({ kind: 'head', length: request.length })
  expect(head!.problems.at(-1)).toMatchObject({ field: 'Sec-WebSocket-Key', rfc: 'RFC 6455 §4.2.2' })
  expect(frame).toMatchObject({ kind: 'frame', header: { opcode: 10 } })
})

test('a pong that answers a ping of the other side is not odd', () => {
  const conversation = new Conversation({ start: 'websocket' })
  const ping = conversation.push({ connection: 1, direction: 's2c', sequence: 0, time: 0, bytes: bytes('890161') })
  const pong = conversation.push({
    connection: 1,
    direction: 'c2s',
    sequence: 1,
    time: 1,
    bytes: bytes('8a8101020304' + '60'),
  })
  expect([...ping, ...pong].flatMap(({ problems }) => problems)).toEqual([])
})

test('after a length that cannot be counted to, the rest is bytes', () => {
  const [frame, rest] = units(chunks('s2c', bytes('827fffffffffffffffff616263')), { start: 'websocket' })
  expect(frame).toMatchObject({ kind: 'frame', length: 10, problems: [{ field: 'extendedPayloadLength' }] })
  expect(rest).toMatchObject({ kind: 'bytes', offset: 10, bytes: bytes('616263') })
})

test('a Buffer is read and stays as it was', () => {
  const chunk = Buffer.from('818537fa213d7f9f4d5158', 'hex')
  const [unit] = units(chunks('c2s', chunk), { start: 'websocket' }) as FrameUnit[]
  expect(unit!.message!.text).toBe('Hello')
  expect(Buffer.from(framePayload(unit!)).toString()).toBe('Hello')
  expect(chunk.toString('hex')).toBe('818537fa213d7f9f4d5158')
  expect(unit!.bytes.buffer).not.toBe(chunk.buffer)
})

test('a frame that has half arrived can be looked at', () => {
  const conversation = new Conversation({ start: 'websocket' })
  conversation.push({ connection: 1, direction: 's2c', sequence: 0, time: 0, bytes: bytes('810548') })
  const pending = conversation.pending('s2c')!
  expect(pending).toMatchObject({ kind: 'frame', length: 3, missing: 4 })
  expect(unitFields(pending).at(-1)).toMatchObject({ name: 'payloadData', length: 8 })
  expect(conversation.pending('c2s')).toBeUndefined()
})

test('a frame that the end cuts short says so', () => {
  const list: Chunk[] = [
    ...chunks('s2c', bytes('810548')),
    { connection: 1, direction: 's2c', sequence: 1, time: 5, bytes: new Uint8Array(), end: 'fin' },
  ]
  const [frame, end] = units(list, { start: 'websocket' })
  expect(frame).toMatchObject({ kind: 'frame', missing: 4, problems: [{ field: 'payloadData' }] })
  expect(frame!.problems.map(({ text }) => say(text))).toEqual(['the connection ended here, 4 bytes too early'])
  expect(end).toMatchObject({ kind: 'end', end: 'fin', problems: [{ severity: 'odd', rfc: 'RFC 6455 §7.1.5' }] })
})

test('of a payload above 1 MiB the start is kept and the rest is counted', () => {
  for (const [length, kept] of [
    [maxKept, maxKept],
    [maxKept + 100, maxKept],
  ] as const) {
    const wire = new Uint8Array(10 + length)
    wire.set([0x82, 127])
    new DataView(wire.buffer).setBigUint64(2, BigInt(length))
    const [unit, next] = units(chunks('s2c', wire, bytes('8900')), { start: 'websocket' }) as FrameUnit[]
    expect(unit!.length).toBe(10 + length)
    expect(framePayload(unit!).length).toBeLessThanOrEqual(kept + 14)
    expect(unit!.message).toMatchObject({ length, complete: true })
    expect(unit!.message!.payload.length).toBe(kept)
    expect(next).toMatchObject({ header: { opcode: 9 } })
  }
})

test('1 MiB in one frame is read in less than 50 ms', () => {
  const wire = new Uint8Array(14 + 1024 * 1024)
  wire.set([0x82, 0xff, 0, 0, 0, 0, 0, 0x10, 0, 0, 1, 2, 3, 4])
  const times = Array.from({ length: 5 }, () => {
    const start = performance.now()
    expect(units(chunks('c2s', wire), { start: 'websocket' }).length).toBe(1)
    return performance.now() - start
  })
  // The best of five: other programs may run beside the tests.
  expect(Math.min(...times)).toBeLessThan(50)
})

describe.each([...protocols.map(({ name }) => [name]), ['detect'], ['length-prefixed', 'lines'], ['resp', 'http']])(
  'bytes of another protocol, read as %s %s',
  (...names) => {
    const start = names.filter((name) => name !== undefined)

    test.each(recordingNames.filter((name) => !/^(client|server)-/.test(name)))('%s: none is lost', (name) => {
      for (const list of recording(name).connections) {
        const conversation = new Conversation({ start: start.length === 1 ? start[0]! : start })
        const found = list.flatMap((chunk) => conversation.push(chunk))
        for (const direction of ['c2s', 's2c'] as const) {
          const pending = conversation.pending(direction)
          const mine = [...found.filter((unit) => unit.direction === direction), ...(pending ? [pending] : [])]
          const sent = list.filter((chunk) => chunk.direction === direction).map((chunk) => chunk.bytes)
          expect(Buffer.compare(concat(mine.map((unit) => unit.bytes)), concat(sent))).toBe(0)
        }
        for (const unit of found)
          for (const field of unitFields(unit))
            expect(field.start + field.length).toBeLessThanOrEqual(8 * unit.bytes.length)
      }
    })
  },
)

describe('what is not WebSocket', () => {
  test.each([
    { name: 'a chat line', parts: ['hello\n'] },
    { name: 'a word like a method', parts: ['GET', 'TING\n'] },
    { name: 'a command like a request', parts: ['GET key\r\n', 'x'] },
    { name: 'bytes above 127', parts: ['\u00ff\u00fe'] },
  ])('$name is one unit a chunk', ({ parts }) => {
    const found = units(chunks('c2s', ...parts.map(latin)))
    expect(found.map(({ kind, bytes: held }) => [kind, held])).toEqual(parts.map((part) => ['bytes', latin(part)]))
  })

  test('requests and responses with contents, one after another', () => {
    const post = 'POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabcGET /b HTTP/1.1\r\nHost: x\r\n\r\n'
    const answers = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 204 No Content\r\n\r\n'
    const list = [...chunks('c2s', latin(post)), ...chunks('s2c', latin(answers))]
    expect(units(list).map(({ kind }) => kind)).toEqual(['head', 'body', 'head', 'head', 'body', 'head'])
  })

  test('a chunked body ends by itself, in any cut', () => {
    const chunked =
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=1\r\nhello\r\nA\r\n, chunked!\r\n0\r\nX: y\r\n\r\n'
    const list = chunks('s2c', latin(`${chunked}HTTP/1.1 204 No Content\r\n\r\n`))
    const found = units(list)
    expect(found.map(({ kind }) => kind)).toEqual(['head', 'body', 'head'])
    expect(new TextDecoder().decode(joinChunked(found[1]!.bytes))).toBe('hello, chunked!')
    expect(uncut(units(recut(list, () => 1)))).toEqual(uncut(found))
  })

  test('a chunk whose size is no number, and then bytes', () => {
    const list = chunks('s2c', latin('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello'))
    expect(units(list).map(({ kind, length }) => [kind, length])).toEqual([
      ['head', 47],
      ['body', 4],
      ['bytes', 5],
    ])
  })

  test('a head that does not end is bytes after 64 KiB, in any cut', () => {
    const list = chunks('c2s', latin(`GET / HTTP/1.1\r\n${'a: b\r\n'.repeat(20_000)}`))
    expect(units(list).map(({ kind, length }) => [kind, length])).toEqual([
      ['bytes', 65_536],
      ['bytes', 54_480],
    ])
    expect(units(recut(list, () => 1000))[0]!.length).toBe(65_536)
  })

  test('an answer that comes before the contents of its request', () => {
    const post = 'POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n'
    const answer = 'HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n'
    const list = [...chunks('c2s', latin(post)), ...chunks('s2c', latin(answer)), ...chunks('c2s', latin('abc'))]
    expect(units(list).map(({ kind, direction }) => [kind, direction])).toEqual([
      ['head', 'c2s'],
      ['head', 's2c'],
      ['body', 'c2s'],
    ])
  })

  test('a refused handshake', () => {
    const request = 'GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'
    const answer = 'HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\n\r\n'
    const [asked, refused] = units([...chunks('c2s', latin(request)), ...chunks('s2c', latin(answer))])
    expect(asked!.problems.map(({ field, answer: status }) => [field, status])).toEqual([
      ['Sec-WebSocket-Version', 426],
      ['Sec-WebSocket-Key', 400],
    ])
    expect(refused!.problems).toMatchObject([{ field: 'statusCode', severity: 'odd' }])
  })
})

test('frames that a client sends before the answer wait for it', () => {
  const request = 'GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'
  const conversation = new Conversation()
  const push = (direction: Chunk['direction'], data: Uint8Array): Unit[] =>
    conversation.push({ connection: 1, direction, sequence: 0, time: 0, bytes: data })
  expect(push('c2s', latin(request)).map(({ kind }) => kind)).toEqual(['head'])
  expect(push('c2s', bytes('818037fa213d'))).toEqual([])
  expect(conversation.pending('c2s')).toMatchObject({ kind: 'bytes', length: 6 })
  expect(push('s2c', latin('HTTP/1.1 101 x\r\nUpgrade: websocket\r\n\r\n')).map(({ kind }) => kind)).toEqual([
    'head',
    'frame',
  ])
})

function latin(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0))
}

function frames(direction: Chunk['direction'], ...wire: string[]): FrameUnit[] {
  return units(chunks(direction, ...wire.map(bytes)), { start: 'websocket' }) as FrameUnit[]
}

function messages(name: string): NonNullable<FrameUnit['message']>[] {
  const found = recording(name).connections.flatMap((list) => units(list))
  return found.flatMap((unit) => (unit.kind === 'frame' && unit.message && unit.header!.fin ? [unit.message] : []))
}
