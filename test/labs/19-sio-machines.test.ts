import { once } from 'node:events'
import { createServer, type Socket as TcpSocket } from 'node:net'
import { serialize } from 'node:v8'
import { type Namespace, Server } from 'socket.io'
import type { Socket } from 'socket.io-client'
import { relayAdapter } from '#lab/19-sio-machines/adapter.ts'
import { BusConnection, type BusConnectionOptions } from '#lab/19-sio-machines/bus-connection.ts'
import { openBus } from '#lab/19-sio-machines/open-bus.ts'
import { createRelay } from '#lab/19-sio-machines/relay.ts'
import { createRoomServer, type RoomServer } from '#lab/19-sio-machines/server.ts'
import {
  check,
  chunkings,
  cleanup,
  deadline,
  expect,
  listen,
  misbehave,
  runFile,
  tcp,
} from '../../workbook/grade/checks/check.ts'
import { FrameBus, framed } from '../../workbook/grade/checks/peers/frame-bus.ts'
import { type RedisWay, redis, wayTo } from '../../workbook/grade/checks/peers/redis.ts'
import { ioClient, listenIo, nextEvent, request } from '../../workbook/grade/checks/peers/socketio.ts'

const clustering = 'Socket.IO: adapter, cluster'

/** A program that loads Socket.IO and a Redis client takes its time on a busy machine. */
const slow = { timeout: 30_000 }

check(
  'alone',
  'keeps a room on one node, where there is no bus',
  { anchor: 'two-servers-one-room', rule: 'Socket.IO: rooms' },
  async () => {
    const [ann, bob] = [
      await ioClient(await listenIo(createRoomServer())),
      await ioClient(await listenIo(createRoomServer())),
    ]
    await Promise.all([request(ann, 'join', 'lobby'), request(bob, 'join', 'lobby')])
    const [atAnn, atBob] = [record(ann, 'said'), record(bob, 'said')]
    expect((await request(ann, 'say', 'lobby', 'hello'))[0], 'the answer to "say"').toMatchObject({ ok: true })
    expect(await request(bob, 'count', 'lobby'), 'who is in the lobby, as B knows it').toEqual([
      { ok: true, value: { here: 1, everywhere: 1 } },
    ])
    expect(atAnn, 'what ann hears, who said it on A').toEqual([[ann.id, 'lobby', 'hello']])
    expect(atBob, 'what bob hears on B').toEqual([])
  },
)

check(
  'relay-others',
  'passes each frame to all peers but the one it came from',
  { todo: 3, anchor: 'a-bus', rule: 'Node.js: net' },
  async () => {
    const port = await listen(createRelay())
    const [ann, bob, carl] = await peers(port, 'ann', 'bob', 'carl')
    for (const data of [Buffer.from('hello'), Buffer.alloc(0), Buffer.from([0, 255, 10, 13]), noise(100_000)]) {
      await ann.send(framed(data))
      for (const peer of [bob, carl]) {
        const got = await peer.read(4 + data.length)
        expect(got).toBeBytes(framed(data), { action: `ann sent a frame of ${data.length} bytes` })
      }
    }
    await bob.send(framed(Buffer.from('from bob')))
    const first = await ann.read(12)
    expect(first).toBeBytes(framed(Buffer.from('from bob')), { action: 'bob sent a frame, after four of ann’s own' })
  },
)

check(
  'relay-cuts',
  'passes on whole frames, however they were cut, and never two mixed',
  { todo: 3, anchor: 'a-bus', rule: 'Node.js: stream' },
  async () => {
    const port = await listen(createRelay())
    const [ann, bob, carl] = await peers(port, 'ann', 'bob', 'carl')
    const frames = ['first, 你好', 'second'].map((text) => framed(Buffer.from(text)))
    for (const { name, chunks } of chunkings(frames)) {
      await ann.send(chunks)
      expect(await bob.read(Buffer.concat(frames).length)).toBeBytes(Buffer.concat(frames), {
        action: `ann sent two frames, ${name}`,
      })
      await carl.read(Buffer.concat(frames).length)
    }
    const [one, two] = [framed(Buffer.alloc(100, 'a')), framed(Buffer.alloc(100, 'c'))]
    await ann.send(one.subarray(0, 60))
    await carl.send(two)
    expect(await bob.read(104)).toBeBytes(two, { action: 'carl sent a frame while ann was in the middle of one' })
    await ann.send(one.subarray(60))
    expect(await bob.read(104)).toBeBytes(one, { action: 'ann sent the rest of hers' })
  },
)

