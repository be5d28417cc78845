import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { say } from '../../workbook/sentences/say.ts'
import { toHex } from '../../workbook/wire/bytes/hex.ts'
import { answerPing, engineFields, readEnginePacket, readPayload } from '../../workbook/wire/engineio/engine-packet.ts'
import { layers } from '../../workbook/wire/layers.ts'
import type { Direction } from '../../workbook/wire/model/chunk.ts'
import type { Unit } from '../../workbook/wire/model/unit.ts'
import { type Packet, PacketReader } from '../../workbook/wire/socketio/packet-reader.ts'
import { readSocketPacket, withAttachments } from '../../workbook/wire/socketio/socket-packet.ts'
import { Message } from '../../workbook/wire/websocket/message.ts'
import { recording, recordingNames, units } from './streams.ts'

const recordings = recordingNames.filter((name) => name.startsWith('socketio'))

test.each(recordings)('%s: no packet is broken, every binary frame has its packet', (name) => {
  const all = recording(name).connections.flatMap((list) => packets(units(list)))
  expect(all.length).toBeGreaterThan(10)
  expect(all.flatMap(problems)).toEqual([])
  for (const { socket, attachments } of all) expect(attachments?.length ?? 0).toBe(socket?.attachments ?? 0)
})

test('socketio-python-websocket, packet by packet', () => {
  const list = units(recording('socketio-python-websocket').connections[0]!)
  expect(packets(list).map(line)).toEqual([
    's2c open',
    'c2s message CONNECT {}',
    expect.stringMatching(/^s2c message CONNECT {"sid":/),
    expect.stringMatching(/^s2c message EVENT \["hello",{"you":/),
    'c2s message EVENT 1 ["join","tea"]',
    expect.stringMatching(/^s2c message ACK 1 \[{"ok":true/),
    'c2s message EVENT ["say","tea","你好"]',
    's2c message EVENT ["said","你好"]',
    'c2s message BINARY_EVENT 2 ["bin",{"_placeholder":true,"num":0}]',
    'c2s message of unit 10',
    's2c message BINARY_ACK 2 [3,{"_placeholder":true,"num":0}]',
    's2c message of unit 12',
    'c2s message DISCONNECT',
    'c2s close',
  ])
})

test('binary frames take the place of their placeholders', () => {
  const list = units(recording('socketio-python-websocket').connections[0]!)
  const event = packets(list).find(({ socket }) => socket?.type === 5)!
  expect(withAttachments(event.socket!.data, event.attachments!)).toEqual(['bin', Uint8Array.of(0, 1, 2)])
})

test('polling: several packets in one body, and the probe of a WebSocket', () => {
  const found = recording('socketio-js-upgrade').connections.map((list) => packets(units(list)).map(line))
  expect(found).toContainEqual([
    expect.stringMatching(/^s2c message CONNECT/),
    expect.stringMatching(/^s2c message EVENT \["hello"/),
  ])
  expect(found.some((lines) => lines.slice(0, 3).join() === 'c2s ping,s2c pong,c2s upgrade')).toBe(true)
})

describe('packets of the wire protocol', () => {
  test.each([
    { text: '0', packet: { name: 'CONNECT', namespace: '/' } },
    { text: '0/chat,{"name":"ann"}', packet: { name: 'CONNECT', namespace: '/chat', data: { name: 'ann' } } },
    { text: '0/custom', packet: { name: 'CONNECT', namespace: '/custom' } },
    { text: '2["none"]', packet: { name: 'EVENT', data: ['none'] } },
    { text: '2/chat,0["say","a,b"]', packet: { name: 'EVENT', namespace: '/chat', id: 0, data: ['say', 'a,b'] } },
    { text: '2["/x,y",1]', packet: { name: 'EVENT', namespace: '/', data: ['/x,y', 1] } },
    { text: '31[]', packet: { name: 'ACK', id: 1, data: [] } },
    {
      text: '51-/a,7["b",{"_placeholder":true,"num":0}]',
      packet: { name: 'BINARY_EVENT', attachments: 1, namespace: '/a', id: 7 },
    },
    { text: '52-["b"]', packet: { attachments: 2 } },
  ])('$text', ({ text, packet }) => {
    expect(readSocketPacket(text)).toMatchObject({ ...packet, problems: [] })
  })

  test('the fields lie where they stand, in bytes', () => {
    const payload = new TextEncoder().encode('451-/你,7["b",{"_placeholder":true,"num":0}]')
    const packet = readSocketPacket(new TextDecoder().decode(payload).slice(1))
    const parts = packet.fields.map(({ start, length }) =>
      new TextDecoder().decode(payload.subarray(start / 8, (start + length) / 8)),
    )
    expect(parts).toEqual(['5', '1', '/你', '7', '["b",{"_placeholder":true,"num":0}]'])
    expect([...engineFields(payload, readEnginePacket('4'))].map(({ start, length }) => [start, length])).toEqual([
      [0, 8],
      [8, (payload.length - 1) * 8],
    ])
  })
})

describe('what a server refuses by closing', () => {
  test.each<{ text: string; from?: Direction; found: string }>([
    { text: 'abc', found: '"a" is no packet type: 0 to 6 are' },
    { text: '', found: 'an empty packet: 0 to 6 are' },
    { text: '2', from: 'c2s', found: 'ping is sent by the server' },
    { text: '3', from: 's2c', found: 'pong is sent by the client' },
    { text: '0[]', from: 's2c', found: 'an open packet holds JSON' },
    { text: '4abc', found: '"a" is no packet type: 0 to 6 are' },
    { text: '47', found: '"7" is no packet type: 0 to 6 are' },
    { text: '42{}', found: 'an event is a list that begins with its name' },
    { text: '42[]', found: 'an event is a list that begins with its name' },
    { text: '42abc[]', found: 'not JSON' },
    { text: '42["x"', found: 'not JSON' },
    { text: '42["disconnect"]', found: '“disconnect” is kept for the library itself' },
    { text: '431{}', found: 'an acknowledgement holds a list' },
    { text: '43[]', found: 'an acknowledgement names the id that it answers' },
    { text: '44{"message":"x"}', from: 'c2s', found: 'CONNECT_ERROR is sent by the server' },
    { text: '45["x"]', found: 'BINARY_EVENT must say how many binary frames follow' },
    { text: '4511-["x"]', found: 'at most 10 are taken; 11 are announced' },
    { text: '421-["x"]', found: 'EVENT has no binary frames' },
    { text: '40[]', found: 'CONNECT holds an object or nothing' },
    { text: '41{}', found: 'DISCONNECT holds nothing' },
  ])('$text $from', ({ text, from, found }) => {
    const engine = readEnginePacket(text, from)
    const socket = engine.type === 4 ? readSocketPacket(String(engine.data), from) : undefined
    expect([...engine.problems, ...(socket?.problems ?? [])].map((problem) => say(problem.text))).toEqual([found])
  })

  test.each([
    { name: 'CONNECT twice', sent: ['40', '40'], found: '/ is connected already' },
    { name: 'a namespace that was not joined', sent: ['40', '42/chat,["x"]'], found: '/chat was not connected' },
    { name: 'binary data alone', sent: ['40', Uint8Array.of(1)], found: 'binary data that no packet announced' },
    {
      name: 'text inside a binary packet',
      sent: ['40', '452-["x",{"_placeholder":true,"num":0}]', '42["y"]'],
      found: 'unit 1 still waits for binary frames',
    },
    {
      name: 'a placeholder without a frame',
      sent: ['40', '451-["x",{"_placeholder":true,"num":1}]'],
      found: 'placeholder 1 has no binary frame',
    },
  ])('$name', ({ sent, found }) => {
    expect(conversation(sent).flatMap(problems)).toEqual([found])
  })
})

test('the layers of a frame, lowest first', () => {
  const list = units(recording('socketio-python-websocket').connections[0]!)
  const found = layers(list[7]!, { packets: packets(list).filter(({ unit }) => unit === 7) })
  expect(found.map(({ name, text }) => `${name}: ${say(text)}`)).toEqual([
    'TCP chunk: 57 bytes of chunk 5',
    'WebSocket frame: text, 55 bytes',
    'Message: text in 1 frame',
    'Engine.IO: message',
    'Socket.IO: ACK id 1 answers unit 6',
  ])
  expect(found.at(-1)!.fields.map(({ name }) => name)).toEqual(['type', 'id', 'data'])
  // What each of them adds: nothing, the frame's header, nothing, a digit, a digit and the id.
  const own = found.map(({ bytes, own: { start, length } }) => toHex(bytes.subarray(start, start + length)))
  expect(own).toEqual(['', '8137', '', '34', '3331'])
})

test('every packet of a polling body is a layer of its own', () => {
  const list = units(recording('socketio-js-upgrade').connections[4]!)
  const found = layers(list[2]!, { packets: packets(list) })
  expect(found.map(({ name, text }) => `${name}: ${say(text)}`)).toEqual([
    expect.stringMatching(/^TCP chunk/),
    'HTTP: content, 75 bytes, 2 packets',
    'Engine.IO: message',
    'Socket.IO: CONNECT',
    'Engine.IO 2: message',
    'Socket.IO 2: EVENT “hello”',
  ])
  expect(found.slice(2).map(({ bytes }) => new TextDecoder().decode(bytes))).toEqual([
    '40{"sid":"ZZbjEE6mqBUhsBXbAAAE"}',
    '40{"sid":"ZZbjEE6mqBUhsBXbAAAE"}',
    '42["hello",{"you":"ZZbjEE6mqBUhsBXbAAAE"}]',
    '42["hello",{"you":"ZZbjEE6mqBUhsBXbAAAE"}]',
  ])
})

test.each([
  { text: '2', answer: '3' },
  { text: '2probe', answer: undefined },
  { text: '42["2"]', answer: undefined },
])('what $text is answered with', ({ text, answer }) => expect(answerPing(text)).toBe(answer))

describe('anything', () => {
  test('is read without an exception', () => {
    const text = fc.oneof(fc.string(), fc.stringMatching(/^4[0-6](\d-)?(\/a,)?\d?[\x5b\x7b"a\x5d\x7d,]*$/))
    fc.assert(
      fc.property(fc.array(fc.oneof(text, fc.uint8Array())), (sent) => {
        for (const packet of conversation(sent))
          if (packet.attachments) withAttachments(packet.socket!.data, packet.attachments)
      }),
    )
    fc.assert(fc.property(fc.string(), (body) => void readPayload(body)))
  })

  test('may be nested deeper than the stack', () => {
    const deep = `42["x",${'['.repeat(200_000)}${']'.repeat(200_000)}]`
    expect(conversation([deep, '451-["x"]']).length).toBe(2)
  })
})

function packets(list: Unit[]): Packet[] {
  const reader = new PacketReader()
  return list.flatMap((unit) => reader.push(unit))
}

function problems({ engine, socket }: Packet): string[] {
  return [...engine.problems, ...(socket?.problems ?? [])].map(({ text }) => say(text))
}

function line({ direction, engine, socket, belongsTo }: Packet): string {
  const data = socket?.data === undefined ? undefined : JSON.stringify(socket.data)
  const parts = [
    direction,
    engine.name,
    socket?.name,
    socket?.id,
    data,
    belongsTo === undefined ? undefined : `of unit ${belongsTo}`,
  ]
  return parts.filter((part) => part !== undefined).join(' ')
}

/** The packets of a client that sends these messages after a handshake. */
function conversation(sent: (string | Uint8Array)[]): Packet[] {
  const [request, response] = units(recording('socketio-python-websocket').connections[0]!)
  const template = units(recording('socketio-python-websocket').connections[0]!)[3]!
  if (template.kind !== 'frame') throw new Error('the third unit is a frame')
  const reader = new PacketReader()
  reader.push(request!)
  reader.push(response!)
  return sent.flatMap((data, index) => {
    const opcode = typeof data === 'string' ? 1 : 2
    const payload = typeof data === 'string' ? new TextEncoder().encode(data) : data
    const message = Object.assign(new Message({ opcode, rsv1: false }), {
      payload,
      length: payload.length,
      complete: true,
    })
    message.frames.push(index)
    return reader.push({ ...template, index, header: { ...template.header!, opcode }, message })
  })
}
