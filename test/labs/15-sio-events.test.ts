import { createServer } from 'node:http'
import type { Socket } from 'socket.io-client'
import { createEventServer } from '#lab/15-sio-events/server.ts'
import { check, deadline, expect, runFile } from '../../workbook/grade/checks/check.ts'
import { ioClient, ioDialing, listenIo, nextEvent, request } from '../../workbook/grade/checks/peers/socketio.ts'
import { intrude } from '../../workbook/grade/checks/peers/socketio-wire.ts'

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
    const io = createEventServer({ tokens: ['good', 'Better', '1'] })
    const port = await listenIo(io)
    for (const [auth, transport] of [
      [{ token: 'bad' }, 'websocket'],
      [{}, 'polling'],
    ] as const) {
      const client = ioDialing(port, { auth, transports: [transport] })
      let connected = false
      client.on('connect', () => {
        connected = true
      })
      const [error] = (await nextEvent(client, 'connect_error')) as [Error & { data?: unknown }]
      expect(connected, `a client with ${JSON.stringify(auth)} saw "connect"`).toBe(false)
      expect(error.data, 'data of the refusal').toEqual({ retry: false })
      expect(client.active, 'the client will try again by itself').toBe(false)
    }
    const admitted = await ioClient(port, { auth: { token: 'good' } }) // which opens the door to nobody else
    const [closed, open] = [await listenIo(createEventServer({ tokens: [] })), port]
    for (const [door, token] of [
      ...['bad', '', 'goo', 'ood', 'goods', 'GOOD', 'better', ' good', 'good,Better', ['good'], 1, null, true].map(
        (token) => [open, token] as const,
      ),
      [open, { toString: 1 }],
      [closed, 'good'],
      [closed, ''],
      [closed, undefined],
    ] as const) {
      const auth = JSON.stringify({ token })
      const packets = await intrude(door, `40${auth}`, '420["whoami"]')
      expect(
        packets.map((packet) => packet.slice(0, 2)),
        `packets for a client with ${auth} when ${door === open ? 'good, Better and 1 are' : 'nothing is'} let in: 44 refuses, 40 lets in`,
      ).toEqual(['44'])
    }
    expect(io.of('/').sockets.size, 'clients inside the server, when one of all was let in').toBe(1)
    expect((await request(admitted, 'add', 1, 2))[0], 'the answer to the one').toEqual({ ok: true, value: 3 })
  },
)

check(
  'let-in',
  'lets in who has a token, and everybody when there are none',
  { anchor: 'three-ways-to-refuse', rule: 'Socket.IO: middlewares' },
  async () => {
    const port = await listenIo(createEventServer({ tokens: ['good', 'better', 'best'] }))
    for (const token of ['better', 'best', 'good', 'better']) {
      const client = ioDialing(port, { auth: { token, name: token } })
      expect((await nextEvent(client, 'welcome'))[0], `the name in the welcome of a client with ${token}`).toBe(token)
    }
    const open = await listenIo(createEventServer())
    await ioClient(open)
    await ioClient(open, { auth: { token: 'any' } })
  },
)

check(
  'echo',
  'answers with all arguments: several stay several, a list stays one',
  { todo: 2, anchor: 'several-arguments', rule: 'Socket.IO: emitting events, acknowledgements' },
  async () => {
    const client = await ioClient(await listenIo(createEventServer()))
    for (const args of [[1, 'two', { three: [3] }], [[1, [2]]], [], [null, '你好'], [0, '', false, null, [], {}]]) {
      expect(
        await request(client, 'echo', ...args),
        `the answer to echo(${JSON.stringify(args).slice(1, -1)})`,
      ).toEqual(args)
    }
    const bytes = Buffer.from([0, 1, 255])
    const [back] = await request(client, 'echo', bytes)
    expect(back, 'the answer to echo of the bytes 00 01 ff').toBeInstanceOf(Uint8Array)
    expect(back).toBeBytes(bytes, { action: 'echo of the bytes 00 01 ff' })
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
    for (const last of [{ call: 1 }, ['list'], 7, true, null]) client.emit('echo', last)
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
    for (const word of [{ toString: 1 }, null]) {
      const [answer] = await request(client, 'lookup', word)
      expect(answer, `the answer to lookup(${JSON.stringify(word)})`).toMatchObject({ ok: false })
    }
    client.emit('whoami', 'no function')
    client.emit('lookup', { toString: 1 })
    expect(await request(client, 'add', 20, 22), 'the answer to add(20, 22)').toEqual([{ ok: true, value: 42 }])
  },
)