check(
  'relay-limit',
  'drops a peer that announces too much, and nobody else',
  { todo: 3, anchor: 'a-bus', rule: 'Node.js: buffer' },
  async () => {
    const port = await listen(createRelay({ maxFrame: 1000, tell: () => {} }))
    const [ann, bob, carl] = await peers(port, 'ann', 'bob', 'carl')
    await ann.send(framed(Buffer.alloc(1000, 1)))
    await bob.read(1004)
    await ann.send(framed(Buffer.alloc(1001)).subarray(0, 4))
    await deadline(ann.closed, 2000, 'the relay to drop the peer that announced 1001 bytes, where 1000 are the most')
    await carl.send(framed(Buffer.from('on we go')))
    expect(await bob.read(12)).toBeBytes(framed(Buffer.from('on we go')), { action: 'carl sent a frame after that' })
  },
)

check(
  'relay-rude',
  'goes on when peers reset, say nothing, or go in the middle of a frame',
  { todo: 3, anchor: 'a-bus', rule: 'Node.js: net' },
  async () => {
    const port = await listen(createRelay())
    const [ann, bob] = await peers(port, 'ann', 'bob')
    await misbehave.silent(port)
    await misbehave.reset(port)
    await misbehave.reset(port, framed(Buffer.alloc(100)).subarray(0, 40))
    const [carl] = await peers(port, 'carl')
    await carl.send(framed(Buffer.alloc(100)).subarray(0, 40))
    await carl.end()
    await deadline(carl.closed, 2000, 'the relay to end the connection of a peer that ended its side')
    await ann.send(framed(Buffer.from('whole')))
    expect(await bob.read(9)).toBeBytes(framed(Buffer.from('whole')), {
      action: 'ann sent the only frame that was whole',
    })
  },
)

check(
  'relay-never-reads',
  'drops a peer that never reads, and holds up nobody for it',
  { todo: 3, anchor: 'the-slowest', rule: 'Node.js: stream, backpressure' },
  async () => {
    const limit = 256 * 1024
    const relay = createRelay({ maxQueue: limit, tell: () => {} })
    const open = new Map<number, TcpSocket>()
    relay.on('connection', (socket) => open.set(socket.remotePort!, socket))
    const port = await listen(relay)
    const [ann, bob] = await peers(port, 'ann', 'bob')
    const sleeper = await misbehave.neverReads(port)
    const asleep = open.get(sleeper.socket.localPort!)!
    const dropped = once(asleep, 'close')
    const frame = framed(Buffer.alloc(64 * 1024))
    let most = 0
    // What the kernel takes for a sleeper is a few mebibytes; what the relay keeps comes on top.
    for (let sent = 0; sent < 256 && !asleep.destroyed; sent++) {
      await ann.send(frame)
      await bob.read(frame.length)
      most = Math.max(most, asleep.writableLength)
    }
    await deadline(dropped, 2000, 'the relay to drop a peer that does not read, after 16 MiB')
    expect(most, 'bytes that waited for it').toBeLessThanOrEqual(limit)
  },
)

check(
  'room',
  'a room reaches its members on both nodes, once, and nobody else',
  { todo: 1, anchor: 'two-methods', rule: clustering },
  async () => {
    const { a, b, ann, bob, carl, everywhere } = await stage()
    const heard = [ann, bob, carl].map((client) => record(client, 'said'))
    const first = nextEvent(bob, 'said')
    a.to('lobby').emit('said', 'hello')
    expect(await first, 'what bob hears on B').toEqual(['hello'])
    a.to(['lobby', 'kitchen']).emit('said', 'both')
    a.emit('said', 'all')
    await everywhere(a)
    b.to('lobby').emit('said', 'from B')
    await everywhere(b)
    expect(heard[1], 'what bob hears on B, who is in lobby and kitchen').toEqual([
      ['hello'],
      ['both'],
      ['all'],
      ['from B'],
    ])
    expect(heard[0], 'what ann hears on A, who is in the lobby').toEqual([['hello'], ['both'], ['all'], ['from B']])
    expect(heard[2], 'what carl hears on B, who is in no room').toEqual([['all']])
  },
)

check(
  'except',
  'leaves out whom it should, and finds the private room of a client on the other node',
  { todo: 1, anchor: 'what-came-with-it', rule: clustering },
  async () => {
    const { a, ann, bob, carl, everywhere } = await stage()
    const heard = [ann, bob, carl].map((client) => record(client, 'said'))
    a.to('lobby').except('kitchen').emit('said', 'not in the kitchen')
    a.except(bob.id!).emit('said', 'not bob')
    a.to(carl.id!).emit('said', 'to carl alone')
    a.local.emit('said', 'on A')
    await everywhere(a)
    // What stays on the node waits for no bus, and comes first.
    expect(heard[0]!.flat().sort(), 'what ann hears on A, sorted').toEqual(['not bob', 'not in the kitchen', 'on A'])
    expect(heard[1], 'what bob hears on B, who is in lobby and kitchen').toEqual([])
    expect(heard[2], 'what carl hears on B, who is in no room').toEqual([['not bob'], ['to carl alone']])
  },
)

