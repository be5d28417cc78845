import { Server, type Socket as ServerSocket } from 'socket.io'
import { eventName, mount, Namespace } from '#lab/17-sio-namespaces/namespace.ts'
import { createNamespaceServer } from '#lab/17-sio-namespaces/server.ts'
import { check, deadline, expect, runFile } from '../../workbook/grade/checks/check.ts'
import { ioClient, ioDialing, listenIo, nextEvent, request } from '../../workbook/grade/checks/peers/socketio.ts'

check(
  'event-names',
  'makes events of method names',
  { todo: 1, anchor: 'a-class-for-a-namespace', rule: 'Socket.IO: namespaces' },
  () => {
    for (const [method, event] of [
      ['onMyEvent', 'my event'],
      ['onSay', 'say'],
      ['onX', 'x'],
      ['once', undefined],
      ['on', undefined],
      ['connected', undefined],
      ['one', undefined],
    ] as const) {
      expect(eventName(method), `the event of ${method}`).toBe(event)
    }
  },
)

check(
  'default',
  'a client that names no namespace is in "/"',
  { todo: [1, 3, 4], anchor: 'the-default-namespace', rule: 'Socket.IO: namespaces, main namespace' },
  async () => {
    const client = await ioClient(await listenIo(createNamespaceServer()))
    expect(await request(client, 'where am i'), 'the answer to "where am i"').toEqual(['/'])
  },
)

check(
  'one-connection',
  'two namespaces, two ids, one connection',
  { anchor: 'one-connection', rule: 'Socket.IO protocol: namespaces' },
  async () => {
    const port = await listenIo(createNamespaceServer())
    const lobby = await ioClient(port)
    const chat = lobby.io.socket('/chat')
    const connected = new Promise<void>((resolve) => chat.once('connect', () => resolve()))
    chat.connect()
    await deadline(connected, 2000, 'the connection to /chat')
    expect(chat.id, 'the id in /chat is not the one in /').not.toBe(lobby.id)
    expect(chat.io.engine.id, 'the connection below is the same').toBe(lobby.io.engine.id)
  },
)

check(
  'methods',
  'hears the events of a class and of its superclass, and no others',
  { todo: [1, 3, 4], anchor: 'a-class-for-a-namespace', rule: 'Socket.IO: namespaces' },
  async () => {
    class Base extends Namespace {
      onHello(_name?: unknown): string {
        return 'hello of the base'
      }
      onBye(): string {
        return 'bye of the base'
      }
      once(): string {
        return 'not an event'
      }
    }
    class Polite extends Base {
      #times = 0
      override onHello(name: unknown): string {
        this.#times += 1
        return `hello ${name}, ${this.#times}`
      }
    }
    const io = new Server()
    mount(io, '/polite', Polite)
    const port = await listenIo(io)
    const [ann, bob] = [await ioClient(port, { namespace: '/polite' }), await ioClient(port, { namespace: '/polite' })]
    expect(await request(ann, 'hello', 'ann'), 'the first hello of ann').toEqual(['hello ann, 1'])
    expect(await request(ann, 'hello', 'ann'), 'the second hello of ann').toEqual(['hello ann, 2'])
    expect(
      await request(bob, 'hello', 'bob'),
      'the first hello of bob: each client has an instance of its own',
    ).toEqual(['hello bob, 1'])
    expect(await request(ann, 'bye'), 'an event of the superclass').toEqual(['bye of the base'])
    const heard: string[] = []
    for (const event of ['ce', 'constructor', 'once', 'connected']) ann.emit(event, () => heard.push(event))
    await request(ann, 'bye')
    expect(heard, 'answers to events that are no onXxx').toEqual([])
  },
)

check(
  'answers',
  'acknowledges values, promises and errors',
  { todo: [3, 4], anchor: 'answers', rule: 'Socket.IO: acknowledgements' },
  async () => {
    class Answers extends Namespace {
      onValue(a: unknown, b: unknown): unknown {
        return [a, b]
      }
      async onPromise(): Promise<string> {
        return 'later'
      }
      async onTrouble(): Promise<never> {
        throw new Error('no such thing')
      }
      onNothing(): void {}
    }
    const io = new Server()
    mount(io, '/answers', Answers)
    const client = await ioClient(await listenIo(io), { namespace: '/answers' })
    expect(await request(client, 'value', 1, 'two'), 'the answer of a handler that returns its arguments').toEqual([
      [1, 'two'],
    ])
    expect(await request(client, 'promise'), 'the answer of an async handler').toEqual(['later'])
    expect(await request(client, 'trouble'), 'the answer of a handler that throws').toEqual([
      { error: 'no such thing' },
    ])
    client.emit('trouble') // without an ack there is nobody to tell
    client.emit('nothing')
    expect(
      (await request(client, 'nothing')).length,
      'values in the answer of a handler that returns nothing',
    ).toBeLessThanOrEqual(1)
  },
)

