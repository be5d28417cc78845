import { createServer } from 'node:http'
import type { Socket } from 'socket.io-client'
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
import { createMiniServer, type MiniServer, type MiniServerOptions } from '#lab/18-sio-protocol/server.ts'
import { check, cleanup, deadline, expect, runFile } from '../../workbook/grade/checks/check.ts'
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
      [
        { type: CONNECT_ERROR, namespace: '/nope', data: { message: 'Invalid namespace' } },
        '4/nope,{"message":"Invalid namespace"}',
      ],
    ] as const) {
      expect(encodePacket(packet).text, `the text of ${JSON.stringify(packet)}`).toBe(wire)
      expect(decodePacket(wire), `the packet of ${wire}`).toMatchObject({
        packet: { id: undefined, data: undefined, ...packet },
        attachments: 0,
      })
    }
    expect(decodePacket('0/custom').packet.namespace, 'a namespace may end without a comma').toBe('/custom')
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
      '2"text"',
      '2abc["a"]',
      '2["disconnect"]',
      '2["connect"]',
      '3["no id"]',
      '31{}',
      '1{}',
      '0"text"',
      '5["no count"]',
      '21-["a"]',
      '511-["too many"]',
      '2["broken"',
    ]) {
      expect(() => decodePacket(wire), `${JSON.stringify(wire)} refused`).toThrow()
    }
  },
)

check(
  'codec-binary',
  'takes bytes out of the data, and puts them back',
  { todo: [4, 9], anchor: 'bytes', rule: 'Socket.IO protocol: packet encoding, binary' },
  () => {
    const bytes = [Buffer.from([1, 2, 3]), Buffer.from('zz')]
    const { text, attachments } = encodePacket({
      type: EVENT,
      namespace: '/chat',
      id: 0,
      data: ['bin', bytes[0], { also: bytes[1] }],
    })
    expect(text, 'the text of an event with two attachments').toBe(
      '52-/chat,0["bin",{"_placeholder":true,"num":0},{"also":{"_placeholder":true,"num":1}}]',
    )
    expect(
      attachments.map((attachment) => Buffer.from(attachment).toString('hex')),
      'its attachments',
    ).toEqual(['010203', '7a7a'])
    const reader = new PacketReader()
    expect(reader.push(text), 'after the text').toBeUndefined()
    expect(reader.push(attachments[0]!), 'after one of two attachments').toBeUndefined()
    expect(reader.push(attachments[1]!), 'after both attachments').toMatchObject({
      type: EVENT,
      namespace: '/chat',
      id: 0,
      data: ['bin', bytes[0], { also: bytes[1] }],
    })
    expect(() => reader.push(Buffer.from('surprise')), 'bytes that nobody announced are refused').toThrow()
    reader.push('51-["a",{"_placeholder":true,"num":0}]')
    expect(() => reader.push('2["b"]'), 'text inside a binary packet is refused').toThrow()
    const wrong = new PacketReader()
    wrong.push('51-["a",{"_placeholder":true,"num":7}]')
    expect(() => wrong.push(Buffer.from('x')), 'a placeholder without attachment is refused').toThrow()
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
    expect(data, 'its values').toMatchObject({
      upgrades: [],
      pingInterval: 25_000,
      pingTimeout: 20_000,
      maxPayload: 1_000_000,
    })
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
  },
)

check(
  'connect',
  'answers CONNECT with an id, in each namespace',
  { todo: [3, 4], anchor: 'connect', rule: 'Socket.IO protocol: connection to a namespace' },
  async () => {
    const wire = await raw(await listening())
    await wire.next()
    wire.send('40')
    const sid = /^40\{"sid":"([^"]{10,})"\}$/.exec(await wire.next())?.[1]
    expect(sid, 'the id in the answer to 40').toBeDefined()
    expect(await wire.next(), 'the first event').toBe('42["auth",{}]')
    wire.send('40/custom,{"token":"t"}')
    const other = /^40\/custom,\{"sid":"([^"]{10,})"\}$/.exec(await wire.next())?.[1]
    expect(other, 'the id in the answer to 40/custom,').toBeDefined()
    expect(other === sid, 'the id in /custom is the one in /').toBe(false)
    expect(await wire.next(), 'the first event in /custom').toBe('42/custom,["auth",{"token":"t"}]')
  },
)