check(
  'count',
  'finds the clients of both nodes, and knows its own alone',
  { todo: 1, anchor: 'what-came-with-it', rule: clustering },
  async () => {
    const { a, b, ann, bob, carl } = await stage()
    await knowEachOther(a, b)
    a.sockets.get(ann.id!)!.data.name = 'Ann'
    for (const [name, node] of Object.entries({ A: a, B: b })) {
      const found = await deadline(node.in('lobby').fetchSockets(), 2000, `${name} to find the members of a room`)
      expect(found.map(({ id }) => id).sort(), `ids in the lobby, asked on ${name}`).toEqual([ann.id!, bob.id!].sort())
      expect(found.find(({ id }) => id === ann.id)!.data, `what ann’s data are, asked on ${name}`).toEqual({
        name: 'Ann',
      })
    }
    expect([...a.adapter.rooms.get('lobby')!], 'adapter.rooms on A').toEqual([ann.id])
    expect([...b.adapter.rooms.keys()].sort(), 'names in adapter.rooms on B').toEqual(
      ['lobby', 'kitchen', bob.id!, carl.id!].sort(),
    )
  },
)

check(
  'move',
  'puts clients of the other node into rooms, takes them out, and disconnects them',
  { todo: 1, anchor: 'what-came-with-it', rule: clustering },
  async () => {
    const { a, ann, bob, carl, everywhere } = await stage()
    const heard = [ann, bob, carl].map((client) => record(client, 'said'))
    a.in(carl.id!).socketsJoin('lobby')
    a.in(bob.id!).socketsLeave('lobby')
    a.to('lobby').emit('said', 'who is here?')
    await everywhere(a)
    expect(heard, 'what ann, bob and carl hear, when carl has joined and bob has left').toEqual([
      [['who is here?']],
      [],
      [['who is here?']],
    ])
    const gone = nextEvent(carl, 'disconnect')
    a.in('lobby').except(ann.id!).disconnectSockets()
    expect((await gone)[0], 'why carl is disconnected').toBe('io server disconnect')
    expect([ann.connected, bob.connected], 'ann and bob are connected').toEqual([true, true])
  },
)

check(
  'ask',
  'asks a room of both nodes, and collects the answers',
  { todo: 1, anchor: 'what-came-with-it', rule: clustering },
  async () => {
    const { a, b, ann, bob, carl } = await stage()
    await knowEachOther(a, b)
    for (const [client, name] of [
      [ann, 'ann'],
      [bob, 'bob'],
      [carl, 'carl'],
    ] as const) {
      client.on('question', (text: string, ack: (answer: string) => void) => ack(`${name}: ${text}`))
    }
    const answers = a.to('lobby').timeout(1500).emitWithAck('question', 'yes') as Promise<string[]>
    expect((await deadline(answers, 2000, 'the answers of a room on two nodes')).sort(), 'the answers').toEqual([
      'ann: yes',
      'bob: yes',
    ])
  },
)

check(
  'node-to-node',
  'lets nodes speak with each other, and answer',
  { todo: 1, anchor: 'what-came-with-it', rule: clustering },
  async () => {
    const { a, b } = await stage()
    await knowEachOther(a, b)
    b.on('load?' as never, ((unit: string, answer: (load: string) => void) => answer(`3 ${unit}`)) as never)
    const asked = a.serverSideEmitWithAck('load?', 'clients')
    expect(await deadline(asked, 2000, 'the other node to answer'), 'the answers of the other nodes').toEqual([
      '3 clients',
    ])
  },
)

check(
  'namespaces',
  'keeps namespaces apart that share the bus',
  { todo: 1, anchor: 'two-methods', rule: clustering },
  async () => {
    const { a, b, ann, bob, everywhere } = await stage({ also: '/chat' })
    await knowEachOther(a, b)
    const chat = a.server.of('/chat')
    await knowEachOther(chat, b.server.of('/chat'))
    const heard = [record(ann, 'said'), record(bob, 'said')]
    chat.emit('said', 'in /chat')
    a.emit('said', 'in /')
    await everywhere(a)
    expect(heard, 'what ann and bob hear, who are in /').toEqual([[['in /']], [['in /']]])
    expect(await a.adapter.serverCount(), 'nodes that A counts for /, where each has /chat as well').toBe(2)
    const found = await deadline(
      a.fetchSockets(),
      2000,
      'A to find the clients of /, where no node but B has to answer',
    )
    expect(found.length, 'clients in /').toBe(3)
  },
)

