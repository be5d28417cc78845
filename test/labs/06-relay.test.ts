import type { Socket } from 'node:net'
import { join } from '#lab/06-relay/client.ts'
import { encodeFrame } from '#lab/06-relay/frame.ts'
import { createRelay, type RelayOptions } from '#lab/06-relay/relay.ts'
import {
  check,
  chunkings,
  cleanup,
  deadline,
  expect,
  fail,
  listen,
  misbehave,
  runFile,
  type TcpPeer,
  tcp,
} from '../../workbook/grade/checks/check.ts'

check(
  'pass',
  'passes bytes from one client to another, exactly: none, one, a mebibyte',
  { anchor: 'one-process-holds-both', rule: 'Node.js: net' },
  async () => {
    const { ann, bob } = await room()
    for (const data of [Buffer.alloc(0), Buffer.from([0]), Buffer.from('你好\r\n\0'), noise(1024 * 1024)]) {
      await ann.send(encodeFrame('bob', data))
      expect(await frame(bob, 'ann')).toBeBytes(data, { action: `ann sent ${data.length} bytes to bob` })
    }
    await bob.send([encodeFrame('ann', Buffer.from('to ann')), encodeFrame('bob', Buffer.from('to myself'))])
    expect(String(await frame(ann, 'bob')), 'what bob sends to ann').toBe('to ann')
    expect(String(await frame(bob, 'bob')), 'what bob sends to himself').toBe('to myself')
  },
)

check(
  'join-errors',
  'answers ERR to what is no JOIN, to a name that is taken, and to one that fits no byte',
  { todo: 1, anchor: 'naming', rule: 'Node.js: net' },
  async () => {
    const { port, ann, bob } = await room()
    const long = [`JOIN ${'好'.repeat(86)}`, `JOIN ${'好'.repeat(85)}a`, `JOIN ${'a'.repeat(256)}`]
    const none = ['HELLO ann', 'JOIN', 'JOIN ', 'JOIN two words', 'XJOIN zoe', '']
    // The name that is taken stays taken, and its holder's, however often somebody asks.
    for (const line of [...none, ...long, 'JOIN ann', 'JOIN bob', 'JOIN ann']) {
      const peer = await tcp(port, { name: `the peer that says ${JSON.stringify(line.slice(0, 20))}` })
      await peer.send(`${line}\n`)
      expect(await peer.readLine(), `the answer to ${JSON.stringify(line.slice(0, 40))}`).toMatch(/^ERR ./)
      await peer.expectEnd()
    }
    await ann.send(encodeFrame('bob', Buffer.from('still here')))
    expect(String(await frame(bob, 'ann')), 'what ann says to bob after that').toBe('still here')
    await bob.send(encodeFrame('ann', Buffer.from('me too')))
    expect(String(await frame(ann, 'bob')), 'what bob says to ann after that').toBe('me too')
  },
)

check(
  'names',
  'takes a name in any script, up to 255 bytes, and tells names apart by each letter',
  { anchor: 'naming', rule: 'Node.js: net' },
  async () => {
    const { port, ann } = await room()
    const names = [
      '好'.repeat(85),
      'a'.repeat(255),
      'a'.repeat(128),
      'Ann',
      'ANN',
      'an',
      'ann2',
      '_.-',
      'constructor',
      '__proto__',
    ]
    for (const name of names) {
      const peer = await member(port, name)
      await ann.send(encodeFrame(name, Buffer.from(`hi ${name}`)))
      expect(String(await frame(peer, 'ann')), `what ${name.slice(0, 8)} receives`).toBe(`hi ${name}`)
      await peer.send(encodeFrame('ann', Buffer.from('yes?')))
      expect(String(await frame(ann, name)), `what ${name.slice(0, 8)} answers`).toBe('yes?')
    }
  },
)

check(
  'cuts',
  'finds frames in any chunks: byte by byte, glued together, glued to the JOIN line',
  { anchor: 'framing', rule: 'Node.js: stream' },
  async () => {
    const { port, ann, bob } = await room()
    for (const { name, chunks } of chunkings([
      encodeFrame('bob', Buffer.from('first, 你好')),
      encodeFrame('bob', Buffer.from('second')),
    ])) {
      await ann.send(chunks)
      expect(String(await frame(bob, 'ann')), `the first of two frames, fed ${name}`).toBe('first, 你好')
      expect(String(await frame(bob, 'ann')), `the second of two frames, fed ${name}`).toBe('second')
    }
    const carl = await tcp(port, { name: 'carl' })
    await carl.send(Buffer.concat([Buffer.from('JOIN carl\n'), encodeFrame('bob', Buffer.from('at once'))]))
    expect(String(await frame(bob, 'carl')), 'a frame in the same chunk as the JOIN line').toBe('at once')
  },
)

