import { createServer } from 'node:http'
import { createEventServer } from '#lab/15-sio-events/server.ts'
import { check, deadline, expect, runFile } from '../../workbook/grade/checks/check.ts'
import { ioClient, ioDialing, listenIo, nextEvent, request } from '../../workbook/grade/checks/peers/socketio.ts'

check(
  'connect',
  'welcomes each client by name, with an id of its own',
  { anchor: 'a-connection-with-a-name', rule: 'Socket.IO: server, connection' },
  async () => {
    const port = await listenIo(createEventServer())
    const ann = ioDialing(port, { auth: { name: 'ann' } })
    expect(await nextEvent(ann, 'welcome'), 'the first event of the first client').toEqual(['ann', 1])
    const bob = ioDialing(port, { auth: { name: 'bob' } })
    expect(await nextEvent(bob, 'welcome'), 'the first event of the second client').toEqual(['bob', 2])
    const [me] = await request(ann, 'whoami')
    expect(me, 'whoami of ann').toMatchObject({ id: ann.id, name: 'ann', transport: 'websocket' })
    expect(ann.id, 'the id of Socket.IO is not the one of Engine.IO below it').not.toBe(ann.io.engine.id)
    expect(bob.id, 'two clients, two ids').not.toBe(ann.id)
  },
)

check(
  'attach',
  'lives on an HTTP server that has answers of its own',
  { anchor: 'attached-to-a-server', rule: 'Socket.IO: server initialization' },
  async () => {
    const http = createServer((_, response) => response.end('a page'))
    const port = await listenIo(createEventServer(), http)
    await ioClient(port)
    const page = await fetch(`http://127.0.0.1:${port}/`)
    expect(await page.text(), 'GET / beside Socket.IO').toBe('a page')
  },
)

check(
  'refuse',
  'refuses in a middleware: connect_error with its data, and no connect',
  { todo: 1, anchor: 'three-ways-to-refuse', rule: 'Socket.IO: middlewares' },
  async () => {
    const port = await listenIo(createEventServer({ tokens: ['good'] }))
    for (const auth of [{ token: 'bad' }, {}]) {
      const client = ioDialing(port, { auth })
      let connected = false
      client.on('connect', () => {
        connected = true
      })
      const [error] = (await nextEvent(client, 'connect_error')) as [Error & { data?: unknown }]
      expect(connected, `a client with ${JSON.stringify(auth)} saw "connect"`).toBe(false)
      expect(error.data, 'data of the refusal').toEqual({ retry: false })
      expect(client.active, 'the client will try again by itself').toBe(false)
    }
  },
)

check(
  'let-in',
  'lets in who has a token, and everybody when there are none',
  { anchor: 'three-ways-to-refuse', rule: 'Socket.IO: middlewares' },
  async () => {
    await ioClient(await listenIo(createEventServer({ tokens: ['good', 'better'] })), { auth: { token: 'better' } })
    await ioClient(await listenIo(createEventServer()))
  },
)

check(
  'echo',
  'answers with all arguments: several stay several, a list stays one',
  { todo: 2, anchor: 'several-arguments', rule: 'Socket.IO: emitting events, acknowledgements' },
  async () => {
    const client = await ioClient(await listenIo(createEventServer()))
    for (const args of [[1, 'two', { three: [3] }], [[1, 2]], [], [null, '你好']]) {
      expect(
        await request(client, 'echo', ...args),
        `the answer to echo(${JSON.stringify(args).slice(1, -1)})`,
      ).toEqual(args)
    }
    const bytes = Buffer.from([0, 1, 255])
    const [back] = await request(client, 'echo', bytes)
    expect(Buffer.from(back as Uint8Array).equals(bytes), 'the bytes 00 01 ff come back as bytes').toBe(true)
  },
)

check(
  'no-ack',
  'survives an echo to which nobody wants an answer',
  { todo: 2, anchor: 'several-arguments', rule: 'Socket.IO: acknowledgements' },
  async () => {
    const client = await ioClient(await listenIo(createEventServer()))
    client.emit('echo', 'nobody listens')
    client.emit('echo')
    expect(await request(client, 'add', 1, 2), 'the answer to add(1, 2) afterwards').toEqual([{ ok: true, value: 3 }])
  },
)