check(
  'bytes',
  'bytes stay bytes, in every depth',
  { todo: [1, 2], anchor: 'bytes-on-the-bus', rule: 'Node.js: v8, serialization' },
  async () => {
    const { a, bob } = await stage()
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i))
    const heard = nextEvent(bob, 'said')
    a.to('lobby').emit('said', bytes, { deep: [new Uint8Array([0, 255])] }, '你好 \u0000', null, [[]])
    const [whole, nested, ...others] = (await heard) as [Buffer, { deep: [Buffer] }, ...unknown[]]
    expect(whole).toBeBytes(bytes, { action: 'a node emitted 256 bytes to a room, with a member on the other node' })
    expect(nested.deep[0]).toBeBytes('00 ff', { action: 'a node emitted bytes inside an object' })
    expect(others, 'the other arguments').toEqual(['你好 \u0000', null, [[]]])
  },
)

check(
  'bus-cuts',
  'reads the bus in any chunks, and what one node says in its order',
  { todo: 1, anchor: 'what-arrives-in-which-order', rule: 'Node.js: stream' },
  async () => {
    const { a, bob, bus } = await stage()
    const heard = record(bob, 'said')
    for (const cut of ['byte by byte', 'glued together', 'in halves', 'one by one'] as const) {
      const before = bus.frames.length
      bus.hold()
      for (const size of [1, 300, 2]) a.to('lobby').emit('said', cut, '好'.repeat(size))
      await bus.came(before + 3)
      const last = nextLast(bob, 3)
      await bus.release(cut)
      await deadline(last, 2000, `three messages of the other node, ${cut}`)
      expect(heard.splice(0), `what bob hears of three messages, ${cut}`).toEqual(
        [1, 300, 2].map((size) => [cut, '好'.repeat(size)]),
      )
    }
  },
)

check(
  'order',
  'keeps the order over the bus, and in one tick a word to the client overtakes one to its room',
  { todo: 1, anchor: 'what-arrives-in-which-order', rule: clustering },
  async () => {
    const { a, ann, bob, everywhere } = await stage()
    const [atAnn, atBob] = [record(ann, 'said'), record(bob, 'said')]
    a.to('lobby').emit('said', 'a')
    a.sockets.get(ann.id!)!.emit('said', 'b')
    await everywhere(a)
    expect(atAnn.splice(0).flat(), 'what ann hears on A').toEqual(['b', 'a'])
    expect(atBob.splice(0).flat(), 'what bob hears on B').toEqual(['a'])
    const numbers = Array.from({ length: 30 }, (_, i) => [i, 'x'.repeat(i % 3 ? 10 : 5000)])
    for (const args of numbers) a.to('lobby').emit('said', ...args)
    await everywhere(a)
    const wrong = atBob.findIndex(([i], at) => i !== at)
    expect(wrong, 'the first of the numbers, with long texts and short ones, not in its place; -1 is none').toBe(-1)
    expect(atBob.length, 'messages that bob hears on B').toBe(30)
  },
)

check(
  'garbage',
  'goes on when something on the bus is no message',
  { todo: [1, 2], anchor: 'who-may-write-to-the-bus', rule: 'Node.js: v8, serialization' },
  async () => {
    const { a, bob, bus, everywhere } = await stage()
    const node = { uid: 'x', nsp: '/' }
    const values = [
      null,
      7,
      [],
      {},
      { ...node, type: 3 },
      { ...node, type: 3, data: {} },
      { ...node, type: 3, data: { opts: null } },
      { ...node, type: 7, data: { opts: { rooms: 1 } } },
      { ...node, type: 8, data: null },
      { ...node, type: 99, data: {} },
    ]
    for (const value of values) {
      bus.say(framed(serialize(value)))
      bus.say(framed(Buffer.from(JSON.stringify(value))))
    }
    const holes: string[] = []
    holes.length = 100_000_000
    bus.say(framed(serialize({ ...node, type: 3, data: { opts: { rooms: holes, except: [] }, packet: {} } })))
    for (const bytes of [Buffer.alloc(0), Buffer.from([0xff]), noise(300), Buffer.from('GET / HTTP/1.1\r\n\r\n')]) {
      bus.say(framed(bytes))
    }
    const heard = record(bob, 'said')
    a.to('lobby').emit('said', 'still here')
    await everywhere(a)
    expect(heard, 'what bob hears after all that').toEqual([['still here']])
  },
)