check(
  'lookup',
  'answers when an async handler fails, and lives on',
  { todo: 3, anchor: 'async-handlers', rule: 'Node.js: process, unhandledRejection' },
  async () => {
    const client = await ioClient(await listenIo(createEventServer()))
    for (const word of ['rome', 'constructor']) {
      const [missing] = (await request(client, 'lookup', word)) as [{ reason?: unknown } | undefined]
      expect(missing, `the answer to lookup("${word}")`).toMatchObject({ ok: false })
      expect(String(missing?.reason), `the reason why there is no "${word}", as \`define\` gave it`).toContain(word)
    }
    client.emit('lookup', 'rome') // nobody waits for this one
    const found = await Promise.all(['room', 'socket'].map((word) => request(client, 'lookup', word)))
    const meanings = found.map(([answer]) => (answer as { value?: unknown } | undefined)?.value)
    expect(found[0]![0], 'the answer to lookup("room") afterwards').toMatchObject({ ok: true })
    expect(
      meanings.map((meaning) => typeof meaning),
      'kinds of the values of lookup("room") and lookup("socket")',
    ).toEqual(['string', 'string'])
    expect(meanings[0], 'the value of lookup("room") beside the one of lookup("socket")').not.toBe(meanings[1])
  },
)

check(
  'ask',
  'asks the client back and passes its answer on',
  { todo: 4, anchor: 'the-server-asks', rule: 'Socket.IO: acknowledgements, with timeout' },
  async () => {
    const port = await listenIo(createEventServer({ questionTimeout: 600_000 }))
    const [ann, bob] = [await ioClient(port), await ioClient(port)]
    const asked: string[] = []
    for (const [name, client] of Object.entries({ ann, bob })) {
      client.on('question', (text: string, ack: (answer: string) => void) => {
        asked.push(`${name}: ${text}`)
        ack(text === 'nothing?' ? '' : `${text} 42, says ${name}`)
      })
    }
    ann.emit('ask me', 'who wants no answer?')
    const before = timers()
    const questions = ['the answer?', 'nothing?', 'a third?', 'a fourth?', 'a fifth?']
    for (const question of questions) {
      const value = question === 'nothing?' ? '' : `${question} 42, says ann`
      expect(await request(ann, 'ask me', question), `the answer to "ask me" of ann, ${question}`).toEqual([
        { ok: true, value },
      ])
    }
    const left = timers() - before
    const two = await Promise.all([ann, bob].map((client) => request(client, 'ask me', 'both?')))
    expect(
      two.map(([answer]) => (answer as { value?: unknown } | undefined)?.value).join(', '),
      'the values for ann and bob, who ask at once',
    ).toBe('both? 42, says ann, both? 42, says bob')
    expect(asked.sort(), 'who was asked what').toEqual(
      ['who wants no answer?', ...questions, 'both?']
        .map((text) => `ann: ${text}`)
        .concat('bob: both?')
        .sort(),
    )
    expect(left < questions.length ? 'none' : 'one for each question', 'timers that still run after the answers').toBe(
      'none',
    )
  },
)

