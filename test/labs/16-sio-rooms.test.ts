import type { Socket } from 'socket.io-client'
import { createRoomServer, type RoomServerOptions } from '#lab/16-sio-rooms/server.ts'
import { check, deadline, expect, runFile } from '../../workbook/grade/checks/check.ts'
import { ioClient, ioDialing, listenIo, nextEvent, request } from '../../workbook/grade/checks/peers/socketio.ts'

check(
  'join',
  'joins and leaves, as often as one likes, and tells the others once',
  { todo: 1, anchor: 'a-room-is-a-name', rule: 'Socket.IO: rooms' },
  async () => {
    const { ann, bob } = await clients('ann', 'bob')
    await request(ann, 'join', 'lobby')
    const heard = record(ann, 'joined')
    const [joined] = await request(bob, 'join', 'lobby')
    expect(joined, 'the answer to join("lobby")').toEqual({ ok: true, value: [bob.id, 'lobby'] })
    await request(bob, 'join', 'lobby')
    const left = nextEvent(ann, 'left')
    expect((await request(bob, 'leave', 'lobby'))[0], 'the answer to leave("lobby")').toEqual({
      ok: true,
      value: [bob.id],
    })
    expect(await left, 'what ann hears when bob leaves').toEqual([bob.id, 'lobby'])
    expect(heard, 'what ann heard of bob, who joined twice').toEqual([['bob', 'lobby']])
  },
)

check(
  'eavesdropper',
  'lets nobody join the private room of another',
  { todo: 1, anchor: 'the-eavesdropper', rule: 'Socket.IO: rooms, default room' },
  async () => {
    const { ann, bob, eve } = await clients('ann', 'bob', 'eve')
    const [answer] = await request(eve, 'join', ann.id)
    expect(answer, 'the answer to join(ann’s id)').toMatchObject({ ok: false })
    const overheard = record(eve, 'whispered')
    const whispered = nextEvent(ann, 'whispered')
    expect((await request(bob, 'whisper', ann.id, 'a secret'))[0], 'the answer to whisper').toMatchObject({ ok: true })
    expect(await whispered, 'what ann hears').toEqual([bob.id, 'a secret'])
    await request(eve, 'shout', 'round trip')
    expect(overheard, 'what eve overheard').toEqual([])
  },
)

check(
  'room-names',
  'knows its rooms: no number, no list, no room of the reader’s own making',
  { todo: 1, anchor: 'the-eavesdropper', rule: 'Socket.IO: rooms' },
  async () => {
    const { ann } = await clients('ann')
    for (const room of [7, ['lobby'], null, 'attic', '', {}]) {
      const [answer] = await request(ann, 'join', room)
      expect(answer, `the answer to join(${JSON.stringify(room)})`).toMatchObject({ ok: false })
    }
    expect((await request(ann, 'join', 'lobby'))[0], 'the rooms of ann').toEqual({ ok: true, value: [ann.id, 'lobby'] })
  },
)

check(
  'own-room',
  'lets nobody lose its own private room',
  { anchor: 'the-private-room', rule: 'Socket.IO: rooms, default room' },
  async () => {
    const { ann } = await clients('ann')
    expect((await request(ann, 'leave', ann.id))[0], 'the rooms after leave(own id)').toEqual({
      ok: true,
      value: [ann.id],
    })
  },
)

check(
  'say',
  'says to the room: members but the sender, and nobody else',
  { todo: 2, anchor: 'who-hears-what', rule: 'Socket.IO: broadcasting events' },
  async () => {
    const { ann, bob, carl } = await clients('ann', 'bob', 'carl')
    await Promise.all([request(ann, 'join', 'kitchen'), request(bob, 'join', 'kitchen')])
    const [atAnn, atBob, atCarl] = [record(ann, 'said'), record(bob, 'said'), record(carl, 'said')]
    await request(ann, 'say', 'kitchen', 'dinner')
    await roundTrips(ann, bob, carl)
    expect(atBob, 'what bob hears, who is in the kitchen').toEqual([['ann', 'kitchen', 'dinner']])
    expect(atAnn, 'what ann hears, who said it').toEqual([])
    expect(atCarl, 'what carl hears, who is elsewhere').toEqual([])
    await request(carl, 'say', 'kitchen', 'from outside')
    await roundTrips(ann, bob, carl)
    expect(atAnn, 'what ann hears of somebody who is not in the room: the sender need not be').toEqual([
      ['carl', 'kitchen', 'from outside'],
    ])
  },
)

