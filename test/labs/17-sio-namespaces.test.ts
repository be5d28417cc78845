import { Server, type Socket as ServerSocket } from 'socket.io'
import { eventName, mount, Namespace } from '#lab/17-sio-namespaces/namespace.ts'
import { createNamespaceServer } from '#lab/17-sio-namespaces/server.ts'
import { check, deadline, expect, runFile } from '../../workbook/grade/checks/check.ts'
import { ioClient, ioDialing, listenIo, nextEvent, request } from '../../workbook/grade/checks/peers/socketio.ts'
import { intrude } from '../../workbook/grade/checks/peers/socketio-wire.ts'

check(
  'event-names',
  'makes events of method names',
  { todo: 1, anchor: 'a-class-for-a-namespace', rule: 'Socket.IO: namespaces' },
  () => {
    for (const [method, event] of [
      ['onMyEvent', 'my event'],
      ['onSay', 'say'],
      ['onX', 'x'],
      ['onWhereWasIOnce', 'where was i once'],
      ['onHTTPGet', 'h t t p get'],
      ['onLevel2Up', 'level2 up'],
      ['onGrüßen', 'grüßen'],
      ['once', undefined],
      ['on', undefined],
      ['connected', undefined],
      ['one', undefined],
      ['buttonX', undefined],
      ['OnSay', undefined],
      ['on_say', undefined],
      ['on2Say', undefined],
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
    let looked = 0
    class Base extends Namespace {
      onHello(_name?: unknown): string {
        return 'hello of the base'
      }
      onBye(): string {
        return 'bye of the base'
      }
      onNever = 'no method'
      once(): string {
        return 'not an event'
      }
      get onLine(): () => string {
        looked += 1
        return () => 'no method either'
      }
    }
    class Middle extends Base {
      middle(): string {
        return 'not an event, and the only method of its class'
      }
    }
    class Polite extends Middle {
      #times = 0
      async onThanks(): Promise<string> {
        return `after ${this.#times}`
      }
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
    expect(await request(ann, 'bye'), 'an event of a superclass, two steps up').toEqual(['bye of the base'])
    expect(await request(ann, 'thanks'), 'the second event of the class').toEqual(['after 2'])
    expect(looked === 0 ? 'not called' : 'called', 'a getter that begins with "on", which is no method').toBe(
      'not called',
    )
    const heard: string[] = []
    for (const event of ['ce', 'constructor', 'once', 'connected', 'never', 'line'])
      ann.emit(event, () => heard.push(event))
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
      onOops(): never {
        throw new Error('at once')
      }
      onText(): never {
        throw 'only a text'
      }
      onFalsy(which: unknown): unknown {
        return [0, '', false, null][Number(which)]
      }
      onCount(...all: unknown[]): number {
        this.#counts.push(all.length)
        return all.length
      }
      onCounts(): string {
        return this.#counts.join()
      }
      #counts: number[] = []
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
    expect(await request(client, 'oops'), 'the answer of a handler that throws at once').toEqual([{ error: 'at once' }])
    expect(await request(client, 'text'), 'the answer of a handler that throws a text').toEqual([
      { error: 'only a text' },
    ])
    for (const [i, value] of [0, '', false, null].entries()) {
      expect(
        await request(client, 'falsy', i),
        `the answer of a handler that returns ${JSON.stringify(value)}`,
      ).toEqual([value])
    }
    client.emit('count') // twice without an ack: all arguments are the handler's
    client.emit('count', 'one', 'two')
    await request(client, 'count', 'one', 'two', 'three')
    expect(
      await request(client, 'counts'),
      'numbers of arguments of a handler that was given none, two, and three and an ack',
    ).toEqual(['0,2,3'])
    client.emit('oops')
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
    // An admin who was let in opens the door to nobody else.
    await ioClient(port, { namespace: '/admin', auth: { token: 'secret' } })
    for (const auth of [{}, { token: 'wrong' }]) {
      const refused = ioDialing(port, { namespace: '/admin', auth })
      const [error] = (await nextEvent(refused, 'connect_error')) as [Error & { data?: unknown }]
      expect(error.data, `data of the refusal of ${JSON.stringify(auth)}`).toEqual({ retry: false })
      expect(error.message, `what the guard threw at ${JSON.stringify(auth)}`).toBe('not authorized')
      const packets = await intrude(port, `40/admin,${JSON.stringify(auth)}`, '42/admin,0["count","/chat"]')
      expect(
        packets.map((packet) => packet.slice(0, 2)),
        `packets in /admin for a client with ${JSON.stringify(auth)}: 44 refuses, 40 lets in`,
      ).toEqual(['44'])
    }
    await ioClient(port, { namespace: '/chat', auth: { token: 'wrong' } })
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
    const bob = await ioClient(port, { namespace: '/chat' })
    expect(await request(admin, 'count', '/chat'), 'clients in /chat').toEqual([2])
    const kicked = nextEvent(ann, 'disconnect')
    expect(await request(admin, 'kick', '/chat', ann.id), 'the answer to kick').toEqual([true])
    expect((await kicked)[0], 'what ann hears').toBe('io server disconnect')
    expect(await request(admin, 'kick', '/chat', 'nobody'), 'the answer to kick of somebody who is not there').toEqual([
      false,
    ])
    expect(await request(admin, 'count', '/chat'), 'clients in /chat, without ann').toEqual([1])
    expect(bob.connected ? 'there' : 'gone', 'where bob is, who was not kicked').toBe('there')
    for (const event of ['count', 'kick']) {
      const [answer] = await request(admin, event, '/nowhere', bob.id)
      const error = (answer as { error?: unknown } | null)?.error
      expect(typeof error, `kind of the \`error\` in the answer to ${event}("/nowhere")`).toBe('string')
    }
    const stray = ioDialing(port, { namespace: '/nowhere' })
    const [refusal] = (await nextEvent(stray, 'connect_error')) as [Error]
    expect(refusal.message, 'why nobody gets into /nowhere, of which the admin has asked').toBe('Invalid namespace')
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
    const seen: string[] = []
    class Curious extends Namespace {
      static readonly refused: string = 'eve'
      static override guard({ auth, query }: ServerSocket['handshake']): void {
        // biome-ignore lint/complexity/noThisInStatic: a guard is a method of its class, and an heir has values of its own
        const refused = (this as typeof Curious | undefined)?.refused
        seen.push(`${auth?.name} from ${query?.from}, and no ${refused}`)
        if (auth?.name === refused) throw new Error(`no ${refused}`)
      }
    }
    class Heir extends Curious {
      static override readonly refused = 'ann'
    }
    const io = new Server()
    mount(io, '/', Curious)
    mount(io, '/heir', Heir)
    const port = await listenIo(io)
    for (const [namespace, name, refused] of [
      ['/', 'ann', 'eve'],
      ['/heir', 'eve', 'ann'],
      ['/', 'bob', 'eve'],
    ] as const) {
      await ioClient(port, { namespace, auth: { name }, query: { from: 'here' } })
      const told = `what the guard of ${namespace} was told, and whom its class refuses`
      expect(seen.splice(0).join('; ') || 'nothing', told).toBe(`${name} from here, and no ${refused}`)
    }
    for (const [namespace, name] of [
      ['/', 'eve'],
      ['/heir', 'ann'],
    ] as const) {
      const [error] = (await nextEvent(ioDialing(port, { namespace, auth: { name } }), 'connect_error')) as [Error]
      expect(error.message, `why ${name} does not get into ${namespace}`).toBe(`no ${name}`)
    }
  },
)

check('by-hand', 'runs by hand', { anchor: 'your-turn', rule: 'Node.js: process' }, async () => {
  const server = runFile('17-sio-namespaces/server.ts', ['0'])
  await ioClient(await server.port(), { namespace: '/chat' })
  server.signal('SIGTERM')
  await server.ends()
})