check(
  'invalid-namespace',
  'refuses an unknown namespace, and goes on',
  { todo: [3, 4], anchor: 'connect', rule: 'Socket.IO protocol: connection to a namespace' },
  async () => {
    const wire = await raw(await listening())
    await wire.next()
    wire.send('40/random')
    expect(await wire.next(), 'the answer to 40/random').toBe('44/random,{"message":"Invalid namespace"}')
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
    wire.send('439["nobody asked"]')
    wire.send('431["to b",2]')
    expect(await wire.next()).toBe('42["heard"]')
    wire.send('431["again"]')
    wire.send('430["to a"]')
    expect(await wire.next()).toBe('42["heard"]')
    expect(answers, 'the answers, in the order of arrival').toEqual([['to b', 2], ['to a']])
  },
)

check(
  'leave-namespace',
  'a client leaves one namespace and stays in the other',
  { todo: [3, 6, 7], anchor: 'leaving', rule: 'Socket.IO protocol: disconnection from a namespace' },
  async () => {
    const gone: unknown[] = []
    const io = testServer()
    io.of('/custom').on('connection', (socket) => {
      socket.on('disconnecting', () => gone.push([...socket.rooms].length))
      socket.on('disconnect', (reason) => gone.push(reason))
    })
    const wire = await entered(await listenIo(io))
    wire.send('40/custom,')
    await wire.next()
    await wire.next()
    wire.send('41/custom,')
    wire.send('42["message","still here"]')
    expect(await wire.next(), 'the event in / after leaving /custom').toBe('42["message-back","still here"]')
    expect(gone, 'rooms in "disconnecting", and the reason in "disconnect"').toEqual([1, 'client namespace disconnect'])
    expect(io.of('/custom').sockets.size, 'sockets in /custom').toBe(0)
  },
)

check(
  'server-disconnects',
  'the server says goodbye, to a namespace or to the whole connection',
  { todo: [3, 4, 6], anchor: 'leaving', rule: 'Socket.IO protocol: disconnection from a namespace' },
  async () => {
    const io = testServer()
    io.on('connection', (socket) => socket.on('bye', (all) => socket.disconnect(all === true)))
    const port = await listenIo(io)
    const wire = await entered(port)
    wire.send('42["bye"]')
    expect(await wire.next(), 'the answer to "bye"').toBe('41')
    expect(io.of('/').sockets.size, 'sockets in / after it').toBe(0)
    const other = await entered(port)
    other.send('42["bye",true]')
    expect(await other.next(), 'the answer to "bye, all of you"').toBe('41')
    await deadline(other.closed, 2000, 'the connection to be closed')
  },
)

check(
  'rooms',
  'says it to a room: members but the sender, and nobody else',
  { todo: [...base, 5, 7], anchor: 'rooms-are-two-maps', rule: 'Socket.IO: rooms' },
  async () => {
    const { ann, bob, carl } = await clients()
    await Promise.all([request(ann, 'join', 'r1'), request(bob, 'join', 'r1')])
    const heard = [record(ann), record(bob), record(carl)]
    ann.emit('say', 'r1', 'hi')
    await Promise.all([ann, bob, carl].map((client) => request(client, 'message-with-ack')))
    expect(
      heard.map((list) => list.length),
      'how often ann, bob and carl hear it',
    ).toEqual([0, 1, 0])
    await request(bob, 'leave', 'r1')
    carl.emit('say', 'r1', 'again')
    await Promise.all([carl, ann, bob].map((client) => request(client, 'message-with-ack')))
    expect(
      heard.map((list) => list.length),
      'after bob has left the room and carl has spoken',
    ).toEqual([1, 1, 0])
  },
)

