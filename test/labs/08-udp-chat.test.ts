import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { joinUdpChat } from '#lab/08-udp-chat/client.ts'
import { encode } from '#lab/08-udp-chat/datagram.ts'
import { beat, evict, isNew, join, leave, type Members } from '#lab/08-udp-chat/members.ts'
import { createUdpChat, type UdpChatOptions } from '#lab/08-udp-chat/server.ts'
import {
  bindUdp,
  check,
  cleanup,
  deadline,
  expect,
  runFile,
  type UdpPeer,
  udp,
} from '../../workbook/grade/checks/check.ts'

const A = '127.0.0.1:50001'
const B = '127.0.0.1:50002'

check(
  'names',
  'takes a member with a fit name, and no name twice',
  { todo: 1, anchor: 'who-is-in', rule: 'Node.js: dgram' },
  () => {
    const members: Members = new Map()
    expect(join(members, A, 'ann', 1, 0), 'join as ann').toBeUndefined()
    expect(members.get(A)?.name, 'the member at A').toBe('ann')
    const C = '127.0.0.1:50003'
    expect(join(members, C, 'carl', 1, 0), 'join as carl').toBeUndefined()
    const unfit = ['', 'x'.repeat(33), '好'.repeat(33), 'two words', 'a\nb', 'a:b', 'a.b', 'a!']
    for (const name of ['ann', 'carl', ...unfit]) {
      expect(join(members, B, name, 1, 0), `join from B as ${JSON.stringify(name)}: a reason`).toBeTypeOf('string')
      expect(members.has(B), `B is in the room after ${JSON.stringify(name)} was refused`).toBe(false)
    }
    expect(join(members, A, 'ann', 9, 5), 'A joins as ann again: it may have restarted').toBeUndefined()
    // 32 letters of any language; a part of a name that is taken, or more than it, is another name.
    for (const name of ['x'.repeat(32), '好'.repeat(32), 'zoë_9', 'jean-luc', '九٣', 'an', 'anna']) {
      expect(join(members, B, name, 1, 6), `join from B as ${name}`).toBeUndefined()
      expect(members.get(B)?.name, 'the member at B').toBe(name)
    }
    expect(join(members, A, 'amy', 10, 7), 'A joins as amy, which was ann').toBeUndefined()
    expect(join(members, B, 'ann', 2, 8), 'B joins as ann, whose name is free now').toBeUndefined()
    expect([...members.values()].map(({ key, name }) => `${name} at ${key}`).sort(), 'who is in the room').toEqual([
      `amy at ${A}`,
      `ann at ${B}`,
      `carl at ${C}`,
    ])
  },
)

check(
  'beat-before-join',
  'a beat of a stranger makes no member',
  { anchor: 'who-is-in', rule: 'Node.js: dgram' },
  () => {
    const members: Members = new Map()
    expect(beat(members, A, 0), 'beat of a stranger').toBeUndefined()
    expect(members.size, 'members after the beat of a stranger').toBe(0)
    expect(leave(members, A), 'leave of a stranger').toBeUndefined()
  },
)

check(
  'evict',
  'removes who was silent for 15 s, not a millisecond earlier, and those without any beat',
  { todo: 2, anchor: 'who-is-silent', rule: 'Node.js: dgram' },
  () => {
    const members: Members = new Map()
    join(members, A, 'ann', 1, 0)
    join(members, B, 'bob', 1, 90)
    join(members, '127.0.0.1:50003', 'amy', 1, 100)
    join(members, '127.0.0.1:50004', 'zed', 1, 150)
    beat(members, B, 200)
    beat(members, A, 14_000)
    expect(
      evict(members, 15_099).map(({ name }) => name),
      'gone at 15,099 ms; the first silence began at 100',
    ).toEqual([])
    expect(
      evict(members, 15_200).map(({ name }) => name),
      'gone at 15,200 ms, longest silence first: amy joined at 100, zed at 150, bob beat at 200',
    ).toEqual(['amy', 'zed', 'bob'])
    expect([...members.keys()], 'still in at 15,200 ms; ann beat at 14,000').toEqual([A])
    expect(
      evict(members, 29_000).map(({ name }) => name),
      'gone at 29,000 ms',
    ).toEqual(['ann'])
  },
)