check('interleaved', 'keeps the frames of two senders whole', { anchor: 'framing', rule: 'Node.js: net' }, async () => {
  const { port, ann, bob } = await room()
  const carl = await member(port, 'carl')
  const [a, c] = [encodeFrame('bob', Buffer.from('a'.repeat(1000))), encodeFrame('bob', Buffer.from('c'.repeat(1000)))]
  for (const [start, end] of [
    [0, 3],
    [3, 500],
    [500, 2000],
  ]) {
    await ann.send(a.subarray(start, end))
    await carl.send(c.subarray(start, end))
  }
  const got = [await anyFrame(bob), await anyFrame(bob)].map(
    ({ from, data }) => `${from}: ${new Set(String(data)).size} letter, ${data.length} bytes`,
  )
  expect(got.sort(), 'what bob receives of two frames that were sent in turns').toEqual([
    'ann: 1 letter, 1000 bytes',
    'carl: 1 letter, 1000 bytes',
  ])
})

check(
  'absent',
  'answers a frame for somebody who is not there with a frame of its own',
  { anchor: 'naming', rule: 'Node.js: net' },
  async () => {
    const { port, ann, bob } = await room()
    await ann.send(encodeFrame('zoe', Buffer.from('hi')))
    expect((await frame(ann, '')).length, 'bytes of the reason, in a frame without a name').toBeGreaterThan(0)
    await ann.send(encodeFrame('bob', Buffer.from('still works')))
    expect(String(await frame(bob, 'ann')), 'the next frame').toBe('still works')
    await ann.send([
      encodeFrame('', Buffer.alloc(0)),
      encodeFrame('bo', Buffer.from('hi')),
      encodeFrame('bobo', Buffer.from('hi')),
    ])
    for (const name of ['""', 'bo', 'bobo'])
      expect((await frame(ann, '')).length, `bytes of the reason for ${name}, who is not there`).toBeGreaterThan(0)
    const zoe = await member(port, 'zoe')
    await ann.send(encodeFrame('zoe', Buffer.from('there now')))
    expect(String(await frame(zoe, 'ann')), 'what zoe receives, who has come since').toBe('there now')
  },
)

for (const [id, how, go] of [
  ['fin', 'ends its side', (peer: TcpPeer) => peer.end()],
  ['reset', 'resets', (peer: TcpPeer) => peer.reset()],
  [
    'mid-frame',
    'goes in the middle of a frame',
    async (peer: TcpPeer) => {
      await peer.send(encodeFrame('ann', Buffer.alloc(1000, 'x')).subarray(0, 400))
      await peer.end()
    },
  ],
  [
    'cut-off',
    'resets in the middle of a frame',
    async (peer: TcpPeer) => {
      await peer.send(encodeFrame('ann', Buffer.alloc(1000)).subarray(0, 6))
      await peer.reset()
    },
  ],
] as const) {
  check(
    `leave-${id}`,
    `a client that ${how} is gone: its name is free, and nobody gets half a frame`,
    { todo: 3, anchor: 'departure', rule: 'Node.js: net' },
    async () => {
      const { port, ann, bob } = await room()
      await ann.send(encodeFrame('bob', Buffer.from('hello')))
      expect(String(await frame(bob, 'ann')), 'what the first bob receives').toBe('hello')
      if (id === 'mid-frame') await goesAt([1, 3, 7], port)
      await go(bob)
      await deadline(bob.closed, 2000, `the relay to end the connection of a client that ${how}`)
      // Only the relay knows when it has noticed; the name is free from then on.
      const again = await joinsSoon(port, 'bob')
      await ann.send(encodeFrame('bob', Buffer.from('welcome back')))
      expect(String(await frame(again, 'ann')), 'the first frame of the new bob').toBe('welcome back')
      await again.send(encodeFrame('ann', Buffer.from('whole')))
      expect(String(await frame(ann, 'bob')), 'the first frame that ann receives').toBe('whole')
    },
  )
}

/** Clients that end their side after so many bytes of a frame. */
async function goesAt(cuts: number[], port: number): Promise<void> {
  for (const cut of cuts) {
    const bit = await joinsSoon(port, 'bit')
    await bit.send(encodeFrame('ann', Buffer.from('half')).subarray(0, cut))
    await bit.end()
    await deadline(
      bit.closed,
      2000,
      `the relay to end the connection of a client that goes after ${cut} bytes of a frame`,
    )
  }
}