check(
  'too-long',
  'keeps a message that is too long for the bus at home, and leaves a bus that announces one',
  { todo: 1, anchor: 'who-may-write-to-the-bus', rule: 'Node.js: buffer' },
  async () => {
    const { tell, sentences, more } = told()
    const { a, ann, bus } = await stage({ maxFrame: 10_000, tell })
    const heard = nextEvent(ann, 'said')
    a.to('lobby').emit('said', 'x'.repeat(20_000))
    expect((await heard)[0], 'what ann hears on A').toHaveLength(20_000)
    expect(sentences.length, 'sentences about a message of 20,000 bytes, where 10,000 are the most').toBe(1)
    const left = more()
    bus.say(Buffer.from([0xff, 0xff, 0xff, 0xff]))
    await deadline(left, 2000, 'a node to say that it has left a bus that announces 4 GiB')
  },
)

check(
  'bus-never-reads',
  'does not fill its memory for a bus that never reads',
  { todo: 1, anchor: 'the-slowest', rule: 'Node.js: stream, backpressure' },
  async () => {
    const { tell, sentences, more } = told()
    const { a, ann, bus } = await stage({ maxQueue: 256 * 1024, tell })
    const gaveUp = more()
    bus.stall()
    for (let sent = 0; sent < 256 && sentences.length === 0; sent++) {
      const heard = nextEvent(ann, 'said')
      a.to('lobby').emit('said', Buffer.alloc(64 * 1024))
      await heard
    }
    await deadline(gaveUp, 2000, 'a node to give up a bus that does not read, after 16 MiB')
  },
)

check(
  'comes-back',
  'loses what was said while the bus was cut, and nothing before and after',
  { todo: [1, 4], anchor: 'the-bus-is-cut', rule: 'Node.js: net' },
  async () => {
    const { a, b, ann, bob, bus, connections, everywhere } = await stage({ retryDelay: 10 })
    await knowEachOther(a, b)
    const [atAnn, atBob] = [record(ann, 'said'), record(bob, 'said')]
    a.to('lobby').emit('said', 'before')
    await everywhere(a)
    for (let round = 1; round <= 2; round++) {
      await bus.cut()
      await bus.connected(0)
      const home = nextEvent(ann, 'said')
      a.to('lobby').emit('said', `during ${round}`)
      await home
      const up = connections.map((connection) => once(connection, 'up'))
      await bus.mend()
      await deadline(Promise.all(up), 4000, 'both nodes to connect to the bus again')
      await bus.connected(2)
      a.to('lobby').emit('said', `after ${round}`)
      await everywhere(a)
    }
    expect(atAnn.flat(), 'what ann hears on A, where it is said').toEqual([
      'before',
      'during 1',
      'after 1',
      'during 2',
      'after 2',
    ])
    expect(atBob.flat(), 'what bob hears on B').toEqual(['before', 'after 1', 'after 2'])
  },
)

check(
  'late-bus',
  'serves its own clients while there is no bus, and knows the others as soon as there is',
  { todo: [1, 4], anchor: 'the-bus-is-cut', rule: 'Node.js: net' },
  async () => {
    const bus = await FrameBus.open()
    await bus.cut()
    const { tell, sentences } = told()
    const [one, two] = [node(bus, { retryDelay: 10, tell }), node(bus, { retryDelay: 10 })]
    const up = [one, two].map(({ connection }) => once(connection, 'up'))
    const ann = await ioClient(await listenIo(one.io))
    await ioClient(await listenIo(two.io))
    const heard = nextEvent(ann, 'said')
    one.io.emit('said', 'alone')
    expect(await heard, 'what ann hears on A, without a bus').toEqual(['alone'])
    expect(sentences.length, 'sentences of A about the bus, which it has tried for several times').toBe(1)
    await bus.mend()
    await deadline(Promise.all(up), 4000, 'both nodes to connect to a bus that came late')
    await knowEachOther(one.io.of('/'), two.io.of('/'))
    const found = await deadline(one.io.fetchSockets(), 2000, 'A to find the clients of both nodes')
    expect(found.length, 'clients that A finds').toBe(2)
  },
)

check(
  'leaves',
  'says nothing more when it is closed, and ends its connection',
  { todo: 1, anchor: 'the-bus-is-cut', rule: clustering },
  async () => {
    const bus = await FrameBus.open()
    const [one, two] = [node(bus), node(bus)]
    await bus.connected(2)
    await knowEachOther(one.io.of('/'), two.io.of('/'))
    await listenIo(one.io)
    await one.io.close()
    const count = () => two.io.of('/').adapter.serverCount()
    await until(async () => (await count()) === 1, 'B to know that A has gone')
    // The connection of A is still there, and hears the hello of a third node.
    const before = bus.frames.length
    const heard = once(one.connection, 'message')
    node(bus)
    await deadline(heard, 2000, 'a third node to say hello')
    await deadline(one.connection.close(), 2000, 'the connection of A to close')
    await bus.connected(2)
    expect(bus.frames.length - before, 'frames: the hello of C, the answer of B').toBe(2)
  },
)