check(
  'duplicates',
  'tells new numbers from repeated ones, in any order, in bounded memory',
  { todo: 3, anchor: 'once-and-only-once', rule: 'RFC 9293 §3.4' },
  () => {
    const members: Members = new Map()
    join(members, A, 'ann', 10, 0)
    const ann = members.get(A)!
    const came = [11, 13, 13, 12, 11, 10, 15, 14, 15]
    expect(
      came.map((seq) => isNew(ann, seq)),
      `new or not: ${came.join(' ')} after JOIN with 10`,
    ).toEqual([true, true, false, true, false, false, true, true, false])
    join(members, B, 'bob', 10, 0)
    const bob = members.get(B)!
    expect([isNew(bob, 11), isNew(bob, 13), isNew(ann, 13)], '11 and 13 of bob, new; 13 of ann, old').toEqual([
      true,
      true,
      false,
    ])
    for (let seq = 17; seq < 20_000; seq++) isNew(ann, seq)
    expect(
      JSON.stringify([...ann.seen.early]).length,
      'characters kept for 20,000 datagrams of which one was lost',
    ).toBeLessThan(10_000)
    expect(isNew(ann, 19_999), '19,999 again').toBe(false)
  },
)

check(
  'chat',
  'joins, says and leaves; the others hear it and the sender an ACK',
  { anchor: 'four-datagrams', rule: 'Node.js: dgram' },
  async () => {
    const { port, ann, bob } = await room()
    await bob.send(encode({ type: 'MSG', seq: 2, text: '你好' }), port)
    const said = await hears(ann, { type: 'MSG', name: 'bob', text: '你好' })
    await hears(bob, { type: 'ACK', seq: 2 })
    await bob.send(encode({ type: 'LEAVE', seq: 3 }), port)
    expect(await noticeAfter(ann, said), 'what ann hears next, when bob leaves').toMatchObject({
      type: 'LEFT',
      name: 'bob',
    })
    await hears(bob, { type: 'ACK', seq: 3 })
  },
)

check(
  'long',
  'refuses a message that is too long for the others, instead of cutting it or losing it',
  { anchor: 'four-datagrams', rule: 'RFC 8085 §3.2' },
  async () => {
    const { port, ann, bob } = await room()
    const longest = 'x'.repeat(998)
    await bob.send(encode({ type: 'MSG', seq: 2, text: longest }), port)
    await hears(ann, { type: 'MSG', text: longest })
    for (const length of [999, 3000]) {
      await bob.send(encode({ type: 'MSG', seq: length, text: 'y'.repeat(length) }), port)
      await hears(bob, { type: 'ERR', seq: length })
    }
    await bob.send(encode({ type: 'MSG', seq: 4000, text: 'short' }), port)
    await hears(bob, { type: 'ACK', seq: 4000 })
    await hears(ann, { type: 'MSG', text: 'short' })
  },
)

check(
  'prompt',
  'twenty messages in a row arrive at once',
  { anchor: 'two-terminals', rule: 'Node.js: dgram' },
  async () => {
    const { port, ann, bob } = await room()
    for (let i = 0; i < 20; i++) await bob.send(encode({ type: 'MSG', seq: 2 + i, text: `m${i}` }), port)
    const all = (async () => {
      for (let i = 0; i < 20; i++) await hears(ann, { type: 'MSG', text: `m${i}` })
    })()
    await deadline(all, 3000, 'twenty messages to arrive')
  },
)

check(
  'lost-ack',
  'answers a repeated datagram again, and shows it once',
  { todo: 3, anchor: 'once-and-only-once', rule: 'Node.js: dgram' },
  async () => {
    const { port, ann, bob } = await room()
    const message = encode({ type: 'MSG', seq: 2, text: 'once' })
    for (let times = 0; times < 3; times++) {
      await bob.send(message, port)
      await hears(bob, { type: 'ACK', seq: 2 })
    }
    await bob.send(encode({ type: 'MSG', seq: 3, text: 'next' }), port)
    await hears(ann, { type: 'MSG', text: 'once' })
    const next = await hears(ann, { type: 'MSG' })
    expect(next.text, 'the message after "once", which was sent three times').toBe('next')
  },
)