check(
  'half-close',
  'a client may send, end its side, and still be answered',
  { anchor: 'departure', rule: 'RFC 9293 §3.6' },
  async () => {
    const { port, bob } = await room()
    const quick = await tcp(port, { name: 'quick', halfOpen: true })
    await quick.send(
      Buffer.concat([
        Buffer.from('JOIN quick\n'),
        encodeFrame('bob', Buffer.from('last words')),
        encodeFrame('zoe', Buffer.from('?')),
      ]),
    )
    await quick.end()
    expect(await quick.readLine(), 'the answer to JOIN, read after FIN').toBe('OK')
    expect((await frame(quick, '')).length, 'the relay’s frame about zoe, read after FIN').toBeGreaterThan(0)
    await quick.expectEnd()
    expect(String(await frame(bob, 'quick')), 'what bob receives').toBe('last words')
  },
)

check(
  'limit',
  'refuses a length over the limit before it keeps a byte for it',
  { todo: 2, anchor: 'a-length-is-a-claim', rule: 'Node.js: buffer, constants.MAX_LENGTH' },
  async () => {
    const { ann, bob, port } = await room({ maxFrame: 1000 })
    await ann.send(encodeFrame('bob', Buffer.alloc(1000)))
    expect((await frame(bob, 'ann')).length, 'bytes of a frame at the limit').toBe(1000)
    const liar = await member(port, 'liar')
    await liar.send(Buffer.from('\x03bob\xff\xff\xff\xff', 'latin1'))
    await deadline(liar.closed, 2000, 'the end of a client that announces 4,294,967,295 bytes')
    // Announced, and not sent: who reads the data first waits for ever.
    const over = await member(port, 'over')
    await over.send(encodeFrame('bob', Buffer.alloc(1001)).subarray(0, 8))
    await deadline(over.closed, 2000, 'the end of a client that announces 1,001 bytes')
    const usual = await room()
    await usual.ann.send(encodeFrame('bob', Buffer.alloc(1024 * 1024 + 1)).subarray(0, 8))
    await deadline(usual.ann.closed, 2000, 'the end of a client that announces 1 MiB and a byte, without a maxFrame')
    await ann.send(encodeFrame('bob', Buffer.from('alive')))
    expect(String(await frame(bob, 'ann')), 'the next frame of somebody else').toBe('alive')
  },
)

check(
  'never-reads',
  'who never reads slows down its sender, and nobody else',
  { todo: 4, anchor: 'somebody-who-never-reads', rule: 'Node.js: stream, drain' },
  async () => {
    const server = createRelay()
    const port = await listen(server)
    const queued = watchQueues(server)
    const [ann, dora, bob, carl] = [
      await member(port, 'ann'),
      await member(port, 'dora'),
      await member(port, 'bob'),
      await member(port, 'carl'),
    ]
    const sleeper = await member(port, 'sleeper', { halfOpen: true, timeout: 8000 })
    sleeper.pause()
    // 64 MiB for somebody who does not read, from two: TCP stops taking them long before they are all sent.
    const bulk = encodeFrame('sleeper', Buffer.alloc(1024 * 1024))
    for (const sender of [ann, dora]) {
      sender.socket.on('error', () => {})
      for (let mebibytes = 0; mebibytes < 32; mebibytes++) sender.socket.write(bulk)
    }
    for (let i = 0; i < 200; i++) {
      await carl.send(encodeFrame('bob', Buffer.from(`line ${i}`)))
      expect(String(await frame(bob, 'carl')), 'what carl says to bob meanwhile').toBe(`line ${i}`)
    }
    const waiting = queued() / 1024 / 1024
    const much = 'less than 4 MiB to wait in the relay for a client that does not read'
    if (waiting >= 4) fail.state('sent 64 MiB to it', `${waiting.toFixed(1)} MiB wait`, `want ${much}, got more`)
    // A sleeper who has said everything still gets what waits for him: whole frames, and then the end.
    await sleeper.end()
    for (const sender of [ann, dora]) await sender.reset()
    sleeper.resume()
    const frames = framesIn(await sleeper.readAll())
    expect(frames.length, 'frames that the sleeper reads, once he reads again').toBeGreaterThan(0)
    for (const { from, data } of frames) {
      expect(['ann', 'dora'], 'the name in a frame for the sleeper').toContain(from)
      expect(data.length === 1024 * 1024 ? 'whole' : 'cut', 'each frame for the sleeper').toBe('whole')
    }
  },
)

