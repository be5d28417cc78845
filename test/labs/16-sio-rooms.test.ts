import type { Socket } from 'socket.io-client'
import { createRoomServer, type RoomServerOptions } from '#lab/16-sio-rooms/server.ts'
import { check, deadline, expect, runFile } from '../../workbook/grade/checks/check.ts'
import { ioClient, ioDialing, listenIo, nextEvent, request } from '../../workbook/grade/checks/peers/socketio.ts'
import { queuedTime } from '../../workbook/grade/checks/queued-time.ts'

check(
  'join',
  'joins and leaves, as often as one likes, and tells the others once',
  { todo: 1, anchor: 'a-room-is-a-name', rule: 'Socket.IO: rooms' },
  async () => {
    const { ann, bob, carl, dora } = await clients('ann', 'bob', 'carl', 'dora')
    for (const client of [ann, carl]) await request(client, 'join', 'lobby')
    await request(bob, 'join', 'kitchen')
    const [atAnn, atBob, atDora] = [record(ann, 'joined'), record(bob, 'joined'), record(dora, 'joined')]
    const atCarl = record(carl, 'joined')
    expect(await rooms(bob, 'join', 'lobby'), 'rooms of bob after join("lobby")').toEqual(['bob', 'kitchen', 'lobby'])
    expect(await rooms(bob, 'join', 'lobby'), 'rooms of bob after the second').toEqual(['bob', 'kitchen', 'lobby'])
    const left = nextEvent(ann, 'left')
    expect(await rooms(bob, 'leave', 'lobby'), 'rooms of bob after leave("lobby")').toEqual(['bob', 'kitchen'])
    expect(await left, 'what ann hears when bob leaves').toEqual([bob.id, 'lobby'])
    await roundTrips(ann, carl, dora)
    expect(atAnn, 'what ann heard of bob, who joined twice').toEqual([['bob', 'lobby']])
    expect(atCarl, 'what carl heard, who is in the room as well').toEqual([['bob', 'lobby']])
    await request(bob, 'join', 'lobby')
    await request(bob, 'join', 'garden')
    await request(dora, 'join', 'lobby')
    await roundTrips(ann, bob, dora)
    expect(told(atAnn.slice(1)), 'what ann heard when bob was back, and dora came').toBe('bob lobby, dora lobby')
    expect(told(atBob), 'what bob heard of all that').toBe('dora lobby')
    expect(atDora, 'what dora heard, who was elsewhere, of her own joining too').toEqual([])
    expect(await rooms(bob, 'join', 'garden'), 'rooms of bob, who is in three').toEqual([
      'bob',
      'garden',
      'kitchen',
      'lobby',
    ])
  },
)

check(
  'eavesdropper',
  'lets nobody join the private room of another',
  { todo: 1, anchor: 'the-eavesdropper', rule: 'Socket.IO: rooms, default room' },
  async () => {
    const { ann, bob, eve } = await clients('ann', 'bob', 'eve')
    const joined = record(ann, 'joined')
    const [answer] = await request(eve, 'join', ann.id)
    expect(answer, 'the answer to join(ann’s id)').toMatchObject({ ok: false })
    const overheard = record(eve, 'whispered')
    const whispered = nextEvent(ann, 'whispered')
    expect((await request(bob, 'whisper', ann.id, 'a secret'))[0], 'the answer to whisper').toMatchObject({ ok: true })
    expect(await whispered, 'what ann hears').toEqual([bob.id, 'a secret'])
    await request(eve, 'shout', 'round trip')
    expect(overheard, 'what eve overheard').toEqual([])
    await roundTrips(ann)
    expect(joined, 'what ann was told of eve, who was refused').toEqual([])
  },
)

check(
  'room-names',
  'knows its rooms: no number, no list, no room of the reader’s own making',
  { todo: 1, anchor: 'the-eavesdropper', rule: 'Socket.IO: rooms' },
  async () => {
    const { ann } = await clients('ann')
    const names = [7, ['lobby'], null, 'attic', '', {}, 'lob', 'lobby2', 'Lobby', 'lobby,kitchen']
    for (const room of names) {
      const [answer] = await request(ann, 'join', room)
      expect(answer, `the answer to join(${JSON.stringify(room)})`).toMatchObject({ ok: false })
    }
    expect(await rooms(ann, 'join', 'lobby'), 'the rooms of ann').toEqual(['ann', 'lobby'])
    const { bob, carl } = await clientsOf({ rooms: ['attic', 'lobby'] }, ['bob', 'carl'])
    const [answer] = await request(bob, 'join', 'kitchen')
    expect(answer, 'the answer to join("kitchen"), when the rooms are attic and lobby').toMatchObject({ ok: false })
    await request(carl, 'join', 'attic')
    expect(await rooms(bob, 'join', 'attic'), 'the rooms of bob, when there is an attic').toEqual(['bob', 'attic'])
  },
)