check(
  'resend',
  'repeats a notice until it is acknowledged, then never again',
  { todo: 5, anchor: 'lost-on-the-way', rule: 'Node.js: timers' },
  async () => {
    const { port, ann, bob } = await room({ firstDelay: 20 })
    await bob.send(encode({ type: 'MSG', seq: 2, text: 'hello' }), port)
    const first = await hears(ann, { type: 'MSG', text: 'hello' }, { acknowledge: false })
    const second = await hears(ann, { type: 'MSG', text: 'hello' }, { acknowledge: false })
    expect(second.seq, 'the repetition has the same seq').toBe(first.seq)
    await ann.send(encode({ type: 'ACK', seq: Number(second.seq) }), port)
    await bob.send(encode({ type: 'MSG', seq: 3, text: 'bye' }), port)
    // A message that is not acknowledged comes again and again; meanwhile the acknowledged one must not.
    let again = 0
    for (let byes = 0; byes < 4; ) {
      const { text } = await hears(ann, { type: 'MSG' }, { acknowledge: false })
      if (text === 'bye') byes += 1
      else again += 1
    }
    expect(again, 'repetitions of "hello" after its ACK; one may have been on its way').toBeLessThanOrEqual(1)
    // Who came and who went may be lost as well as what was said.
    const carl = await udp({ name: 'carl' })
    for (const [request, type] of [
      [{ type: 'JOIN', seq: 1, name: 'carl' }, 'JOINED'],
      [{ type: 'LEAVE', seq: 2 }, 'LEFT'],
    ] as const) {
      await carl.send(encode(request), port)
      const { seq } = await hears(bob, { type, name: 'carl' }, { acknowledge: false })
      const repeated = await hears(bob, { type, name: 'carl' }, { acknowledge: false })
      expect(repeated.seq, `seq of ${type} when it is repeated`).toBe(seq)
    }
  },
)

check(
  'strangers',
  'lets no stranger speak, and answers with no more bytes than came',
  { todo: 4, anchor: 'strangers', rule: 'RFC 8085 §6' },
  async () => {
    const { port, ann, bob } = await room()
    const stranger = await udp({ name: 'a stranger' })
    const message = encode({ type: 'MSG', seq: 7, text: 'let me in' })
    await stranger.send(message, port)
    const answer = await hears(stranger, { type: 'ERR', seq: 7 })
    expect(encode(answer as never).length, `bytes of the answer to ${message.length} bytes`).toBeLessThanOrEqual(
      message.length,
    )
    expect(answer, 'the answer to a MSG of a stranger').toEqual({ type: 'ERR', seq: 7 })
    for (const type of ['BEAT', 'LEAVE'] as const) {
      await stranger.send(encode({ type, seq: 8 }), port)
      expect(await hears(stranger, { seq: 8 }), `the answer to a ${type} of a stranger`).toEqual({
        type: 'ERR',
        seq: 8,
      })
    }
    await bob.send(encode({ type: 'MSG', seq: 2, text: 'after' }), port)
    expect((await hears(ann, { type: 'MSG' })).text, 'the first message that ann hears').toBe('after')
  },
)

check(
  'refused',
  'a JOIN that is refused is answered, with a reason where it fits into what was received',
  { todo: 1, anchor: 'strangers', rule: 'RFC 9000 §8.1' },
  async () => {
    const { port } = await room({ maxMembers: 3 })
    const late = await udp({ name: 'late' })
    const short = encode({ type: 'JOIN', seq: 5, name: 'ann' })
    await late.send(short, port)
    const answer = await late.receive()
    expect(JSON.parse(String(answer)), 'the answer to a JOIN with a name that is taken').toMatchObject({
      type: 'ERR',
      seq: 5,
    })
    expect(answer.length, `bytes of the answer to ${short.length} bytes`).toBeLessThanOrEqual(short.length)
    await late.send(encode({ type: 'JOIN', seq: 6, name: 'ann', pad: ' '.repeat(64) }), port)
    expect((await hears(late, { type: 'ERR', seq: 6 })).reason, 'the reason, when there is room for it').toBeTypeOf(
      'string',
    )
    await late.send(encode({ type: 'JOIN', seq: 7, name: 'carl' }), port)
    await hears(late, { type: 'ACK', seq: 7 })
    const fourth = await udp({ name: 'fourth' })
    await fourth.send(encode({ type: 'JOIN', seq: 8, name: 'dora' }), port)
    await hears(fourth, { type: 'ERR', seq: 8 })
  },
)