check(
  'stalled',
  'drops who stays full for too long, and lets its sender go on',
  { todo: 4, anchor: 'somebody-who-never-reads', rule: 'Node.js: stream, drain' },
  async () => {
    const { ann, bob, port } = await room({ stallTimeout: 50 })
    const sleeper = await member(port, 'sleeper')
    sleeper.pause()
    const bulk = encodeFrame('sleeper', Buffer.alloc(1024 * 1024))
    for (let mebibytes = 0; mebibytes < 32; mebibytes++) ann.socket.write(bulk)
    ann.socket.write(encodeFrame('bob', Buffer.from('done')))
    expect(String(await frame(bob, 'ann')), 'what bob hears from ann, once the sleeper is dropped').toBe('done')
    await ann.send(encodeFrame('sleeper', Buffer.from('gone?')))
    expect((await frame(ann, '')).length, 'bytes of the relay’s answer about the sleeper').toBeGreaterThan(0)
    await goesOnAfterReset()
    await leavesNothing()
  },
)

/** A receiver that resets while its sender waits does not hold him for the 30 seconds of a stall. */
async function goesOnAfterReset(): Promise<void> {
  const { ann, bob, port, sides } = await watchedRoom()
  const sleeper = await member(port, 'sleeper')
  await fill(sides[2]!, 'sleeper', ann)
  await sleeper.reset()
  await ann.send(encodeFrame('bob', Buffer.from('goes on')))
  expect(String(await frame(bob, 'ann')), 'what bob hears from ann, once the sleeper has reset').toBe('goes on')
}

/** A queue that was full and drained leaves nothing behind. */
async function leavesNothing(): Promise<void> {
  const { ann, bob, sides } = await watchedRoom()
  const left = async (times: number) => {
    for (let i = 0; i < times; i++) {
      await fill(sides[1]!, 'bob', ann)
      sides[1]!.uncork()
      await frame(bob, 'ann')
    }
    await ann.send(encodeFrame('zoe', Buffer.alloc(0)))
    await frame(ann, '')
    const timers = process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length
    const listeners = sides.flatMap((socket) => socket.eventNames().map((event) => socket.listenerCount(event)))
    return { timers, listeners: listeners.reduce((sum, count) => sum + count, 0) }
  }
  const before = await left(2)
  const after = await left(10)
  expect(after.listeners - before.listeners, 'more listeners, after ten more waits for a queue').toBeLessThan(10)
  // One or two may be of those who run the check.
  const timers = after.timers - before.timers > 5 ? 'one for each wait' : 'none'
  expect(timers, 'timers that ten more waits for a queue leave behind').toBe('none')
}

/** A relay with ann and bob. @returns the relay's sockets, too, in the order in which the members came */
async function watchedRoom(): Promise<{ port: number; ann: TcpPeer; bob: TcpPeer; sides: Socket[] }> {
  const server = createRelay()
  const sides: Socket[] = []
  server.on('connection', (socket) => sides.push(socket))
  const port = await listen(server)
  return { port, ann: await member(port, 'ann'), bob: await member(port, 'bob'), sides }
}

/** Fills the queue of a member. Corked, it needs no mebibytes on the way, and stays full. @param side the relay's socket */
async function fill(side: Socket, name: string, sender: TcpPeer): Promise<void> {
  const data = Buffer.alloc(100_000)
  side.cork()
  await sender.send(encodeFrame(name, data))
  let isOver = false
  cleanup(() => {
    isOver = true
  })
  const full = async () => {
    while (!isOver && side.writableLength < data.length) await new Promise(setImmediate)
  }
  await deadline(full(), 2000, `the relay to write a frame of 100 kB to ${name}`)
}

check(
  'many',
  'serves two hundred clients, silent and rude ones among them',
  { anchor: 'one-process-holds-both', rule: 'Node.js: net' },
  async () => {
    const { port, ann } = await room()
    await misbehave.silent(port)
    await misbehave.reset(port)
    await misbehave.reset(port, 'JOIN rude\n')
    const clients: TcpPeer[] = []
    // In groups: two hundred at once would wait for each other, on a busy machine for too long.
    while (clients.length < 200) {
      const group = Array.from({ length: 20 }, (_, i) => member(port, `c${clients.length + i}`, { timeout: 8000 }))
      clients.push(...(await Promise.all(group)))
    }
    await Promise.all(clients.map((client) => client.send(encodeFrame('ann', Buffer.from('hi')))))
    const senders = new Set<string>()
    while (senders.size < 200) senders.add((await anyFrame(ann)).from)
  },
)