check(
  'announce',
  'announces to the room, the sender included, and shouts to everybody',
  { anchor: 'who-hears-what', rule: 'Socket.IO: broadcasting events' },
  async () => {
    const { ann, bob } = await clients('ann', 'bob')
    await request(ann, 'join', 'garden')
    const [atAnn, atBob] = [record(ann, 'said'), record(bob, 'said')]
    await request(ann, 'announce', 'garden', 'rain')
    await request(ann, 'shout', 'all in')
    await roundTrips(ann, bob)
    expect(
      atAnn.map(([, room, text]) => [room, text]),
      'what ann hears',
    ).toEqual([
      ['garden', 'rain'],
      ['', 'all in'],
    ])
    expect(
      atBob.map(([, room, text]) => [room, text]),
      'what bob hears',
    ).toEqual([['', 'all in']])
  },
)

check(
  'several',
  'says once to who is in several rooms',
  { todo: 3, anchor: 'several-rooms', rule: 'Socket.IO: rooms' },
  async () => {
    const { ann, bob, carl } = await clients('ann', 'bob', 'carl')
    await Promise.all([request(bob, 'join', 'kitchen'), request(bob, 'join', 'garden'), request(ann, 'join', 'lobby')])
    const [atBob, atCarl] = [record(bob, 'said'), record(carl, 'said')]
    await request(ann, 'say to all of', ['kitchen', 'garden'], 'fire')
    await roundTrips(bob, carl)
    expect(atBob, 'what bob hears, who is in both').toEqual([['ann', 'kitchen,garden', 'fire']])
    expect(atCarl, 'what carl hears, who is in neither').toEqual([])
  },
)

check(
  'empty-list',
  'an empty list of rooms reaches nobody',
  { todo: 3, anchor: 'several-rooms', rule: 'Socket.IO: issue 4645' },
  async () => {
    const { ann, bob } = await clients('ann', 'bob')
    const atBob = record(bob, 'said')
    for (const rooms of [[], 'lobby', [bob.id], ['lobby', 7], undefined]) {
      const [answer] = await request(ann, 'say to all of', rooms, 'to nobody')
      expect(answer, `the answer to "say to all of" ${JSON.stringify(rooms)}`).toMatchObject({ ok: false })
    }
    await roundTrips(bob)
    expect(atBob, 'what bob heard').toEqual([])
  },
)

check(
  'left',
  'tells each room who has left, when a client goes without a word',
  { todo: 4, anchor: 'disconnecting', rule: 'Socket.IO: disconnecting' },
  async () => {
    const { ann, bob } = await clients('ann', 'bob')
    await Promise.all([request(ann, 'join', 'lobby'), request(ann, 'join', 'garden')])
    await Promise.all([request(bob, 'join', 'lobby'), request(bob, 'join', 'garden')])
    const heard = record(ann, 'left')
    const second = new Promise<void>((resolve) => ann.on('left', () => heard.length === 2 && resolve()))
    bob.io.engine.close()
    await Promise.race([second, nextEvent(ann, 'left').then(() => second)])
    expect(heard, 'what ann hears when bob’s connection is cut').toEqual([
      ['bob', 'lobby'],
      ['bob', 'garden'],
    ])
  },
)

check(
  'poll',
  'collects the answers of a room, and says how many are missing',
  { todo: 5, anchor: 'asking-a-room', rule: 'Socket.IO: broadcasting, with acknowledgement' },
  async () => {
    const { ann, bob, carl } = await clientsOf({ pollTimeout: 200 }, ['ann', 'bob', 'carl'])
    for (const client of [ann, bob, carl]) await request(client, 'join', 'lobby')
    bob.on('question', (text: string, ack: (answer: string) => void) => ack(`${text} yes`))
    carl.on('question', (_: string, ack: (answer: string) => void) => ack('no'))
    const [answer] = (await request(ann, 'poll', 'lobby', 'pizza?')) as [
      { value: { answers: string[]; missing: number } },
    ]
    expect(answer.value.answers.sort(), 'the answers of a room of three, of whom ann is silent').toEqual([
      'no',
      'pizza? yes',
    ])
    expect(answer.value.missing, 'answers that are missing').toBe(1)
  },
)