check(
  'new-port',
  'the same person from another port is somebody new, whose name is free once the old one is gone',
  { todo: [1, 2], anchor: 'who-is-in', rule: 'RFC 4787 §4.3' },
  async () => {
    let time = 0
    const { port, ann } = await room({ now: () => time })
    const moved = await udp({ name: 'bob on another port' })
    time = 14_999
    await ann.send(encode({ type: 'BEAT', seq: 2 }), port)
    await hears(ann, { type: 'ACK', seq: 2 })
    await moved.send(encode({ type: 'JOIN', seq: 50, name: 'bob' }), port)
    await hears(moved, { type: 'ERR', seq: 50 })
    time = 15_000
    await moved.send(encode({ type: 'JOIN', seq: 51, name: 'bob' }), port)
    await hears(moved, { type: 'ACK', seq: 51 })
    await hears(ann, { type: 'LEFT', name: 'bob' })
    await hears(ann, { type: 'JOINED', name: 'bob' })
  },
)

check(
  'deaf',
  'removes a member that answers nothing: what waits for it is bounded',
  { todo: 5, anchor: 'strangers', rule: 'RFC 8085 §6' },
  async () => {
    const { port, ann, bob } = await room({ maxUnanswered: 5, firstDelay: 60_000 })
    const deaf = await udp({ name: 'deaf' })
    await deaf.send(encode({ type: 'JOIN', seq: 1, name: 'deaf' }), port)
    await hears(deaf, { type: 'ACK', seq: 1 })
    for (let seq = 10; seq < 16; seq++) {
      await bob.send(encode({ type: 'MSG', seq, text: `line ${seq}` }), port)
      await hears(ann, { type: 'MSG', text: `line ${seq}` })
    }
    await hears(ann, { type: 'LEFT', name: 'deaf' })
  },
)

check(
  'heartbeat',
  'the server removes a silent member on the given clock, and tells the others',
  { todo: [2, 4], anchor: 'who-is-silent', rule: 'Node.js: dgram' },
  async () => {
    let time = 0
    const { port, ann, bob } = await room({ now: () => time })
    time = 14_999
    await ann.send(encode({ type: 'BEAT', seq: 2 }), port)
    await hears(ann, { type: 'ACK', seq: 2 })
    await ann.send(encode({ type: 'MSG', seq: 3, text: 'still there?' }), port)
    await hears(bob, { type: 'MSG', text: 'still there?' })
    time = 15_000
    await ann.send(encode({ type: 'BEAT', seq: 4 }), port)
    await hears(ann, { type: 'LEFT', name: 'bob' })
    await bob.send(encode({ type: 'BEAT', seq: 2 }), port)
    await hears(bob, { type: 'ERR', seq: 2 })
  },
)

check(
  'nobody-speaks',
  'looks for silent members also when nothing arrives',
  { todo: 2, anchor: 'who-is-silent', rule: 'Node.js: timers' },
  async () => {
    let time = 0
    const { port, ann } = await room({ now: () => time, checkEvery: 20 })
    time = 14_000
    await ann.send(encode({ type: 'BEAT', seq: 2 }), port)
    await hears(ann, { type: 'ACK', seq: 2 })
    time = 15_500
    await hears(ann, { type: 'LEFT', name: 'bob' })
  },
)