check(
  'join-twice',
  'takes one JOIN line: what follows OK is a frame, whatever it looks like',
  { anchor: 'naming', rule: 'Node.js: net' },
  async () => {
    const { port, ann, bob } = await room()
    await bob.send('JOIN zoe\n')
    const zoe = await member(port, 'zoe')
    await zoe.send(encodeFrame('bob', Buffer.from('still bob')))
    expect(String(await frame(bob, 'zoe')), 'what bob receives after his second JOIN line').toBe('still bob')
    await ann.send(encodeFrame('zoe', Buffer.from('hi')))
    expect(String(await frame(zoe, 'ann')), 'what zoe receives').toBe('hi')
  },
)

check('no-name', 'does not keep a client that never joins', { anchor: 'naming', rule: 'Node.js: net' }, async () => {
  const port = await listen(createRelay({ joinTimeout: 50 }))
  const silent = await misbehave.silent(port)
  await deadline(silent.closed, 2000, 'the end of a client that says nothing for 50 ms')
})

check(
  'client',
  'the given client and the relay by hand',
  { anchor: 'your-turn', rule: 'Node.js: process' },
  async () => {
    const relay = runFile('06-relay/relay.ts', ['0'])
    const port = await relay.port()
    const bob = await join('bob', port)
    cleanup(() => bob.socket.destroy())
    const ann = runFile('06-relay/client.ts', ['ann', port])
    await ann.line(/ann has joined/)
    ann.write('bob: hello\n')
    const delivery = await deadline(bob.receive(), 3000, 'a frame at bob')
    expect(`${delivery?.from}: ${delivery?.data}`, 'what bob receives').toBe('ann: hello')
    await expect(join('bob', port), 'join() with a name that is taken').rejects.toThrow()
    bob.send('ann', Buffer.from('hi ann'))
    await ann.line(/^bob: hi ann$/)
    relay.signal('SIGINT')
    await relay.ends()
    if (process.platform !== 'win32')
      expect((await ann.ends()).stdout, 'the last line of the client says that the relay has gone').toMatch(
        /relay .*\n$/,
      )
  },
)

/** A relay with ann and bob. */
async function room(options: RelayOptions = {}): Promise<{ port: number; ann: TcpPeer; bob: TcpPeer }> {
  const port = await listen(createRelay(options))
  return { port, ann: await member(port, 'ann'), bob: await member(port, 'bob') }
}

async function member(port: number, name: string, options: Parameters<typeof tcp>[1] = {}): Promise<TcpPeer> {
  const peer = await tcp(port, { name: name.slice(0, 8), ...options })
  await peer.send(`JOIN ${name}\n`)
  expect(await peer.readUntil('\n'), `the answer to JOIN ${name.slice(0, 8)}`).toBe('OK\n')
  return peer
}

/** Joins as soon as the name is free. */
async function joinsSoon(port: number, name: string): Promise<TcpPeer> {
  for (let tries = 0; ; tries++) {
    const peer = await tcp(port, { name })
    await peer.send(`JOIN ${name}\n`)
    const answer = await peer.readLine()
    if (answer === 'OK') return peer
    expect(tries, `times that JOIN ${name} was refused after ${name} had gone: ${answer}`).toBeLessThan(20)
    await peer.closed
  }
}

/** The data of the next frame, which must come from `from`. */
async function frame(peer: TcpPeer, from: string): Promise<Buffer> {
  const next = await anyFrame(peer)
  expect(next.from, 'the name in the next frame').toBe(from)
  return next.data
}

async function anyFrame(peer: TcpPeer): Promise<{ from: string; data: Buffer }> {
  const [length = 0] = await peer.read(1)
  const from = String(await peer.read(length))
  return { from, data: await peer.read((await peer.read(4)).readUInt32BE()) }
}

/** The frames in what was read up to the end; the last may be cut. */
function framesIn(bytes: Buffer): { from: string; data: Buffer }[] {
  const frames = []
  for (let at = 0; at < bytes.length; ) {
    const start = at + 1 + bytes[at]!
    const end = start + 4 + (start + 4 <= bytes.length ? bytes.readUInt32BE(start) : 0)
    frames.push({ from: bytes.toString('utf8', at + 1, start), data: bytes.subarray(start + 4, end) })
    at = end
  }
  return frames
}

/** @returns a function that gives the bytes that wait in the server for its clients */
function watchQueues(server: ReturnType<typeof createRelay>): () => number {
  const sockets = new Set<{ writableLength: number }>()
  server.on('connection', (socket) => sockets.add(socket))
  return () => [...sockets].reduce((sum, { writableLength }) => sum + writableLength, 0)
}

/** Bytes without a pattern that cuts could hide in. */
function noise(length: number): Buffer {
  const bytes = Buffer.alloc(length)
  for (let i = 0, x = 1; i < length; i++) {
    x = (x * 1103515245 + 12345) & 0x7fffffff
    bytes[i] = x >> 16
  }
  return bytes
}