check(
  'guard',
  'guards /admin, where a middleware of "/" would not',
  { todo: 2, anchor: 'guarding-one-of-them', rule: 'Socket.IO: middlewares' },
  async () => {
    const port = await listenIo(createNamespaceServer({ adminToken: 'secret' }))
    for (const auth of [{}, { token: 'wrong' }]) {
      const refused = ioDialing(port, { namespace: '/admin', auth })
      const [error] = (await nextEvent(refused, 'connect_error')) as [Error & { data?: unknown }]
      expect(error.data, `data of the refusal of ${JSON.stringify(auth)}`).toEqual({ retry: false })
    }
  },
)

check(
  'admin',
  'lets the admin in, who counts and ends conversations elsewhere',
  { todo: [3, 4], anchor: 'guarding-one-of-them', rule: 'Socket.IO: namespaces' },
  async () => {
    const port = await listenIo(createNamespaceServer({ adminToken: 'secret' }))
    const admin = await ioClient(port, { namespace: '/admin', auth: { token: 'secret' } })
    const ann = await ioClient(port, { namespace: '/chat' })
    expect(await request(admin, 'count', '/chat'), 'clients in /chat').toEqual([1])
    const kicked = nextEvent(ann, 'disconnect')
    expect(await request(admin, 'kick', '/chat', ann.id), 'the answer to kick').toEqual([true])
    expect((await kicked)[0], 'what ann hears').toBe('io server disconnect')
    expect(await request(admin, 'kick', '/chat', 'nobody'), 'the answer to kick of somebody who is not there').toEqual([
      false,
    ])
  },
)

check(
  'apart',
  'keeps rooms and events of two namespaces apart',
  { todo: [1, 3], anchor: 'one-connection', rule: 'Socket.IO: namespaces' },
  async () => {
    class Other extends Namespace {
      async onJoin(room: unknown): Promise<void> {
        await this.socket.join(`chat:${room}`)
      }
    }
    const io = createNamespaceServer()
    mount(io, '/other', Other)
    const port = await listenIo(io)
    const [ann, bob, eve] = [
      await ioClient(port, { namespace: '/chat' }),
      await ioClient(port, { namespace: '/chat' }),
      await ioClient(port, { namespace: '/other' }),
    ]
    await request(bob, 'join', 'garden')
    await request(eve, 'join', 'garden')
    await request(ann, 'set name', 'ann')
    const overheard: unknown[] = []
    eve.on('said', (...args: unknown[]) => overheard.push(args))
    const heard = nextEvent(bob, 'said')
    ann.emit('say to room', 'garden', 'hi')
    expect(await heard, 'what bob hears in /chat').toEqual(['ann', 'hi'])
    await request(eve, 'join', 'kitchen')
    expect(overheard, 'what eve hears, in a room of the same name in /other').toEqual([])
  },
)

check(
  'left',
  'tells a class that its client has gone',
  { anchor: 'a-class-for-a-namespace', rule: 'Socket.IO: disconnection' },
  async () => {
    const port = await listenIo(createNamespaceServer())
    const [ann, bob] = [await ioClient(port, { namespace: '/chat' }), await ioClient(port, { namespace: '/chat' })]
    const left = nextEvent(ann, 'left')
    bob.disconnect()
    expect(await left, 'what ann hears when bob leaves').toEqual(['somebody', 'client namespace disconnect'])
  },
)

check(
  'unknown',
  'refuses a namespace that does not exist',
  { anchor: 'one-connection', rule: 'Socket.IO protocol: connection to a namespace' },
  async () => {
    const client = ioDialing(await listenIo(createNamespaceServer()), { namespace: '/nowhere' })
    const [error] = (await nextEvent(client, 'connect_error')) as [Error]
    expect(error.message, 'the reason').toBe('Invalid namespace')
  },
)

check(
  'handshake',
  'gives the guard the handshake of its own namespace',
  { todo: 2, anchor: 'guarding-one-of-them', rule: 'Socket.IO: middlewares' },
  async () => {
    const seen: unknown[] = []
    class Curious extends Namespace {
      static override guard({ auth }: ServerSocket['handshake']): void {
        seen.push(auth)
      }
    }
    const io = new Server()
    mount(io, '/curious', Curious)
    await ioClient(await listenIo(io), { namespace: '/curious', auth: { name: 'ann' } })
    expect(seen, 'what the guard has seen').toEqual([{ name: 'ann' }])
  },
)

check('by-hand', 'runs by hand', { anchor: 'your-turn', rule: 'Node.js: process' }, async () => {
  const server = runFile('17-sio-namespaces/server.ts', ['0'])
  await ioClient(await server.port(), { namespace: '/chat' })
  server.signal('SIGTERM')
  await server.ends()
})