check(
  'rejoin',
  'takes a client back on the same port, after LEAVE and after a crash',
  { todo: 3, anchor: 'who-is-in', rule: 'Node.js: dgram' },
  async () => {
    const { port, ann, bob } = await room()
    await bob.send(encode({ type: 'JOIN', seq: 1000, name: 'bob' }), port)
    await hears(bob, { type: 'ACK', seq: 1000 })
    for (const seq of [1001, 1001]) await bob.send(encode({ type: 'MSG', seq, text: 'again' }), port)
    await hears(ann, { type: 'MSG', text: 'again' })
    await bob.send(encode({ type: 'MSG', seq: 1002, text: 'last' }), port)
    expect((await hears(ann, { type: 'MSG' })).text, 'the message after "again", which was sent twice').toBe('last')
  },
)

check(
  'junk',
  'dies of nothing: empty datagrams, bad JSON, bad UTF-8, a thousand random ones',
  { anchor: 'anybody-may-send-anything', rule: 'Node.js: dgram' },
  async () => {
    const { port, ann, bob } = await room()
    const junk = await udp({ name: 'junk' })
    for (const text of [
      '',
      'null',
      '[]',
      '{"type":"MSG"}',
      '{"type":"JOIN","seq":1}',
      '{"type":"MSG","seq":1e99,"text":"x"}',
      '{"seq":1,"type":"__proto__"}',
      '{',
    ])
      await junk.send(text, port)
    await junk.send(Buffer.from('7b2274797065223a22ff', 'hex'), port)
    for (let i = 0; i < 1000; i++) {
      await junk.send(Buffer.from(Array.from({ length: i % 50 }, (_, at) => (i * 31 + at * 7) & 0xff)), port)
      if (i % 50 > 0) continue
      // The answer to a beat shows that the junk before it was read, rather than lost in a full buffer.
      await bob.send(encode({ type: 'BEAT', seq: 100 + i }), port)
      await hears(bob, { type: 'ACK', seq: 100 + i })
    }
    await bob.send(encode({ type: 'MSG', seq: 2000, text: 'alive' }), port)
    await hears(ann, { type: 'MSG', text: 'alive' })
  },
)

check(
  'gone-peer',
  'a member whose port is closed does not stop the others',
  { anchor: 'lost-on-the-way', rule: 'Node.js: dgram' },
  async () => {
    const { port, ann, bob } = await room({ firstDelay: 5 })
    const gone = createSocket('udp4')
    gone.bind(0, '127.0.0.1')
    await once(gone, 'listening')
    gone.send(encode({ type: 'JOIN', seq: 1, name: 'gone' }), port, '127.0.0.1')
    await deadline(once(gone, 'message'), 2000, 'the ACK of a JOIN')
    gone.close()
    for (let seq = 2; seq < 12; seq++) {
      await bob.send(encode({ type: 'MSG', seq, text: `line ${seq}` }), port)
      await hears(ann, { type: 'MSG', text: `line ${seq}` })
    }
  },
)

check(
  'close',
  'close() stops the timers and frees the port',
  { anchor: 'closing', rule: 'Node.js: dgram' },
  async () => {
    const chat = createUdpChat({ firstDelay: 10 })
    chat.bind(0, '127.0.0.1')
    await deadline(once(chat, 'listening'), 2000, 'the chat to be bound')
    const { port } = chat.address()
    const mute = await udp({ name: 'mute' })
    const other = await udp({ name: 'other' })
    for (const [peer, name] of [
      [mute, 'mute'],
      [other, 'other'],
    ] as const) {
      await peer.send(encode({ type: 'JOIN', seq: 1, name }), port)
      await hears(peer, { type: 'ACK', seq: 1 })
    }
    chat.close()
    const again = createSocket('udp4')
    cleanup(() => again.close())
    again.bind(port, '127.0.0.1')
    await deadline(once(again, 'listening'), 2000, `port ${port} to be free`)
  },
)