check(
  'ask-timeout',
  'does not wait for ever for a client that never answers',
  { todo: 4, anchor: 'the-server-asks', rule: 'Socket.IO: acknowledgements, with timeout' },
  async () => {
    const patient = await ioClient(await listenIo(createEventServer({ questionTimeout: 60_000 })))
    const hasty = await ioClient(await listenIo(createEventServer({ questionTimeout: 50 })))
    const slowAck = new Promise<(answer: string) => void>((resolve) => {
      patient.on('question', (_: string, ack: (answer: string) => void) => resolve(ack))
    })
    const slow = patientRequest(patient)
    const lateAck = await deadline(slowAck, 2000, 'the event "question" at a client')
    const began = performance.now()
    const hastyAck: ((answer: string) => void)[] = []
    hasty.on('question', (_: string, ack: (answer: string) => void) => hastyAck.push(ack))
    hasty.emit('ask me', 'who wants no answer?')
    const [answer] = await request(hasty, 'ask me', 'asleep?')
    const waitedMs = performance.now() - began
    expect(answer, 'the answer after 50 ms of silence').toMatchObject({ ok: false })
    expect(
      waitedMs < 45 ? 'before its time was over' : 'afterwards',
      'when the reason came to a client that has 50 ms',
    ).toBe('afterwards')
    lateAck('at last')
    expect(
      await deadline(slow, 2000, `the answer to "ask me"`),
      'the answer of a client that has a minute, and needs more than 50 ms',
    ).toEqual([{ ok: true, value: 'at last' }])
    for (const ack of hastyAck) ack('too late')
    hasty.off('question')
    hasty.on('question', (_: string, ack: (answer: string) => void) => ack('awake'))
    // A busy machine may be late by 50 ms itself, and not ten times.
    let next: unknown
    for (let tries = 0; tries < 10 && (next as { ok?: unknown } | undefined)?.ok !== true; tries++) {
      ;[next] = await request(hasty, 'ask me', 'awake?')
    }
    expect(next, 'the answer to the next question, which is answered').toEqual({ ok: true, value: 'awake' })
  },
)

check(
  'left',
  'tells the others who has left, and how',
  { todo: 5, anchor: 'gone', rule: 'Socket.IO: disconnection' },
  async () => {
    const port = await listenIo(createEventServer())
    const ann = await ioClient(port, { auth: { name: 'ann' } })
    const dora = await ioClient(port, { auth: { name: 'dora' } })
    const heard = { ann: record(ann, 'left'), dora: record(dora, 'left') }
    const bob = await ioClient(port, { auth: { name: 'bob' } })
    const goodbye = nextEvent(ann, 'left')
    bob.disconnect()
    expect(await goodbye, 'what ann hears when bob says goodbye').toEqual(['bob', 'client namespace disconnect'])
    const carl = await ioClient(port, { auth: { name: 'carl' } })
    const cut = nextEvent(ann, 'left')
    carl.io.engine.close()
    expect(await cut, 'what ann hears when carl’s connection is cut').toEqual(['carl', 'transport close'])
    const namesake = await ioClient(port, { auth: { name: 'bob' } })
    const again = nextEvent(ann, 'left')
    namesake.disconnect()
    await again
    await Promise.all([request(ann, 'add', 1, 1), request(dora, 'add', 1, 1)])
    const names = (list: unknown[][]) => list.map(([name]) => name).join(', ')
    expect(names(heard.ann), 'all of whom ann has heard that they left').toBe('bob, carl, bob')
    expect(names(heard.dora), 'all of whom dora has heard that they left').toBe('bob, carl, bob')
    expect(heard.dora[1], 'what dora heard of carl').toEqual(['carl', 'transport close'])
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
    expect(await request(client, 'add', 1, 1), 'the answer to add(1, 1)').toEqual([{ ok: true, value: 2 }])
  },
)

check('by-hand', 'runs by hand', { anchor: 'your-turn', rule: 'Node.js: process' }, async () => {
  const server = runFile('15-sio-events/server.ts', ['0'])
  const client = await ioClient(await server.port())
  expect(await request(client, 'add', 2, 2), 'the answer to add(2, 2)').toEqual([{ ok: true, value: 4 }])
  server.signal('SIGTERM')
  await server.ends()
})

/** The arguments of each event of this name, from now on. */
function record(client: Socket, name: string): unknown[][] {
  const heard: unknown[][] = []
  client.on(name, (...args: unknown[]) => heard.push(args))
  return heard
}

/** Asks a server whose client is slow: what is waited for in the meantime has a deadline of its own. */
function patientRequest(client: Socket): Promise<unknown[]> {
  return new Promise((resolve) => {
    client.emit('ask me', 'are you slow?', (...values: unknown[]) => resolve(values))
  })
}

/** Timers that run in this process just now. */
function timers(): number {
  return process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length
}
