import { EventEmitter } from 'node:events'
import { createServer } from 'node:http'
import type { Socket } from 'socket.io-client'
import { vi } from 'vitest'
import { WebSocket } from 'ws'
import {
  ACK,
  CONNECT,
  CONNECT_ERROR,
  DISCONNECT,
  decodePacket,
  EVENT,
  encodePacket,
  PacketReader,
} from '#lab/18-sio-protocol/packet.ts'
import { Rooms } from '#lab/18-sio-protocol/rooms.ts'
import { createMiniServer, type MiniServer, type MiniServerOptions } from '#lab/18-sio-protocol/server.ts'
import { Session } from '#lab/18-sio-protocol/session.ts'
import type { MiniSocket } from '#lab/18-sio-protocol/socket.ts'
import { check, cleanup, deadline, expect, fail, runFile } from '../../workbook/grade/checks/check.ts'
import {
  type IoOptions,
  ioClient,
  ioDialing,
  listenIo,
  nextEvent,
  request,
} from '../../workbook/grade/checks/peers/socketio.ts'

const base = [1, 3, 4]

check(
  'codec',
  'writes and reads packets: type, namespace, id, data',
  { todo: 4, anchor: 'a-packet', rule: 'Socket.IO protocol: packet encoding' },
  () => {
    for (const [packet, wire] of [
      [{ type: CONNECT, namespace: '/' }, '0'],
      [{ type: CONNECT, namespace: '/admin', data: { token: 't' } }, '0/admin,{"token":"t"}'],
      [{ type: DISCONNECT, namespace: '/admin' }, '1/admin,'],
      [
        { type: EVENT, namespace: '/', data: ['several', 1, '二', { k: [true, null] }] },
        '2["several",1,"二",{"k":[true,null]}]',
      ],
      [{ type: EVENT, namespace: '/chat', id: 0, data: ['say', 'hello'] }, '2/chat,0["say","hello"]'],
      [{ type: ACK, namespace: '/', id: 456, data: [] }, '3456[]'],
      [{ type: ACK, namespace: '/', id: 0, data: [null, 0, '', false] }, '30[null,0,"",false]'],
      [{ type: EVENT, namespace: '/', data: ['connected', { k: null }] }, '2["connected",{"k":null}]'],
      [{ type: EVENT, namespace: '/disconnect', data: ['please disconnect'] }, '2/disconnect,["please disconnect"]'],
      [{ type: CONNECT, namespace: '/', data: {} }, '0{}'],
      [
        { type: CONNECT_ERROR, namespace: '/nope', data: { message: 'Invalid namespace' } },
        '4/nope,{"message":"Invalid namespace"}',
      ],
    ] as const) {
      same(encodePacket(packet).text, wire, `the text of ${JSON.stringify(packet)}`)
      const decoded = decodePacket(wire)
      same(decoded.packet, { id: undefined, data: undefined, ...packet }, `the packet of ${wire}`)
      same(decoded.attachments, 0, `the number of attachments of ${wire}`)
    }
    same(decodePacket('0/custom').packet.namespace, '/custom', 'the namespace of 0/custom, without a comma')
  },
)

check(
  'codec-refuses',
  'refuses what is no packet',
  { todo: 4, anchor: 'a-packet', rule: 'Socket.IO protocol: exchange' },
  () => {
    for (const wire of [
      '',
      'abc',
      '7',
      '9["a"]',
      '2',
      '2{}',
      '2[]',
      '2[1]',
      '2[null,"a"]',
      '2/chat,{}',
      '27{}',
      '2"text"',
      '2abc["a"]',
      ...reserved.map((name) => `2["${name}"]`),
      '2/chat,1["disconnect","with an id"]',
      '3["no id"]',
      '3/chat,["no id"]',
      '30',
      '31{}',
      '31"text"',
      '1{}',
      '1/chat,[]',
      '0"text"',
      '0[]',
      '0null',
      '0/chat,"text"',
      '51-{}',
      '51-["disconnect",{"_placeholder":true,"num":0}]',
      '61-[{"_placeholder":true,"num":0}]',
      '5["no count"]',
      '21-["a"]',
      '511-["too many"]',
      '2["broken"',
    ]) {
      refused(() => decodePacket(wire), `decodePacket(${JSON.stringify(wire)})`)
    }
  },
)

check(
  'codec-binary',
  'takes bytes out of the data, and puts them back',
  { todo: [4, 9], anchor: 'bytes', rule: 'Socket.IO protocol: packet encoding, binary' },
  () => {
    const memory = Buffer.from(new Uint8Array([9, 1, 2, 3, 0x7a, 0x7a]).buffer)
    const bytes = [memory.subarray(1, 4), memory.subarray(4)]
    const { text, attachments } = encodePacket({
      type: EVENT,
      namespace: '/chat',
      id: 0,
      data: ['bin', bytes[0], { also: bytes[1] }],
    })
    same(
      text,
      '52-/chat,0["bin",{"_placeholder":true,"num":0},{"also":{"_placeholder":true,"num":1}}]',
      'the text of an event with two attachments',
    )
    same(attachments, bytes, 'its attachments')
    const reader = new PacketReader()
    // A reader lives as long as its connection: what worked for the first packet must work for the next.
    for (const round of ['first', 'second']) {
      same(reader.push(text), undefined, `${round} time: what push gives after the text`)
      same(reader.push(attachments[0]!), undefined, `${round} time: what push gives after one of two attachments`)
      same(
        reader.push(attachments[1]!),
        { type: EVENT, namespace: '/chat', id: 0, data: ['bin', bytes[0], { also: bytes[1] }] },
        `${round} time: the packet after both attachments`,
      )
    }
    const answer = encodePacket({ type: ACK, namespace: '/', id: 0, data: [{ deep: [[bytes[0]]] }] })
    same(
      answer.text,
      '61-0[{"deep":[[{"_placeholder":true,"num":0}]]}]',
      'the text of an answer with bytes deep in its data',
    )
    same(answer.attachments, [bytes[0]], 'the attachments of that answer')
    reader.push(answer.text)
    same(
      reader.push(bytes[0]!),
      { type: ACK, namespace: '/', id: 0, data: [{ deep: [[bytes[0]]] }] },
      'that answer, read again',
    )
    const kinds = [new Uint16Array([1, 2]), new DataView(Buffer.from('abc').buffer, 0, 0), new Uint8Array([7]).buffer]
    const views = encodePacket({ type: EVENT, namespace: '/', data: ['views', ...kinds] })
    same(
      views.attachments,
      [Buffer.from([1, 0, 2, 0]), Buffer.alloc(0), Buffer.from([7])],
      'attachments of a Uint16Array, a DataView and an ArrayBuffer',
    )
    refused(() => reader.push(Buffer.from('surprise')), 'bytes that nobody announced, after a binary packet')
    refused(() => new PacketReader().push(Buffer.from('surprise')), 'bytes that nobody announced, at the beginning')
    reader.push('52-["a",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]')
    reader.push(Buffer.from('x'))
    refused(() => reader.push('2["b"]'), 'text after one of two attachments')
    for (const num of ['7', '1', '-1', '0.5', '"0"', 'null', '"push"', '"constructor"', '"length"']) {
      const wrong = new PacketReader()
      wrong.push(`51-["a",{"deep":[{"_placeholder":true,"num":${num}}]}]`)
      refused(() => wrong.push(Buffer.from('x')), `a placeholder with "num":${num} and one attachment`)
    }
  },
)