check(
  'client',
  'the client joins, beats, repeats until answered, shows a notice once, and leaves',
  { anchor: 'the-client', rule: 'Node.js: dgram' },
  async () => {
    const server = await udp({ name: 'server' })
    const heard: string[] = []
    const joining = joinUdpChat({
      port: server.port,
      name: 'ann',
      onNotice: (notice) => heard.push(JSON.stringify(notice)),
      onGone: () => {},
      beatEvery: 30,
      firstDelay: 20,
    })
    const { bytes, port } = await server.receiveFrom()
    const first = JSON.parse(String(bytes))
    expect(first, 'the first datagram of the client').toMatchObject({ type: 'JOIN', name: 'ann' })
    expect(JSON.parse(String(await server.receive())), 'the JOIN again, since nobody answered').toEqual(first)
    await server.send(encode({ type: 'ACK', seq: first.seq }), port)
    const client = await deadline(joining, 2000, 'joinUdpChat to resolve after the ACK')
    cleanup(() => client.socket.close())
    await hears(server, { type: 'BEAT' })
    for (let times = 0; times < 2; times++) {
      await server.send('{"type":"MSG","seq":5,"name":"bob","text":"hi"}', port)
      await hears(server, { type: 'ACK', seq: 5 })
    }
    expect(heard, 'notices shown, of one that was sent twice').toEqual([
      '{"type":"MSG","seq":5,"name":"bob","text":"hi"}',
    ])
    expect(() => client.say('x'.repeat(70_000)), 'a text of 70,000 characters fits no datagram').toThrow()
    const left = client.leave()
    const { seq } = await hears(server, { type: 'LEAVE' })
    await server.send(encode({ type: 'ACK', seq: Number(seq) }), port)
    await deadline(left, 2000, 'leave() to resolve after the ACK')
  },
)

check(
  'by-hand',
  'two terminals: the server and a client by hand',
  { anchor: 'two-terminals', rule: 'Node.js: process' },
  async () => {
    const server = runFile('08-udp-chat/server.ts', ['0'])
    const port = await server.port()
    const bob = await udp({ name: 'bob' })
    await bob.send(encode({ type: 'JOIN', seq: 1, name: 'bob' }), port)
    await hears(bob, { type: 'ACK', seq: 1 })
    const ann = runFile('08-udp-chat/client.ts', ['ann', port])
    await ann.line(/you are ann/)
    await bob.send(encode({ type: 'MSG', seq: 2, text: 'hello ann' }), port)
    await ann.line(/^bob: hello ann$/)
    ann.write('hello bob\n')
    expect((await hears(bob, { type: 'MSG' })).text, 'what ann typed').toBe('hello bob')
    ann.end()
    expect((await ann.ends()).code, 'exit code of the client after end of input').toBe(0)
    server.signal('SIGTERM')
    await server.ends()
  },
)

interface Datagram extends Record<string, unknown> {
  type?: string
}

/** A room with ann and bob in it. */
async function room(options: UdpChatOptions = {}): Promise<{ port: number; ann: UdpPeer; bob: UdpPeer }> {
  const port = await bindUdp(createUdpChat(options))
  const ann = await udp({ name: 'ann' })
  const bob = await udp({ name: 'bob' })
  for (const [peer, name] of [
    [ann, 'ann'],
    [bob, 'bob'],
  ] as const) {
    await peer.send(encode({ type: 'JOIN', seq: 1, name }), port)
    await hears(peer, { type: 'ACK', seq: 1 })
  }
  await hears(ann, { type: 'JOINED', name: 'bob' })
  return { port, ann, bob }
}

/** The next notice that is no repetition, acknowledged. */
async function noticeAfter(peer: UdpPeer, { seq }: Datagram): Promise<Datagram> {
  for (;;) {
    const next = await hears(peer, {})
    if (next.type !== 'ACK' && Number(next.seq) > Number(seq)) return next
  }
}

/** Reads datagrams up to one with these values; notices are acknowledged, as a client does. */
async function hears(peer: UdpPeer, wanted: Datagram, { acknowledge = true } = {}): Promise<Datagram> {
  for (;;) {
    const { bytes, port } = await peer.receiveFrom()
    const datagram = JSON.parse(String(bytes)) as Datagram
    const notice = ['MSG', 'JOINED', 'LEFT'].includes(datagram.type ?? '')
    if (notice && acknowledge) await peer.send(encode({ type: 'ACK', seq: Number(datagram.seq) }), port)
    if (Object.entries(wanted).every(([key, value]) => datagram[key] === value)) return datagram
  }
}