check(
  'server',
  'the server’s own rooms cross the bus, and nobody asks for the private room of another',
  { todo: 1, anchor: 'two-servers-one-room', rule: 'Socket.IO: rooms' },
  async () => {
    const bus = await FrameBus.open()
    const [one, two] = [await roomServer(bus), await roomServer(bus)]
    await bus.connected(2)
    const [ann, bob] = [await ioClient(one.port), await ioClient(two.port)]
    await Promise.all([request(ann, 'join', 'lobby'), request(bob, 'join', 'lobby'), request(ann, 'join', bob.id)])
    const [atAnn, heard] = [record(ann, 'said'), nextEvent(bob, 'said')]
    two.io.to(bob.id!).emit('said', '', '', 'to bob alone')
    expect(await heard, 'what bob hears on B').toEqual(['', '', 'to bob alone'])
    await request(bob, 'say', 'lobby', 'hello')
    expect(await request(bob, 'count', 'lobby'), 'who is in the lobby, as B knows it').toEqual([
      { ok: true, value: { here: 1, everywhere: 2 } },
    ])
    const texts = atAnn.map(([, room, text]) => `${room}: ${text}`)
    expect(texts, 'what ann hears on A, who has asked for the room of bob’s id').toEqual(['lobby: hello'])
    for (const [name, ...args] of [
      ['join', 7],
      ['say', null, 'x'],
      ['count', ['lobby']],
    ] as const) {
      const [answer] = await request(ann, name, ...args)
      expect(answer, `the answer to ${name}(${JSON.stringify(args[0])})`).toMatchObject({ ok: false })
    }
  },
)

check(
  'redis-clients',
  'takes two connections to Redis, survives their end, and says so once',
  { todo: 5, anchor: 'redis-by-one-line', rule: 'Redis: clients, node-redis' },
  async () => {
    const { port, arrived, sockets } = await silentServer()
    const { tell, sentences } = told()
    const bus = await openBus(`redis://ann:secret@127.0.0.1:${port}`, tell)
    cleanup(() => bus.close())
    const io = new Server({ adapter: bus.adapter })
    await listenIo(io)
    await arrived(2)
    for (const socket of sockets.splice(0)) socket.resetAndDestroy()
    await arrived(2)
    expect(sentences.length, 'sentences about a Redis that reset two connections').toBe(1)
    expect(sentences[0]!.includes('secret'), 'the password stands in a sentence that others may read').toBe(false)
    const closed = sockets.map((socket) => once(socket, 'close'))
    await io.close()
    await deadline(bus.close(), 2000, 'the bus to close, with a Redis that does not answer')
    await deadline(Promise.all(closed), 2000, 'both connections to end')
  },
)

check(
  'redis-rooms',
  'the same rooms over Redis, which serves its own clients first',
  { todo: 5, anchor: 'redis-by-one-line', rule: clustering },
  async () => {
    const redis = await redisStage()
    if (redis === undefined) return
    const { a, b, ann, bob, carl, everywhere } = redis
    const heard = [ann, bob, carl].map((client) => record(client, 'said'))
    a.to('lobby').emit('said', 'a')
    a.sockets.get(ann.id!)!.emit('said', 'b')
    a.to('lobby')
      .except('kitchen')
      .emit('said', Buffer.from([0, 255]))
    a.to(carl.id!).emit('said', 'to carl alone')
    await everywhere(a)
    expect(heard[0], 'what ann hears on A').toEqual([['a'], ['b'], [Buffer.from([0, 255])]])
    expect(heard[1], 'what bob hears on B, who is in lobby and kitchen').toEqual([['a']])
    expect(heard[2], 'what carl hears on B, who is in no room').toEqual([['to carl alone']])
    const found = await deadline(b.in('lobby').fetchSockets(), 2000, 'B to find the members of a room')
    expect(found.map(({ id }) => id).sort(), 'ids in the lobby').toEqual([ann.id!, bob.id!].sort())
  },
)

check(
  'redis-cut',
  'lives on when Redis goes in the middle of a word, and joins it again',
  { todo: 5, anchor: 'redis-by-one-line', rule: 'Redis: clients, node-redis' },
  async () => {
    const redis = await redisStage()
    if (redis === undefined) return
    const { a, b, ann, bob, ways, everywhere } = redis
    const atAnn = record(ann, 'said')
    for (const way of ways) way.swallow()
    a.to('lobby').emit('said', 'under way')
    await everywhereAt(a, [ann])
    for (const way of ways) way.cut()
    a.to('lobby').emit('said', 'during')
    await everywhereAt(a, [ann])
    for (const way of ways) way.mend()
    await knowEachOther(a, b, 6000)
    const atBob = record(bob, 'said')
    a.to('lobby').emit('said', 'after')
    await everywhere(a)
    expect(atAnn.flat(), 'what ann hears on A, where it is said').toEqual(['under way', 'during', 'after'])
    expect(atBob.flat().at(-1), 'the last that bob hears on B').toBe('after')
  },
)