check(
  'open',
  'opens with the open packet',
  { todo: 1, anchor: 'the-open-packet', rule: 'Engine.IO protocol: handshake' },
  async () => {
    const wire = await raw(await listening())
    const open = await wire.next()
    expect(open[0], 'type of the first packet').toBe('0')
    const data = JSON.parse(open.slice(1)) as Record<string, unknown>
    expect(Object.keys(data).sort(), 'what the open packet holds').toEqual([
      'maxPayload',
      'pingInterval',
      'pingTimeout',
      'sid',
      'upgrades',
    ])
    const { sid, ...rest } = data
    same(
      rest,
      { upgrades: [], pingInterval: 25_000, pingTimeout: 20_000, maxPayload: 1_000_000 },
      'the open packet without its sid',
    )
    const other = await raw(await listening({ pingInterval: 12_345, pingTimeout: 6789, maxPayload: 4321 }))
    const { sid: otherSid, ...otherRest } = JSON.parse((await other.next()).slice(1)) as Record<string, unknown>
    same(
      otherRest,
      { upgrades: [], pingInterval: 12_345, pingTimeout: 6789, maxPayload: 4321 },
      'the open packet of a server with other options, without its sid',
    )
    for (const id of [sid, otherSid]) expect(typeof id, 'type of the sid').toBe('string')
    if (sid === otherSid) fail.state('opened two sessions', `both have the sid ${sid}`, 'want two sids, got one twice')
  },
)