check(
  'own-room',
  'lets nobody lose its own private room',
  { anchor: 'the-private-room', rule: 'Socket.IO: rooms, default room' },
  async () => {
    const { ann } = await clients('ann')
    expect(await rooms(ann, 'leave', ann.id!), 'the rooms of ann after leave(own id)').toEqual(['ann'])
  },
)

check(
  'say',
  'says to the room: members but the sender, and nobody else',
  { todo: 2, anchor: 'who-hears-what', rule: 'Socket.IO: broadcasting events' },
  async () => {
    const { ann, bob, carl, dora } = await clients('ann', 'bob', 'carl', 'dora')
    await Promise.all([ann, bob, dora].map((client) => request(client, 'join', 'kitchen')))
    await request(carl, 'join', 'lobby')
    const [atAnn, atBob, atCarl] = [record(ann, 'said'), record(bob, 'said'), record(carl, 'said')]
    const atDora = record(dora, 'said')
    await request(ann, 'say', 'kitchen', 'dinner')
    await roundTrips(ann, bob, carl, dora)
    expect(atBob, 'what bob hears, who is in the kitchen').toEqual([['ann', 'kitchen', 'dinner']])
    expect(atDora, 'what dora hears, who is there as well').toEqual([['ann', 'kitchen', 'dinner']])
    expect(atAnn, 'what ann hears, who said it').toEqual([])
    expect(atCarl, 'what carl hears, who is elsewhere').toEqual([])
    await request(carl, 'say', 'kitchen', 'from outside')
    await roundTrips(ann, bob, carl)
    expect(atAnn, 'what ann hears of somebody who is not in the room: the sender need not be').toEqual([
      ['carl', 'kitchen', 'from outside'],
    ])
    for (const text of ['', 7]) {
      await request(bob, 'say', 'kitchen', text)
      await roundTrips(ann)
      expect(atAnn.at(-1), `what ann hears of say("kitchen", ${JSON.stringify(text)})`).toEqual([
        'bob',
        'kitchen',
        String(text),
      ])
    }
    await request(bob, 'say', 'lobby', 'hi')
    await roundTrips(carl)
    expect(atCarl, 'what carl hears in the lobby').toEqual([['bob', 'lobby', 'hi']])
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
    const { ann, bob, carl, dora } = await clients('ann', 'bob', 'carl', 'dora')
    for (const room of ['kitchen', 'garden']) await request(bob, 'join', room)
    await Promise.all([request(ann, 'join', 'garden'), request(dora, 'join', 'lobby')])
    const heard = [ann, bob, carl, dora].map((client) => record(client, 'said'))
    const [atAnn, atBob, atCarl, atDora] = heard as [unknown[][], unknown[][], unknown[][], unknown[][]]
    const say = async (list: string[], text: string) => {
      for (const said of heard) said.length = 0
      await request(ann, 'say to all of', list, text)
      await roundTrips(ann, bob, carl, dora)
    }
    await say(['kitchen', 'garden'], 'fire')
    expect(told(atBob), 'what bob hears, who is in both').toBe('ann kitchen,garden fire')
    expect(told(atCarl), 'what carl hears, who is in neither').toBe('nothing')
    expect(told(atAnn), 'what ann hears, who said it and is in the garden').toBe('ann kitchen,garden fire')
    expect(told(atDora), 'what dora hears, who is in the lobby').toBe('nothing')
    await say(['kitchen', 'garden', 'lobby'], 'out')
    expect(told(atDora), 'what dora hears, who is in the third of three').toBe('ann kitchen,garden,lobby out')
    expect(told(atBob), 'what bob hears, who is in the other two').toBe('ann kitchen,garden,lobby out')
    await say(['lobby'], 'in')
    expect(told(atDora), 'what dora hears, who is in the only one').toBe('ann lobby in')
    expect(told(atBob), 'what bob hears, who is in others').toBe('nothing')
  },
)