check(
  'bus-address',
  'answers a bus address that is none with a sentence',
  { anchor: 'your-turn', rule: 'Node.js: url' },
  async () => {
    for (const address of [
      '',
      '127.0.0.1:7119',
      'relay://',
      'relay://127.0.0.1:0',
      'relay://127.0.0.1:99999',
      'http://127.0.0.1:7119',
    ]) {
      const opened = openBus(address, () => {})
      cleanup(async () => (await opened).close())
      await expect(opened, `${JSON.stringify(address)} refused`).rejects.toThrow(RangeError)
    }
  },
)

check(
  'by-hand',
  'runs by hand: a relay and two servers are three programs, and end when they are told',
  { todo: 1, anchor: 'your-turn', rule: 'Node.js: process', timeout: 90_000 },
  async () => {
    const relay = runFile('19-sio-machines/relay.ts', [0], slow)
    const address = `relay://127.0.0.1:${await relay.port()}`
    const servers = [0, 1].map(() => runFile('19-sio-machines/server.ts', [0, '127.0.0.1', address], slow))
    const [ann, bob] = [await ioClient(await servers[0]!.port()), await ioClient(await servers[1]!.port())]
    await Promise.all([request(ann, 'join', 'lobby'), request(bob, 'join', 'lobby')])
    await until(async () => {
      const [answer] = (await request(ann, 'count', 'lobby')) as [{ value?: { everywhere: number } }]
      return answer.value?.everywhere === 2
    }, 'the two programs to know of each other')
    const heard = nextEvent(bob, 'said')
    await request(ann, 'say', 'lobby', 'hello')
    expect(await heard, 'what bob hears, in another program').toEqual([ann.id, 'lobby', 'hello'])
    for (const program of [...servers, relay]) {
      program.signal('SIGTERM')
      await program.ends()
    }
    const lost = runFile('19-sio-machines/server.ts', [0, '127.0.0.1', 'rely://ann:secret@127.0.0.1:7119'], slow)
    const { code, stderr } = await lost.ends()
    expect([code, stderr.trim().split('\n').length], 'exit code and lines of standard error for rely://').toEqual([
      1, 1,
    ])
    expect(stderr.includes('secret'), 'the password stands in a sentence that others may read').toBe(false)
  },
)

interface Stage {
  /** the namespace `/` of each node; ann is on A, bob and carl are on B */
  a: Namespace
  b: Namespace
  ann: Socket
  bob: Socket
  carl: Socket
  /** settles when all that `node` has said so far has been heard everywhere */
  everywhere(node: Namespace): Promise<void>
}

/** Two nodes on a bus of our own. ann and bob are in the lobby, bob in the kitchen too, carl in no room. */
async function stage(
  options: BusConnectionOptions & { also?: string } = {},
): Promise<Stage & { bus: FrameBus; connections: BusConnection[] }> {
  const bus = await FrameBus.open()
  const { also, ...linkOptions } = options
  const nodes = [node(bus, linkOptions), node(bus, linkOptions)]
  const up = nodes.map(({ connection }) => once(connection, 'up'))
  if (also !== undefined) for (const { io } of nodes) io.of(also)
  await deadline(Promise.all(up), 2000, 'both nodes to connect to the bus')
  await bus.connected(2)
  return {
    ...(await populate(nodes[0]!.io.of('/'), nodes[1]!.io.of('/'))),
    bus,
    connections: nodes.map(({ connection }) => connection),
  }
}

function node(bus: FrameBus, options: BusConnectionOptions = {}): { io: Server; connection: BusConnection } {
  const connection = new BusConnection(bus.port, '127.0.0.1', { tell: () => {}, ...options })
  cleanup(() => connection.close())
  const io = new Server({ adapter: relayAdapter(connection), maxHttpBufferSize: 1e8 })
  cleanup(() => io.close())
  return { io, connection }
}

async function roomServer(bus: FrameBus): Promise<{ io: RoomServer; port: number }> {
  const connection = new BusConnection(bus.port, '127.0.0.1', { tell: () => {} })
  cleanup(() => connection.close())
  const up = once(connection, 'up')
  const io: RoomServer = createRoomServer({ adapter: relayAdapter(connection), close: () => connection.close() })
  const port = await listenIo(io)
  await deadline(up, 2000, 'a node to connect to the bus')
  return { io, port }
}