check(
  'handshake-refuses',
  'refuses other versions, transports and sessions, and leaves other requests alone',
  { anchor: 'the-open-packet', rule: 'Engine.IO protocol: handshake' },
  async () => {
    const io = createMiniServer()
    const port = await listenIo(
      io,
      createServer((_, response) => response.end('a page')),
    )
    for (const query of [
      '',
      'transport=polling',
      'EIO=3&transport=polling',
      'EIO=4',
      'EIO=4&transport=carrier-pigeon',
      'EIO=4&transport=polling&sid=unknown',
    ]) {
      const { status } = await fetch(`http://127.0.0.1:${port}/socket.io/?${query}`)
      expect(status, `status of GET ?${query}`).toBe(400)
    }
    for (const method of ['POST', 'PUT']) {
      const { status } = await fetch(`http://127.0.0.1:${port}/socket.io/?EIO=4&transport=polling`, { method })
      expect(status, `status of ${method} without a session`).toBe(400)
    }
    for (const query of ['EIO=3&transport=websocket', 'EIO=4&transport=abc']) {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/socket.io/?${query}`)
      const refused = new Promise((resolve) => socket.on('error', resolve))
      await deadline(refused, 2000, `a WebSocket with ?${query} to be refused`)
    }
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text(), 'GET / beside it').toBe('a page')
  },
)

check(
  'heartbeat',
  'pings, and goes on with who answers',
  { todo: 2, anchor: 'the-heartbeat', rule: 'Engine.IO protocol: heartbeat' },
  async () => {
    virtualSession(({ session, transport, reasons }) => {
      session.startHeartbeat()
      for (let round = 1; round <= 3; round++) {
        vi.advanceTimersByTime(999)
        same(transport.sent, [], `packets 999 ms after the ${round === 1 ? 'start' : 'pong'}, pingInterval 1000`)
        vi.advanceTimersByTime(1)
        same(transport.take(), ['2'], `packets 1000 ms after the ${round === 1 ? 'start' : 'pong'}, pingInterval 1000`)
        vi.advanceTimersByTime(2999)
        same(reasons, [], `why a client was closed that answers ping ${round} in 2999 ms, pingTimeout 3000`)
        transport.emit('packet', '3')
      }
    })
    const wire = await raw(await listening({ pingInterval: 20, pingTimeout: 3000 }))
    await wire.next()
    for (let round = 0; round < 3; round++) {
      expect(await wire.next(), `packet ${round + 1} after the open packet`).toBe('2')
      wire.send('3')
    }
  },
)

check(
  'silence',
  'closes on who does not answer a ping',
  { todo: 2, anchor: 'the-heartbeat', rule: 'Engine.IO protocol: heartbeat' },
  async () => {
    const wire = await raw(await listening({ pingInterval: 20, pingTimeout: 30 }))
    await deadline(wire.closed, 2000, 'the end of a client that answers no ping')
    virtualSession(({ session, reasons }) => {
      session.startHeartbeat()
      vi.advanceTimersByTime(1000 + 2999)
      same(reasons, [], 'why a client was closed 2999 ms after the ping, pingTimeout 3000')
      vi.advanceTimersByTime(1)
      same(reasons, ['ping timeout'], 'why a client was closed 3000 ms after the ping, pingTimeout 3000')
      same(vi.getTimerCount(), 0, 'timers that run after it')
    })
  },
)

check(
  'connect',
  'answers CONNECT with an id, in each namespace',
  { todo: [3, 4], anchor: 'connect', rule: 'Socket.IO protocol: connection to a namespace' },
  async () => {
    const io = testServer()
    io.of('/shake').on('connection', (socket) => {
      const { query, headers, auth } = socket.handshake
      socket.emit('shake', query, headers['x-lab'], auth)
    })
    const port = await listenIo(io)
    const wire = await raw(port)
    await wire.next()
    wire.send('40')
    const sid = /^40\{"sid":"([^"]{10,})"\}$/.exec(await wire.next())?.[1]
    expect(sid, 'the id in the answer to 40').toBeDefined()
    same(await wire.next(), '42["auth",{}]', 'the first event')
    wire.send('40/custom,{"token":"t"}')
    const other = /^40\/custom,\{"sid":"([^"]{10,})"\}$/.exec(await wire.next())?.[1]
    expect(other, 'the id in the answer to 40/custom,').toBeDefined()
    if (other === sid) fail.state('entered / and /custom', `both ids are ${sid}`, 'want two ids, got one twice')
    same(await wire.next(), '42/custom,["auth",{"token":"t"}]', 'the first event in /custom')
    const third = await raw(port, '&name=%E5%A5%BD%20%26&empty=', { 'x-lab': '18' })
    await third.next()
    third.send('40/shake,')
    await third.next()
    same(
      JSON.parse((await third.next()).slice('42/shake,'.length)),
      ['shake', { EIO: '4', transport: 'websocket', name: '好 &', empty: '' }, '18', {}],
      'query, header x-lab and auth of the handshake that /shake sends back',
    )
  },
)

check(
  'invalid-namespace',
  'refuses an unknown namespace, and goes on',
  { todo: [3, 4], anchor: 'connect', rule: 'Socket.IO protocol: connection to a namespace' },
  async () => {
    const wire = await raw(await listening())
    await wire.next()
    for (const connect of ['40/random', '40/random,{"token":"t"}']) {
      wire.send(connect)
      same(await wire.next(), '44/random,{"message":"Invalid namespace"}', `the answer to ${connect}`)
    }
    wire.send('40')
    expect(await wire.next(), 'the answer to 40 after it').toMatch(/^40\{"sid"/)
  },
)

check(
  'no-connect',
  'does not keep a connection that enters no namespace',
  { anchor: 'connect', rule: 'Socket.IO protocol: connection to a namespace' },
  async () => {
    const wire = await raw(await listening({ connectTimeout: 30 }))
    await deadline(wire.closed, 2000, 'the end of a connection without a CONNECT')
  },
)

check(
  'events',
  'passes events both ways, with any arguments',
  { todo: [1, 3], anchor: 'events', rule: 'Socket.IO protocol: sending and receiving data' },
  async () => {
    const port = await listening()
    const wire = await entered(port)
    wire.send('42["message",1,"2",{"3":[true]}]')
    expect(await wire.next(), 'the event back').toBe('42["message-back",1,"2",{"3":[true]}]')
    const client = await ioClient(port)
    const back = nextEvent(client, 'message-back')
    client.emit('message', '你好', null, [[]])
    expect(await back, 'the event back, at a real client').toEqual(['你好', null, [[]]])
  },
)

check(
  'refusals',
  'closes at once on what no client may send',
  { anchor: 'refuse-by-closing', rule: 'Socket.IO protocol: exchange' },
  async () => {
    const port = await listening()
    for (const packets of [
      ['4abc'],
      ['47'],
      ['abc'],
      ['2'],
      ['42["message"]'],
      ['42/custom,["message"]'],
      [Buffer.from([1])],
      ['44{}'],
    ]) {
      const wire = await raw(port)
      await wire.next()
      for (const packet of packets) wire.send(packet)
      await deadline(wire.closed, 2000, `the end of a connection after ${JSON.stringify(packets.map(String))}`)
    }
  },
)

check(
  'more-refusals',
  'closes at once on broken events',
  { todo: [3, 4], anchor: 'refuse-by-closing', rule: 'Socket.IO protocol: exchange' },
  async () => {
    const port = await listening()
    for (const packet of [
      '42{}',
      '42[]',
      '42["broken',
      '42["disconnect"]',
      '431{}',
      '42abc["a"]',
      '40',
      '451-["a",{"_placeholder":true,"num":0}]|42["text"]',
      '45["no count"]',
    ]) {
      const wire = await entered(port)
      for (const part of packet.split('|')) wire.send(part)
      await deadline(wire.closed, 2000, `the end of a connection after ${packet}`)
    }
  },
)

check(
  'acks',
  'acknowledges with the id that came, 0 included, once',
  { todo: [...base, 5], anchor: 'acknowledgements', rule: 'Socket.IO protocol: acknowledgement' },
  async () => {
    const port = await listening()
    const wire = await entered(port)
    for (const id of [456, 0]) {
      wire.send(`42${id}["message-with-ack",1,"二"]`)
      expect(await wire.next(), `the answer to id ${id}`).toBe(`43${id}[1,"二"]`)
    }
    wire.send('427["twice"]')
    wire.send('428["message-with-ack"]')
    expect(await wire.next(), 'the answer to a handler that acknowledges twice').toBe('437["first"]')
    expect(await wire.next(), 'the packet after it').toBe('438[]')
    wire.send('429["message-with-ack",null,0,""]')
    same(await wire.next(), '439[null,0,""]', 'the answer to null, 0 and an empty text')
    wire.send('4210["later"]')
    wire.send('4211["later"]')
    const late = [await wire.next(), await wire.next()]
    same(
      late,
      ['4311["last"]', '4310["first"]'],
      'the answers of a handler that answers two questions, the last one first',
    )
    wire.send('40/custom,')
    same((await wire.next()).slice(0, 10), '40/custom,', 'the beginning of the packet after these two answers')
    await wire.next()
    wire.send('42/custom,0["message-with-ack","there"]')
    same(await wire.next(), '43/custom,0["there"]', 'the answer in /custom')
    expect(await request(await ioClient(port), 'message-with-ack', 'a', 'b'), 'the answer at a real client').toEqual([
      'a',
      'b',
    ])
  },
)

check(
  'server-asks',
  'asks a client, and hears the answer to that question',
  { todo: [3, 4, 5], anchor: 'acknowledgements', rule: 'Socket.IO protocol: acknowledgement' },
  async () => {
    const answers: unknown[][] = []
    const io = testServer()
    io.on('connection', (socket) => {
      socket.on('ask', (text) =>
        socket.emit('question', text, (...values: unknown[]) => {
          answers.push(values)
          socket.emit('heard')
        }),
      )
    })
    const wire = await entered(await listenIo(io))
    wire.send('42["ask","a"]')
    wire.send('42["ask","b"]')
    expect(await wire.next(), 'the first question').toBe('420["question","a"]')
    expect(await wire.next(), 'the second question').toBe('421["question","b"]')
    wire.send('42["ask","c"]')
    expect(await wire.next(), 'the third question').toBe('422["question","c"]')
    wire.send('439["nobody asked"]')
    wire.send('431["to b",2]')
    expect(await wire.next()).toBe('42["heard"]')
    wire.send('431["again"]')
    wire.send('430["to a"]')
    expect(await wire.next()).toBe('42["heard"]')
    wire.send('432[null,"",0]')
    expect(await wire.next()).toBe('42["heard"]')
    same(answers, [['to b', 2], ['to a'], [null, '', 0]], 'the answers, in the order of arrival')
  },
)

check(
  'leave-namespace',
  'a client leaves one namespace and stays in the other',
  { todo: [3, 6, 7], anchor: 'leaving', rule: 'Socket.IO protocol: disconnection from a namespace' },
  async () => {
    const gone: unknown[] = []
    const io = testServer()
    const custom = io.of('/custom')
    const look = ({ id, rooms }: MiniSocket) => `${rooms.size} rooms, ${custom.sockets.has(id) ? '' : 'not '}in /custom`
    custom.on('connection', (socket) => {
      socket.join('second')
      for (const event of ['disconnecting', 'disconnect']) {
        socket.on(event, (reason) => gone.push(`${event}: ${look(socket)}, ${reason}`))
      }
    })
    const wire = await entered(await listenIo(io))
    for (const round of ['first', 'second']) {
      wire.send('40/custom,')
      same(
        (await wire.next()).slice(0, 17),
        `40/custom,{"sid":`,
        `the beginning of the answer to CONNECT, ${round} time`,
      )
      await wire.next()
      wire.send('41/custom,')
      wire.send('42["message","still here"]')
      same(await wire.next(), '42["message-back","still here"]', `the event in / after leaving /custom, ${round} time`)
      for (const line of ['disconnecting: 2 rooms, in /custom', 'disconnect: 0 rooms, not in /custom']) {
        same(gone.shift(), `${line}, client namespace disconnect`, `what a handler in /custom saw, ${round} time`)
      }
      same(gone, [], 'what the handlers saw after that')
      expect(custom.sockets.size, 'sockets in /custom').toBe(0)
      expect(io.of('/').sockets.size, 'sockets in /').toBe(1)
    }
  },
)

check(
  'server-disconnects',
  'the server says goodbye, to a namespace or to the whole connection',
  { todo: [3, 4, 6], anchor: 'leaving', rule: 'Socket.IO protocol: disconnection from a namespace' },
  async () => {
    const io = testServer()
    const reasons: unknown[] = []
    for (const name of ['/', '/custom']) {
      io.of(name).on('connection', (socket) => {
        socket.on('bye', (all) => socket.disconnect(all === true))
        socket.on('disconnect', (reason) => reasons.push(name, reason))
      })
    }
    const port = await listenIo(io)
    const wire = await entered(port)
    wire.send('42["bye"]')
    same(await wire.next(), '41', 'the answer to "bye"')
    expect(io.of('/').sockets.size, 'sockets in / after it').toBe(0)
    same(reasons.splice(0), ['/', 'server namespace disconnect'], 'where "disconnect" was told, and why')
    wire.send('40/custom,')
    same((await wire.next()).slice(0, 17), `40/custom,{"sid":`, 'the beginning of the answer to 40/custom, after it')
    await wire.next()
    wire.send('42/custom,["bye",true]')
    same(await wire.next(), '41/custom,', 'the answer to "bye, all of you" in /custom')
    await deadline(wire.closed, 2000, 'the connection to be closed')
    same(reasons, ['/custom', 'server namespace disconnect'], 'where "disconnect" was told, and why')
  },
)

check(
  'rooms',
  'says it to a room: members but the sender, and nobody else',
  { todo: [...base, 5, 7], anchor: 'rooms-are-two-maps', rule: 'Socket.IO: rooms' },
  async () => {
    twoMaps()
    const { ann, bob, carl } = await clients()
    await Promise.all([request(ann, 'join', 'r1'), request(bob, 'join', 'r1')])
    const heard = [record(ann), record(bob), record(carl)]
    ann.emit('say', 'r1', 'hi')
    await Promise.all([ann, bob, carl].map((client) => request(client, 'message-with-ack')))
    same(
      heard.map((list) => list.length),
      [0, 1, 0],
      'how often ann, bob and carl hear it',
    )
    await request(bob, 'leave', 'r1')
    same(await request(bob, 'rooms'), [bob.id], 'the rooms of bob after he has left r1')
    carl.emit('say', 'r1', 'again')
    await Promise.all([carl, ann, bob].map((client) => request(client, 'message-with-ack')))
    same(
      heard.map((list) => list.length),
      [1, 1, 0],
      'how often they have heard something after bob has left the room and carl has spoken',
    )
  },
)

check(
  'rooms-gone',
  'a client that goes is in no room any more',
  { todo: [...base, 5, 6, 7], anchor: 'rooms-are-two-maps', rule: 'Socket.IO: rooms' },
  async () => {
    const { ann, bob, carl, io } = await clients()
    await request(ann, 'join', 'r1')
    await request(bob, 'join', 'r1')
    const { rooms } = io.of('/')
    expect([...(rooms.members.get('r1') ?? [])].length, 'members of r1').toBe(2)
    bob.io.engine.close()
    await until(() => io.of('/').sockets.size === 2, ann)
    expect([...(rooms.members.get('r1') ?? [])].length, 'members of r1 after bob was cut').toBe(1)
    await request(ann, 'leave', 'r1')
    same([...rooms.members.keys()].sort(), [ann.id, carl.id].sort(), 'the rooms after the last member of r1 has left')
  },
)

check(
  'private',
  'every client is in a room named by its id',
  { todo: [...base, 5, 7], anchor: 'rooms-are-two-maps', rule: 'Socket.IO: rooms, default room' },
  async () => {
    const { ann, bob, carl, io } = await clients()
    const heard = [record(ann), record(bob), record(carl)]
    io.to(bob.id!).emit('said', 'psst')
    io.except(bob.id!).emit('said', 'all but bob')
    io.to(ann.id!, bob.id!).to(ann.id!).except(carl.id!).emit('said', 'two')
    io.except(ann.id!).except(bob.id!).emit('said', 'one')
    await Promise.all([ann, bob, carl].map((client) => request(client, 'message-with-ack')))
    same(
      heard.map((list) => list.flat()),
      [
        ['all but bob', 'two'],
        ['psst', 'two'],
        ['all but bob', 'one'],
      ],
      'what ann, bob and carl hear',
    )
  },
)

check(
  'once',
  'encodes once, however many hear it',
  { todo: 3, anchor: 'rooms-are-two-maps', rule: 'Socket.IO protocol: packet encoding' },
  async () => {
    const io = testServer()
    const port = await listenIo(io)
    await Promise.all(Array.from({ length: 20 }, () => entered(port)))
    let encoded = 0
    const counter = { toJSON: () => (encoded += 1) }
    for (const id of io.of('/').sockets.keys()) io.of('/').rooms.join(id, 'all')
    io.to('all').emit('said', counter)
    expect(encoded, 'times that one emit to 20 clients was encoded').toBe(1)
  },
)

check(
  'middleware',
  'asks middlewares in order, and refuses with data',
  { todo: [...base, 8], anchor: 'middlewares', rule: 'Socket.IO: middlewares' },
  async () => {
    const io = testServer()
    const order: string[] = []
    io.of('/admin')
      .use((_, next) =>
        setImmediate(() => {
          order.push('first')
          next()
        }),
      )
      .use((socket, next) => {
        order.push('second')
        const { token } = socket.handshake.auth
        if (token === 'throw') throw new Error('thrown')
        if (token === 'zero') return next(Object.assign(new Error(''), { data: 0 }))
        if (token === 'good') return next()
        next(Object.assign(new Error('not authorized'), { data: { retry: false } }))
        if (token === 'forgot return') next()
      })
      .use((_, next) => {
        order.push('third')
        next()
      })
    const port = await listenIo(io)
    const wire = await raw(port)
    await wire.next()
    for (const [token, refusal] of [
      ['x', '{"message":"not authorized","data":{"retry":false}}'],
      ['throw', '{"message":"thrown"}'],
      ['zero', '{"message":"","data":0}'],
      ['forgot return', '{"message":"not authorized","data":{"retry":false}}'],
      ['x', '{"message":"not authorized","data":{"retry":false}}'],
    ] as const) {
      wire.send(`40/admin,{"token":"${token}"}`)
      const answer = (await wire.next()).replace(/"sid":"[^"]+"/, '"sid":"…"')
      same(answer, `44/admin,${refusal}`, `the answer to the token "${token}"`)
      same(order.splice(0), ['first', 'second'], `who was asked about the token "${token}"`)
    }
    expect(io.of('/admin').sockets.size, 'sockets in /admin after five refusals').toBe(0)
    wire.send('40/admin,{"token":"good"}')
    same((await wire.next()).slice(0, 16), `40/admin,{"sid":`, `the beginning of the answer to the token "good"`)
    same(order.splice(0), ['first', 'second', 'third'], 'who was asked about the token "good"')
    await lateAnswers()
    const good = await ioClient(port, { namespace: '/admin', auth: { token: 'good' } })
    const refused = ioDialing(port, { namespace: '/admin' })
    const [error] = (await nextEvent(refused, 'connect_error')) as [Error & { data?: unknown }]
    same(error.data, { retry: false }, 'data of the refusal at a real client')
    expect(good.connected, 'a real client with the right token is still connected').toBe(true)
  },
)

check(
  'binary',
  'passes bytes both ways, beside the text',
  { todo: [...base, 5, 9], anchor: 'bytes', rule: 'Socket.IO protocol: binary' },
  async () => {
    const port = await listening()
    const wire = await entered(port)
    wire.send('452-0["message-with-ack",{"_placeholder":true,"num":0},{"also":{"_placeholder":true,"num":1}}]')
    wire.send(Buffer.from([1, 2, 3]))
    wire.send(Buffer.from('zz'))
    same(
      await wire.next(),
      '462-0[{"_placeholder":true,"num":0},{"also":{"_placeholder":true,"num":1}}]',
      'the text of the answer',
    )
    expect(await wire.next(), 'the first attachment, as hex').toBe('bytes 010203')
    expect(await wire.next(), 'the second attachment, as hex').toBe('bytes 7a7a')
    const [back] = await request(await ioClient(port), 'message-with-ack', Buffer.from('你好'))
    expect(String(back), 'bytes that a real client gets back').toBe('你好')
  },
)

check(
  'polling',
  'serves a client that can only poll',
  { todo: [...base, 5], anchor: 'polling-and-upgrade', rule: 'Engine.IO protocol: HTTP long-polling' },
  async () => {
    const port = await listening()
    const url = `http://127.0.0.1:${port}/socket.io/?EIO=4&transport=polling`
    const open = await (await fetch(url)).text()
    const { sid, upgrades } = JSON.parse(open.slice(1)) as { sid: string; upgrades: string[] }
    expect(upgrades, 'upgrades in the open packet').toEqual(['websocket'])
    const session = `${url}&sid=${sid}`
    expect(await (await fetch(session, { method: 'POST', body: '40' })).text(), 'the answer to POST 40').toBe('ok')
    const packets = (await (await fetch(session)).text()).split('\x1e')
    expect(packets[0], 'the first packet of GET').toMatch(/^40\{"sid"/)
    if (packets.length < 2) packets.push(await (await fetch(session)).text())
    expect(packets[1], 'the second packet').toBe('42["auth",{}]')
    await fetch(session, { method: 'POST', body: '420["message-with-ack","a"]\x1e421["message-with-ack","b"]' })
    expect(await (await fetch(session)).text(), 'two answers in one body').toBe('430["a"]\x1e431["b"]')
    const pending = fetch(session)
    await fetch(session, { method: 'POST', body: '1' })
    expect(await (await pending).text(), 'the pending GET after POST 1').toBe('6')
    expect((await fetch(session)).status, 'GET of a session that has ended').toBe(400)
    const client = await ioClient(port, { transports: ['polling'] })
    expect(await request(client, 'message-with-ack', 'polled'), 'the answer at a real client that polls').toEqual([
      'polled',
    ])
  },
)

check(
  'upgrade',
  'takes a default client from polling to WebSocket',
  { todo: [...base, 5, 10], anchor: 'polling-and-upgrade', rule: 'Engine.IO protocol: upgrading' },
  async () => {
    const port = await listening()
    const client = ioDialing(port, { transports: ['polling', 'websocket'] } as IoOptions)
    const upgraded = new Promise<void>((resolve) => client.io.engine.once('upgrade', () => resolve()))
    const connected = nextEvent(client, 'auth')
    await connected
    await deadline(upgraded, 3000, 'the upgrade of a default client')
    expect(await request(client, 'message-with-ack', 'over WebSocket')).toEqual(['over WebSocket'])
  },
)

check(
  'upgrade-wire',
  'probes, ends the pending poll, and lets nobody poll afterwards',
  { todo: [1, 3, 10], anchor: 'polling-and-upgrade', rule: 'Engine.IO protocol: upgrading' },
  async () => {
    const port = await listening()
    const url = `http://127.0.0.1:${port}/socket.io/?EIO=4&transport=polling`
    const { sid } = JSON.parse((await (await fetch(url)).text()).slice(1)) as { sid: string }
    const pending = fetch(`${url}&sid=${sid}`)
    const wire = await raw(port, `&sid=${sid}`)
    wire.send('2probe')
    expect(await wire.next(), 'the answer to 2probe').toBe('3probe')
    const answer = await deadline(pending, 2000, 'the answer to the GET that is pending at 2probe')
    expect(await answer.text(), 'the pending GET').toBe('6')
    wire.send('5')
    wire.send('40')
    expect(await wire.next(), 'the answer to CONNECT over the WebSocket').toMatch(/^40\{"sid"/)
    expect((await fetch(`${url}&sid=${sid}`)).status, 'GET after the upgrade').toBe(400)
    const second = await raw(port, `&sid=${sid}`)
    await deadline(second.closed, 2000, 'the end of a second WebSocket for the session')
    wire.send('41')
    wire.send('40')
    expect(await wire.next(), 'the first event over the WebSocket').toBe('42["auth",{}]')
    expect(await wire.next(), 'the answer to another CONNECT').toMatch(/^40\{"sid"/)
  },
)

check(
  'upgrade-fails',
  'goes on polling when a WebSocket does not get on with it, and moves over with the next one',
  { todo: [...base, 5, 9, 10], anchor: 'polling-and-upgrade', rule: 'Engine.IO protocol: upgrading' },
  async () => {
    const io = testServer()
    const port = await listenIo(io)
    const url = `http://127.0.0.1:${port}/socket.io/?EIO=4&transport=polling`
    const { sid } = JSON.parse((await (await fetch(url)).text()).slice(1)) as { sid: string }
    const get = async () => (await fetch(`${url}&sid=${sid}`)).text()
    const post = async (body: string) => {
      const { status } = await fetch(`${url}&sid=${sid}`, { method: 'POST', body })
      same(status, 200, `status of POST ${body.replaceAll('\x1e', '␞')}`)
    }
    await post('40')
    await get()
    if (io.of('/').sockets.size !== 1) fail.state('entered / by polling', 'no socket in /', 'want 1 socket in /, got 0')

    for (const how of ['an event before its 5', 'a 2 for 2probe', 'its end']) {
      const failing = await raw(port, `&sid=${sid}`)
      if (how !== 'a 2 for 2probe') {
        failing.send('2probe')
        same(await failing.next(), '3probe', 'the answer to 2probe')
      }
      if (how === 'its end') failing.close()
      else failing.send(how === 'a 2 for 2probe' ? '2' : '429["message-with-ack","too early"]')
      await deadline(failing.closed, 2000, `the end of a WebSocket that fails by ${how}`)
      const pending = get()
      await post('420["message-with-ack","polled"]')
      same(await pending, '430["polled"]', `what a GET hears after a WebSocket has failed by ${how}`)
    }

    const wire = await raw(port, `&sid=${sid}`)
    await post('421["message-with-ack","kept"]')
    wire.send('2probe')
    same(await wire.next(), '3probe', 'the answer to 2probe, at the fourth WebSocket')
    await post('451-["message",{"_placeholder":true,"num":0}]\x1ebAQID\x1e422["message-with-ack","last"]')
    same(wire.arrived, [], 'packets over the WebSocket before its 5')
    wire.send('5')
    wire.send('423["message-with-ack","new"]')
    for (const packet of [
      '431["kept"]',
      '451-["message-back",{"_placeholder":true,"num":0}]',
      'bytes 010203',
      '432["last"]',
      '433["new"]',
    ]) {
      same(await wire.next(), packet, 'the next packet over the WebSocket, after its 5')
    }
    wire.close()
    const other = await entered(port)
    await until(() => io.of('/').sockets.size === 1, other)
    expect(io.of('/').sockets.size, 'sockets in / after the end of that WebSocket, with one other client').toBe(1)
  },
)

check(
  'no-leak',
  'keeps nothing of three hundred clients that came and went',
  { todo: [3, 6, 7], anchor: 'leaving', rule: 'Socket.IO: disconnection', timeout: 30_000 },
  async () => {
    const io = testServer()
    io.on('connection', (socket) => {
      for (const room of ['all', `mine ${socket.id}`]) socket.join(room)
    })
    const port = await listenIo(io)
    for (let round = 0; round < 10; round++) {
      const wires = await Promise.all(Array.from({ length: 30 }, () => entered(port)))
      for (const wire of wires) wire.close()
      await Promise.all(wires.map(({ closed }) => deadline(closed, 3000, 'a client to be closed')))
    }
    const probe = await entered(port)
    await until(() => io.of('/').sockets.size === 1, probe)
    expect(io.of('/').rooms.members.size, 'rooms when one client is there, who is in three').toBe(3)
    expect(io.of('/').rooms.joined.size, 'clients with rooms').toBe(1)
  },
)

check(
  'by-hand',
  'runs by hand, and a real client talks to it',
  { todo: [1, 3], anchor: 'your-turn', rule: 'Node.js: process' },
  async () => {
    const server = runFile('18-sio-protocol/server.ts', ['0'])
    const client = await ioClient(await server.port())
    const back = nextEvent(client, 'message', 4000)
    client.emit('message', 'hello')
    expect(await back).toEqual(['hello'])
    server.signal('SIGTERM')
    await server.ends()
  },
)

/** Events that no client may send. */
const reserved = ['connect', 'connect_error', 'disconnect', 'disconnecting', 'newListener', 'removeListener']

/** Compares as JSON, with bytes as `bytes 0102`, so that the first line shows both values. */
function same(got: unknown, want: unknown, what: string): void {
  const [shownGot, shownWant] = [shown(got), shown(want)]
  if (shownGot !== shownWant) fail.state(what, `got ${shownGot}`, `${what}: want ${shownWant}, got ${shownGot}`)
}

function shown(value: unknown): string {
  return JSON.stringify(legible(value)) ?? 'nothing'
}

/** Keys in one order, bytes as text, and without what is undefined. */
function legible(value: unknown): unknown {
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString('hex')}`
  if (Array.isArray(value)) return value.map(legible)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined)
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => [key, legible(inner)]))
}

function refused(read: () => unknown, what: string): void {
  let result: unknown
  try {
    result = read()
  } catch {
    return
  }
  fail.state(what, `got ${shown(result)}`, `${what}: want an error, got ${shown(result)}`)
}

/** A transport that only notes what is sent. */
class Notes extends EventEmitter<{ packet: [string | Buffer]; close: [string] }> {
  readonly sent: (string | Uint8Array)[] = []
  send(packet: string | Uint8Array): void {
    this.sent.push(packet)
  }
  close(): void {}
  take(): (string | Uint8Array)[] {
    return this.sent.splice(0)
  }
}

/** Looks at a session whose clock `look` moves by hand: pingInterval 1000, pingTimeout 3000. */
function virtualSession(look: (parts: { session: Session; transport: Notes; reasons: string[] }) => void): void {
  vi.useFakeTimers()
  try {
    const transport = new Notes()
    const session = new Session(transport, { pingInterval: 1000, pingTimeout: 3000, maxPayload: 1000 })
    const reasons: string[] = []
    session.on('close', (reason) => reasons.push(reason))
    look({ session, transport, reasons })
  } finally {
    vi.useRealTimers()
  }
}

/** Joins, leaves and picks without a connection. */
function twoMaps(): void {
  const rooms = new Rooms()
  for (const id of ['ann', 'bob', 'carl', 'dora']) rooms.join(id, id)
  for (const [id, room] of ['ann r1', 'bob r1', 'bob r2', 'carl r2', 'ann r1'].map((line) => line.split(' '))) {
    rooms.join(id!, room!)
  }
  const picks = (cases: [to: string, except: string, picked: string][]) => {
    for (const [to, except, picked] of cases) {
      const ids = rooms.pick(new Set(to.split(' ').filter(Boolean)), new Set(except.split(' ').filter(Boolean)))
      same([...ids].sort().join(' '), picked, `who is picked by to(${to}) and except(${except})`)
    }
  }
  picks([
    ['', '', 'ann bob carl dora'],
    ['r1', '', 'ann bob'],
    ['r1 r2', '', 'ann bob carl'],
    ['r1 r2', 'r2', 'ann'],
    ['r1 dora', 'ann carl', 'bob dora'],
    ['', 'r1 carl', 'dora'],
    ['', 'nowhere', 'ann bob carl dora'],
    ['nowhere', '', ''],
    ['nowhere r2', 'nobody', 'bob carl'],
  ])
  rooms.leave('dora', 'r1')
  rooms.leave('dora', 'never')
  rooms.leave('bob', 'r2')
  rooms.leave('bob', 'r2')
  picks([
    ['r1', '', 'ann bob'],
    ['r2', '', 'carl'],
    ['bob', '', 'bob'],
  ])
  rooms.leave('carl', 'r2')
  const listed = (map: Map<string, Set<string>>) =>
    Object.fromEntries([...map].map(([key, set]) => [key, [...set].sort()]))
  same(
    listed(rooms.members),
    { ann: ['ann'], bob: ['bob'], carl: ['carl'], dora: ['dora'], r1: ['ann', 'bob'] },
    'members of each room, when nobody is in r2 any more, nor ever was elsewhere',
  )
  same(
    listed(rooms.joined),
    { ann: ['ann', 'r1'], bob: ['bob', 'r1'], carl: ['carl'], dora: ['dora'] },
    'rooms of each client',
  )
}

/** A middleware that answers when its client has sent CONNECT again, or has gone. */
async function lateAnswers(): Promise<void> {
  const io = testServer()
  let welcomed = 0
  const asked: (() => void)[] = []
  io.of('/slow')
    .use((_, next) => void asked.push(next))
    .on('connection', () => (welcomed += 1))
  const port = await listenIo(io)
  const twice = await entered(port)
  twice.send('40/slow,')
  twice.send('40/slow,')
  await deadline(twice.closed, 2000, 'the end of a connection that sends CONNECT again while a middleware is asked')
  const other = await entered(port)
  await until(() => io.of('/').sockets.size === 1, other)
  for (const next of asked) next()
  other.send('42["message"]')
  await other.next()
  same(welcomed, 0, 'clients in /slow, of which the only one had gone before the middleware let it in')
}

/** What the official protocol suite expects of a server, and rooms. */
function testServer(options: MiniServerOptions = {}): MiniServer {
  const io = createMiniServer(options)
  const later: ((value: string) => void)[] = []
  io.on('connection', (socket) => {
    socket.emit('auth', socket.handshake.auth)
    socket.on('message', (...args) => socket.emit('message-back', ...args))
    socket.on('message-with-ack', (...args) => (args.pop() as (...values: unknown[]) => void)?.(...args))
    socket.on('twice', (ack) => {
      const answer = ack as (value: string) => void
      answer('first')
      answer('second')
    })
    socket.on('later', (ack) => {
      later.push(ack as (value: string) => void)
      if (later.length < 2) return
      const [first, last] = later
      last!('last')
      first!('first')
      last!('again')
    })
    socket.on('rooms', (ack) => (ack as (...rooms: string[]) => void)(...socket.rooms))
    socket.on('join', (room, ack) => {
      socket.join(String(room))
      ;(ack as () => void)()
    })
    socket.on('leave', (room, ack) => {
      socket.leave(String(room))
      ;(ack as () => void)()
    })
    socket.on('say', (room, text) => socket.to(String(room)).emit('said', text))
  })
  io.of('/custom').on('connection', (socket) => {
    socket.emit('auth', socket.handshake.auth)
    socket.on('message-with-ack', (...args) => (args.pop() as (...values: unknown[]) => void)?.(...args))
  })
  return io
}

function listening(options?: MiniServerOptions): Promise<number> {
  return listenIo(testServer(options))
}

/** Three real clients of one new server. */
async function clients(): Promise<{ ann: Socket; bob: Socket; carl: Socket; io: MiniServer }> {
  const io = testServer()
  const port = await listenIo(io)
  const [ann, bob, carl] = [await ioClient(port), await ioClient(port), await ioClient(port)]
  return { ann, bob, carl, io }
}

function record(client: Socket): unknown[][] {
  const heard: unknown[][] = []
  client.on('said', (...args: unknown[]) => heard.push(args))
  return heard
}

interface Wire {
  /** packets that nobody has asked for yet */
  arrived: string[]
  /** the next packet; bytes as `bytes 0102` */
  next(): Promise<string>
  send(packet: string | Buffer): void
  close(): void
  closed: Promise<void>
}

/** A bare WebSocket, without a Socket.IO client. @param more what else its query says: `&sid=…` */
async function raw(port: number, more = '', headers: Record<string, string> = {}): Promise<Wire> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket${more}`, { headers })
  cleanup(() => socket.terminate())
  const arrived: string[] = []
  const waiting: ((packet: string) => void)[] = []
  socket.on('message', (data, isBinary) => {
    const packet = isBinary ? `bytes ${(data as Buffer).toString('hex')}` : String(data)
    const taker = waiting.shift()
    if (taker) taker(packet)
    else arrived.push(packet)
  })
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()))
  socket.on('error', () => {}) // a lab may end a connection in any way; the close that follows is what is looked at
  const opened = new Promise<void>((resolve, reject) => {
    socket.on('open', () => resolve())
    socket.on('error', reject)
  })
  await deadline(opened, 5000, 'a WebSocket to open')
  return {
    arrived,
    next() {
      const packet = arrived.shift()
      if (packet !== undefined) return Promise.resolve(packet)
      return deadline(new Promise<string>((resolve) => waiting.push(resolve)), 2000, 'the next packet')
    },
    send: (packet) => socket.send(packet),
    close: () => socket.close(),
    closed,
  }
}

/** A bare WebSocket that is in `/`, its first event read. */
async function entered(port: number): Promise<Wire> {
  const wire = await raw(port)
  await wire.next()
  wire.send('40')
  await wire.next()
  await wire.next()
  return wire
}

/** Asks the server something until `ready`, so that each look comes after another turn of its event loop. */
async function until(ready: () => boolean, other: Socket | Wire): Promise<void> {
  for (let looks = 0; looks < 200 && !ready(); looks++) {
    if ('emit' in other) {
      await request(other, 'message-with-ack')
    } else {
      other.send('42["message"]')
      await other.next()
    }
  }
}