check(
  'empty-list',
  'an empty list of rooms reaches nobody',
  { todo: 3, anchor: 'several-rooms', rule: 'Socket.IO: issue 4645' },
  async () => {
    const { ann, bob } = await clients('ann', 'bob')
    await request(bob, 'join', 'lobby')
    const atBob = record(bob, 'said')
    for (const list of [
      [],
      'lobby',
      [bob.id],
      ['lobby', 7],
      ['lobby', bob.id],
      ['attic', 'lobby'],
      [['lobby']],
      undefined,
    ]) {
      const [answer] = await request(ann, 'say to all of', list, 'to nobody')
      expect(
        answer,
        `the answer to "say to all of" ${JSON.stringify(list)?.replace(bob.id!, 'bob’s id')}`,
      ).toMatchObject({ ok: false })
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
    const { ann, bob, carl, eve } = await clients('ann', 'bob', 'carl', 'eve')
    for (const room of ['lobby', 'garden', 'kitchen'])
      await Promise.all([ann, bob].map((one) => request(one, 'join', room)))
    await request(bob, 'leave', 'kitchen')
    await request(carl, 'join', 'kitchen')
    await roundTrips(ann)
    const [heard, atEve] = [record(ann, 'left'), record(eve, 'left')]
    const atCarl = record(carl, 'left')
    const second = new Promise<void>((resolve) => ann.on('left', () => heard.length === 2 && resolve()))
    bob.io.engine.close()
    await Promise.race([second, nextEvent(ann, 'left').then(() => deadline(second, 2000, 'a second "left" at ann'))])
    await roundTrips(ann, carl)
    expect(told(heard.sort()), 'what ann hears when bob’s connection is cut, who was in two rooms').toBe(
      'bob garden, bob lobby',
    )
    expect(told(atCarl), 'what carl hears, who is where bob was before').toBe('nothing')
    const goodbye = nextEvent(ann, 'left')
    carl.disconnect()
    const [who, where] = await goodbye
    expect([nameOf.get(who) ?? who, where], 'what ann hears when carl says goodbye').toEqual(['carl', 'kitchen'])
    await roundTrips(ann, eve)
    expect(heard.length, 'times that ann hears that somebody has left a room').toBe(3)
    expect(told(atEve), 'what eve hears, who is in none of the rooms').toBe('nothing')
  },
)

check(
  'poll',
  'collects the answers of a room, and says how many are missing',
  { todo: 5, anchor: 'asking-a-room', rule: 'Socket.IO: broadcasting, with acknowledgement' },
  async () => {
    // A poll that has a minute, and whose last answer comes when the short one is over.
    const slow = await clientsOf({ pollTimeout: 60_000 }, ['first', 'last'])
    for (const client of [slow.first, slow.last]) await request(client, 'join', 'garden')
    slow.first.on('question', (_: string, ack: (answer: unknown) => void) => ack(false))
    const lastAsked = new Promise<(answer: unknown) => void>((resolve) => {
      slow.last.on('question', (_: string, ack: (answer: unknown) => void) => resolve(ack))
    })
    const slowAnswer = new Promise<unknown>((resolve) => slow.first.emit('poll', 'garden', 'when?', resolve))
    const answerLast = await deadline(lastAsked, 2000, 'the event "question" at a client')

    const [began, queuedBefore] = [performance.now(), queuedTime()]
    let { answers, missing } = await pollOfFive(200)
    const isBusy = performance.now() - began > 400 || queuedTime() - queuedBefore > 20
    // A busy machine may make answers late; then they get a longer time.
    if (answers.length !== 3 && isBusy) ({ answers, missing } = await pollOfFive(1500))
    expect(answers.map(String).sort(), 'the answers of a room of five, of whom two say nothing').toEqual([
      '',
      '',
      'pizza? yes',
    ])
    expect(missing, 'answers that are missing: of ann, who is silent, and of fred, who went').toBe(2)

    answerLast('at last')
    const late = pollResult(await deadline(slowAnswer, 2000, 'the answer to "poll", when all have answered'))
    expect(late.answers, 'the answers of a room that has a minute').toEqual([false, 'at last'])
    expect(late.missing, 'answers that are missing when both came').toBe(0)
  },
)

check(
  'empty-poll',
  'asking an empty room is answered at once, with nothing',
  { todo: 5, anchor: 'asking-a-room', rule: 'Socket.IO: broadcasting, with acknowledgement' },
  async () => {
    const { ann } = await clientsOf({ pollTimeout: 60_000 }, ['ann'])
    const { answers, missing } = pollResult((await request(ann, 'poll', 'garden', 'anybody?'))[0])
    expect(answers, 'the answers of an empty room').toEqual([])
    expect(missing, 'answers that are missing of an empty room').toBe(0)
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
    const arrives = (Origin: string, transport: 'websocket' | 'polling', at = port) => {
      const client = ioDialing(at, { transports: [transport], extraHeaders: { Origin } })
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
    const named = await listenIo(createRoomServer({ origins: ['https://page.example', 'http://page.example:8080'] }))
    const nobody = await listenIo(createRoomServer({ origins: [] }))
    for (const [at, origin, outcome] of [
      [named, 'https://page.example', 'is let in'],
      [named, 'http://page.example:8080', 'is let in'],
      [named, 'http://page.example', 'is refused'],
      [named, 'https://page.example.evil.test', 'is refused'],
      [named, 'https://page.exampl', 'is refused'],
      [named, 'http://localhost:5173', 'is refused'],
      [nobody, 'http://localhost:5173', 'is refused'],
    ] as const) {
      const list = at === named ? 'two pages are' : 'no page is'
      expect(await arrives(origin, 'websocket', at), `a page of ${origin}, when ${list} let in`).toBe(outcome)
    }
  },
)

check('by-hand', 'runs by hand', { anchor: 'your-turn', rule: 'Node.js: process' }, async () => {
  const server = runFile('16-sio-rooms/server.ts', ['0'])
  const client = await ioClient(await server.port())
  expect(await request(client, 'shout', 'hello'), 'the answer to shout("hello")').toEqual([{ ok: true }])
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

/** What was heard, in a line. */
function told(heard: unknown[][]): string {
  return heard.map((args) => args.join(' ')).join(', ') || 'nothing'
}

/** The rooms that the client is in after `join` or `leave`, by their own names and those of clients, sorted. */
async function rooms(client: Socket, event: 'join' | 'leave', room: string): Promise<unknown> {
  const [answer] = (await request(client, event, room)) as [{ value?: unknown } | undefined]
  const shown = room === client.id ? 'own id' : room
  expect(answer, `the answer to ${event}("${shown}")`).toMatchObject({ ok: true })
  const value = answer?.value
  const own = nameOf.get(client.id)
  if (!Array.isArray(value)) return value
  const names = value.map((name) => nameOf.get(name) ?? name)
  return [own, ...names.filter((name) => name !== own).sort()].filter((name) => name !== own || names.includes(own))
}

/** Asks a room of five, of whom three answer. Somebody who is elsewhere would answer, too. */
async function pollOfFive(pollTimeout: number): Promise<{ answers: unknown[]; missing: unknown }> {
  const names = ['ann', 'bob', 'carl', 'dora', 'fred', 'eve'] as const
  const { ann, bob, carl, dora, fred, eve } = await clientsOf({ pollTimeout }, [...names])
  for (const client of [ann, bob, carl, dora, fred]) await request(client, 'join', 'lobby')
  bob.on('question', (text: string, ack: (answer: string) => void) => ack(`${text} yes`))
  for (const client of [carl, dora]) client.on('question', (_: string, ack: (answer: string) => void) => ack(''))
  fred.on('question', () => fred.disconnect())
  eve.on('question', (_: string, ack: (answer: string) => void) => ack('from outside'))
  return pollResult((await request(ann, 'poll', 'lobby', 'pizza?'))[0])
}

/** The value of the answer to a poll, which must have a list of answers. */
function pollResult(answer: unknown): { answers: unknown[]; missing: unknown } {
  expect(answer, 'the answer to poll').toMatchObject({ ok: true })
  const { value } = answer as { value?: { answers?: unknown; missing?: unknown } | null }
  expect(Array.isArray(value?.answers) ? 'a list' : JSON.stringify(value?.answers), 'what `answers` is').toBe('a list')
  return { answers: value!.answers as unknown[], missing: value!.missing }
}

/** What was sent to these clients before has arrived when the answer to a later request has. */
async function roundTrips(...all: Socket[]): Promise<void> {
  await Promise.all(all.map((client) => request(client, 'leave', 'no such room')))
}