check(
  'empty-poll',
  'asking an empty room is answered at once, with nothing',
  { todo: 5, anchor: 'asking-a-room', rule: 'Socket.IO: broadcasting, with acknowledgement' },
  async () => {
    const { ann } = await clientsOf({ pollTimeout: 60_000 }, ['ann'])
    expect(await request(ann, 'poll', 'garden', 'anybody?'), 'the answer of an empty room').toEqual([
      { ok: true, value: { answers: [], missing: 0 } },
    ])
  },
)

check(
  'many',
  'keeps sixty clients apart',
  { todo: 2, anchor: 'who-hears-what', rule: 'Socket.IO: rooms' },
  async () => {
    const names = Array.from({ length: 60 }, (_, i) => `c${i}`)
    const all = Object.values(await clients(...names))
    await Promise.all(all.map((client, i) => request(client, 'join', i % 2 ? 'lobby' : 'garden')))
    const heard = all.map((client) => record(client, 'said'))
    await request(all[0]!, 'say', 'garden', 'hi')
    await roundTrips(...all)
    expect(heard.flat().length, 'clients that heard: half of them, but the sender').toBe(29)
    expect(
      heard.flatMap((list, i) => (list.length > 0 && i % 2 ? [i] : [])),
      'clients in the other room that heard',
    ).toEqual([])
  },
)

check(
  'origin',
  'lets no page from elsewhere in, not by WebSocket either',
  { anchor: 'pages-of-other-origins', rule: 'RFC 6455 §10.2' },
  async () => {
    const port = await listenIo(createRoomServer())
    const arrives = (Origin: string, transport: 'websocket' | 'polling') => {
      const client = ioDialing(port, { transports: [transport], extraHeaders: { Origin } })
      const outcome = new Promise<string>((resolve) => {
        client.once('connect', () => resolve('is let in'))
        client.once('connect_error', () => resolve('is refused'))
      })
      return deadline(outcome, 2000, `a page of ${Origin} to be let in or refused`)
    }
    for (const transport of ['websocket', 'polling'] as const) {
      expect(await arrives('http://localhost:5173', transport), `our own page, by ${transport}`).toBe('is let in')
      expect(await arrives('http://evil.example', transport), `a page of evil.example, by ${transport}`).toBe(
        'is refused',
      )
    }
  },
)

check('by-hand', 'runs by hand', { anchor: 'your-turn', rule: 'Node.js: process' }, async () => {
  const server = runFile('16-sio-rooms/server.ts', ['0'])
  const client = await ioClient(await server.port())
  expect(await request(client, 'shout', 'hello')).toEqual([{ ok: true }])
  server.signal('SIGTERM')
  await server.ends()
})

/** Connected clients of one new server, by name. */
function clients<Name extends string>(...names: Name[]): Promise<Record<Name, Socket>> {
  return clientsOf({}, names)
}

async function clientsOf<Name extends string>(
  options: RoomServerOptions,
  names: Name[],
): Promise<Record<Name, Socket>> {
  const port = await listenIo(createRoomServer(options))
  const sockets = await Promise.all(names.map(() => ioClient(port)))
  for (const [i, name] of names.entries()) nameOf.set(sockets[i]!.id!, name)
  return Object.fromEntries(names.map((name, i) => [name, sockets[i]!])) as Record<Name, Socket>
}

/** Ids differ from run to run, so what was heard is told by name. */
const nameOf = new Map<unknown, string>()

/** The arguments of each event of this name, from now on, with names for ids. */
function record(client: Socket, name: string): unknown[][] {
  const heard: unknown[][] = []
  client.on(name, (...args: unknown[]) => heard.push(args.map((arg) => nameOf.get(arg) ?? arg)))
  return heard
}

/** What was sent to these clients before has arrived when the answer to a later request has. */
async function roundTrips(...all: Socket[]): Promise<void> {
  await Promise.all(all.map((client) => request(client, 'leave', 'no such room')))
}