async function populate(a: Namespace, b: Namespace): Promise<Stage> {
  const [portA, portB] = [await listenIo(a.server), await listenIo(b.server)]
  const namespace = a.name
  const [ann, bob, carl] = [
    await ioClient(portA, { namespace }),
    await ioClient(portB, { namespace }),
    await ioClient(portB, { namespace }),
  ]
  await a.sockets.get(ann.id!)!.join('lobby')
  await b.sockets.get(bob.id!)!.join(['lobby', 'kitchen'])
  return { a, b, ann, bob, carl, everywhere: (node) => everywhereAt(node, [ann, bob, carl]) }
}

/** The bus keeps the order of what one node says, so what it said before has come when this has. */
async function everywhereAt(node: Namespace, clients: Socket[]): Promise<void> {
  const heard = clients.map((client) => nextEvent(client, 'that is all'))
  node.emit('that is all')
  await Promise.all(heard)
}

async function knowEachOther(a: Namespace, b: Namespace, timeout = 2000): Promise<void> {
  for (const [name, node] of Object.entries({ A: a, B: b })) {
    // While Redis is away the count is refused.
    // It rejects while a node that has gone is still counted, so it is asked again.
    const isKnown = async () => (await node.adapter.serverCount().catch(() => 0)) >= 2
    await until(isKnown, `node ${name} to know of the other node`, timeout)
  }
}

/** Looks again and again; the state has no event of its own. */
async function until(isSo: () => Promise<boolean>, what: string, timeout = 2000): Promise<void> {
  let looks = true
  const looking = (async () => {
    while (looks && !(await isSo())) await new Promise((resolve) => setTimeout(resolve, 5))
  })()
  await deadline(looking, timeout, what).finally(() => {
    looks = false
  })
}

/** Two nodes on a Redis, each with a way to it that can be cut; undefined where there is no Redis. */
async function redisStage(): Promise<(Stage & { ways: RedisWay[] }) | undefined> {
  // Where there is no Redis, this much can still be seen: two connections are asked for.
  const { port, arrived } = await silentServer()
  const silent = await openBus(`redis://127.0.0.1:${port}`, () => {})
  cleanup(() => silent.close())
  await arrived(2)
  const address = await redis()
  if (address === undefined) return undefined
  const ways = [await wayTo(address), await wayTo(address)]
  // A namespace of its own, so that others may use the same Redis.
  const name = `/check-${Math.random().toString(36).slice(2)}`
  const [a, b] = (await Promise.all(
    ways.map(async (way) => {
      const bus = await openBus(way.address, () => {})
      cleanup(() => bus.close())
      const io = new Server({ adapter: bus.adapter })
      cleanup(() => io.close())
      return io.of(name)
    }),
  )) as [Namespace, Namespace]
  await knowEachOther(a, b, 6000)
  return { ...(await populate(a, b)), ways }
}

/** A server that accepts, and says nothing. `arrived` waits until so many connections are open. */
async function silentServer() {
  const sockets: TcpSocket[] = []
  const server = createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => {}) // we reset it ourselves
    socket.resume()
    server.emit('arrived')
  })
  const port = await listen(server)
  const arrived = async (count: number) => {
    const reached = (async () => {
      while (sockets.length < count) await once(server, 'arrived')
    })()
    await deadline(reached, 3000, `${count} connections to Redis`)
  }
  return { port, arrived, sockets }
}

async function peers<Names extends string[]>(port: number, ...names: Names) {
  const all = await Promise.all(names.map((name) => tcp(port, { name })))
  return all as { [I in keyof Names]: (typeof all)[number] }
}

/** What a person is told. `more` waits for the next sentence. */
function told() {
  const sentences: string[] = []
  let wake: (sentence: string) => void = () => {}
  return {
    sentences,
    tell(sentence: string): void {
      sentences.push(sentence)
      wake(sentence)
    },
    more: () =>
      new Promise<string>((resolve) => {
        wake = resolve
      }),
  }
}

/** The arguments of each event of this name, from now on. */
function record(client: Socket, name: string): unknown[][] {
  const heard: unknown[][] = []
  client.on(name, (...args: unknown[]) => heard.push(args))
  return heard
}

/** The arguments of the last of so many `said`. */
function nextLast(client: Socket, count: number): Promise<unknown[]> {
  return new Promise((resolve) => {
    let heard = 0
    client.on('said', (...args: unknown[]) => {
      heard += 1
      if (heard === count) resolve(args)
    })
  })
}

/** Bytes of no pattern, the same in each run. */
function noise(length: number): Buffer {
  const bytes = Buffer.alloc(length)
  for (let i = 0, state = 1; i < length; i++) {
    state = (state * 48271) % 0x7fffffff
    bytes[i] = state & 0xff
  }
  return bytes
}