check(
  'rooms-gone',
  'a client that goes is in no room any more',
  { todo: [...base, 5, 6, 7], anchor: 'rooms-are-two-maps', rule: 'Socket.IO: rooms' },
  async () => {
    const { ann, bob, io } = await clients()
    await request(ann, 'join', 'r1')
    await request(bob, 'join', 'r1')
    const { rooms } = io.of('/')
    expect([...(rooms.members.get('r1') ?? [])].length, 'members of r1').toBe(2)
    bob.io.engine.close()
    await until(() => io.of('/').sockets.size === 2, ann)
    expect([...(rooms.members.get('r1') ?? [])].length, 'members of r1 after bob was cut').toBe(1)
    await request(ann, 'leave', 'r1')
    expect(rooms.members.has('r1'), 'the room exists after its last member has left').toBe(false)
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
    await Promise.all([ann, bob, carl].map((client) => request(client, 'message-with-ack')))
    expect(heard, 'what ann, bob and carl hear').toEqual([[['all but bob']], [['psst']], [['all but bob']]])
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
        next(token === 'good' ? undefined : Object.assign(new Error('not authorized'), { data: { retry: false } }))
      })
    const port = await listenIo(io)
    const wire = await raw(port)
    await wire.next()
    wire.send('40/admin,{"token":"x"}')
    const answer = await wire.next()
    expect(answer.slice(0, 2), 'the type of the answer to a wrong token').toBe('44')
    expect(answer, 'the answer').toBe('44/admin,{"message":"not authorized","data":{"retry":false}}')
    wire.send('40/admin,{"token":"throw"}')
    expect(await wire.next(), 'the answer when a middleware throws').toBe('44/admin,{"message":"thrown"}')
    expect(order, 'who was asked').toEqual(['first', 'second', 'first', 'second'])
    const good = await ioClient(port, { namespace: '/admin', auth: { token: 'good' } })
    const refused = ioDialing(port, { namespace: '/admin' })
    const [error] = (await nextEvent(refused, 'connect_error')) as [Error & { data?: unknown }]
    expect(error.data, 'data of the refusal at a real client').toEqual({ retry: false })
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
    expect(await wire.next(), 'the text of the answer').toBe(
      '462-0[{"_placeholder":true,"num":0},{"also":{"_placeholder":true,"num":1}}]',
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
    const wire = await raw(port, sid)
    wire.send('2probe')
    expect(await wire.next(), 'the answer to 2probe').toBe('3probe')
    expect(await (await pending).text(), 'the pending GET').toBe('6')
    wire.send('5')
    wire.send('40')
    expect(await wire.next(), 'the answer to CONNECT over the WebSocket').toMatch(/^40\{"sid"/)
    expect((await fetch(`${url}&sid=${sid}`)).status, 'GET after the upgrade').toBe(400)
    const second = await raw(port, sid)
    await deadline(second.closed, 2000, 'the end of a second WebSocket for the session')
  },
)

check(
  'no-leak',
  'keeps nothing of three hundred clients that came and went',
  { todo: [3, 6, 7], anchor: 'leaving', rule: 'Socket.IO: disconnection' },
  async () => {
    const io = testServer()
    const port = await listenIo(io)
    for (let round = 0; round < 10; round++) {
      const wires = await Promise.all(Array.from({ length: 30 }, () => entered(port)))
      for (const wire of wires) wire.close()
      await Promise.all(wires.map(({ closed }) => deadline(closed, 3000, 'a client to be closed')))
    }
    const probe = await entered(port)
    await until(() => io.of('/').sockets.size === 1, probe)
    expect(io.of('/').rooms.members.size, 'rooms, of which each client has one').toBe(1)
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

/** What the official protocol suite expects of a server, and rooms. */
function testServer(options: MiniServerOptions = {}): MiniServer {
  const io = createMiniServer(options)
  io.on('connection', (socket) => {
    socket.emit('auth', socket.handshake.auth)
    socket.on('message', (...args) => socket.emit('message-back', ...args))
    socket.on('message-with-ack', (...args) => (args.pop() as (...values: unknown[]) => void)?.(...args))
    socket.on('twice', (ack) => {
      const answer = ack as (value: string) => void
      answer('first')
      answer('second')
    })
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
  io.of('/custom').on('connection', (socket) => socket.emit('auth', socket.handshake.auth))
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
  /** the next packet; bytes as `bytes 0102` */
  next(): Promise<string>
  send(packet: string | Buffer): void
  close(): void
  closed: Promise<void>
}

/** A bare WebSocket, without a Socket.IO client. */
async function raw(port: number, sid?: string): Promise<Wire> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket${sid ? `&sid=${sid}` : ''}`)
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