check(
  'any-arguments',
  'answers with a reason to arguments of the wrong kind',
  { anchor: 'several-arguments', rule: 'Socket.IO: TypeScript' },
  async () => {
    const client = await ioClient(await listenIo(createEventServer()))
    for (const args of [['1', 2], [1], [], [null, {}]]) {
      const [answer] = await request(client, 'add', ...args)
      expect(answer, `the answer to add(${JSON.stringify(args).slice(1, -1)})`).toMatchObject({ ok: false })
    }
    client.emit('whoami', 'no function')
    expect(await request(client, 'add', 20, 22)).toEqual([{ ok: true, value: 42 }])
  },
)

check(
  'lookup',
  'answers when an async handler fails, and lives on',
  { todo: 3, anchor: 'async-handlers', rule: 'Node.js: process, unhandledRejection' },
  async () => {
    const client = await ioClient(await listenIo(createEventServer()))
    const [missing] = await request(client, 'lookup', 'rome')
    expect(missing, 'the answer to lookup("rome")').toMatchObject({ ok: false })
    const [odd] = await request(client, 'lookup', 'constructor')
    expect(odd, 'the answer to lookup("constructor")').toMatchObject({ ok: false })
    client.emit('lookup', 'rome') // nobody waits for this one
    const [found] = await request(client, 'lookup', 'room')
    expect(found, 'the answer to lookup("room") afterwards').toMatchObject({ ok: true })
  },
)

check(
  'ask',
  'asks the client back and passes its answer on',
  { todo: 4, anchor: 'the-server-asks', rule: 'Socket.IO: acknowledgements, with timeout' },
  async () => {
    const client = await ioClient(await listenIo(createEventServer()))
    client.on('question', (text: string, ack: (answer: string) => void) => ack(`${text} 42`))
    expect(await request(client, 'ask me', 'the answer?'), 'the answer to "ask me"').toEqual([
      { ok: true, value: 'the answer? 42' },
    ])
  },
)

check(
  'ask-timeout',
  'does not wait for ever for a client that never answers',
  { anchor: 'the-server-asks', rule: 'Socket.IO: acknowledgements, with timeout' },
  async () => {
    const client = await ioClient(await listenIo(createEventServer({ questionTimeout: 50 })))
    client.on('question', () => {})
    const [answer] = await request(client, 'ask me', 'asleep?')
    expect(answer, 'the answer after 50 ms of silence').toMatchObject({ ok: false })
  },
)

check(
  'left',
  'tells the others who has left, and how',
  { todo: 5, anchor: 'gone', rule: 'Socket.IO: disconnection' },
  async () => {
    const port = await listenIo(createEventServer())
    const ann = await ioClient(port, { auth: { name: 'ann' } })
    const bob = await ioClient(port, { auth: { name: 'bob' } })
    const heard = nextEvent(ann, 'left')
    bob.disconnect()
    expect(await heard, 'what ann hears when bob says goodbye').toEqual(['bob', 'client namespace disconnect'])
    const carl = await ioClient(port, { auth: { name: 'carl' } })
    const cut = nextEvent(ann, 'left')
    carl.io.engine.close()
    expect(await cut, 'what ann hears when carl’s connection is cut').toEqual(['carl', 'transport close'])
  },
)

check(
  'default-client',
  'serves a client with default options: polling first, then WebSocket',
  { anchor: 'a-connection-with-a-name', rule: 'Socket.IO: how it works' },
  async () => {
    const client = await ioClient(await listenIo(createEventServer()), { transports: ['polling', 'websocket'] })
    const upgraded = new Promise((resolve) => client.io.engine.once('upgrade', resolve))
    if (client.io.engine.transport.name !== 'websocket')
      await deadline(upgraded, 3000, 'the upgrade from polling to WebSocket')
    expect(await request(client, 'add', 1, 1)).toEqual([{ ok: true, value: 2 }])
  },
)

check('by-hand', 'runs by hand', { anchor: 'your-turn', rule: 'Node.js: process' }, async () => {
  const server = runFile('15-sio-events/server.ts', ['0'])
  const client = await ioClient(await server.port())
  expect(await request(client, 'add', 2, 2)).toEqual([{ ok: true, value: 4 }])
  server.signal('SIGTERM')
  await server.ends()
})
