import { once } from 'node:events'
import { createServer, Socket } from 'node:net'
import { createChatServer } from '#lab/07-tcp-chat/server.ts'
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
  stillKept,
  type TcpPeer,
  tcp,
} from '../../workbook/grade/checks/check.ts'

check('join', 'tells the others who joined, and what is said', { anchor: 'lines', rule: 'Node.js: net' }, async () => {
  const { ann, bob } = await room()
  await bob.send('hello\n')
  await hears(ann, 'bob: hello')
})

check(
  'others-only',
  'says nothing back to the sender',
  { todo: 2, anchor: 'who-hears-it', rule: 'Node.js: net' },
  async () => {
    const { ann, bob, port } = await room()
    const carl = await join(port, 'carl')
    await hears(ann, '* carl joined')
    await hears(bob, '* carl joined')
    await ann.send('from ann\n')
    await bob.send('from bob\n')
    expect(await ann.readLine(), 'the next line that ann reads, after she and bob have spoken').toBe('bob: from bob')
    await hears(bob, 'ann: from ann')
    await ann.send('again\n')
    expect(await bob.readLine(), 'the next line that bob reads').toBe('ann: again')
    for (const line of ['ann: from ann', 'bob: from bob', 'ann: again']) {
      expect(await carl.readLine(), 'the next line that carl reads, the third in the room').toBe(line)
    }
  },
)

check(
  'cuts',
  'makes lines of any chunks: byte by byte, glued, cut inside a character',
  { anchor: 'lines', rule: 'Node.js: net' },
  async () => {
    const { ann, bob } = await room()
    for (const { chunks } of chunkings(['你好, ann\n', 'second line\r\n'])) {
      await bob.send(chunks)
      await hears(ann, 'bob: 你好, ann')
      await hears(ann, 'bob: second line')
    }
  },
)

check(
  'encodes-once',
  'encodes a line once, whoever hears it',
  { todo: 2, anchor: 'who-hears-it', rule: 'Node.js: buffer, Buffer.from' },
  async () => {
    const port = await listen(createChatServer())
    const members: TcpPeer[] = []
    for (const name of ['ann', 'bob', 'carl', 'dora']) {
      const member = await join(port, name)
      for (const other of members) await hears(other, `* ${name} joined`)
      members.push(member)
    }
    const seen = writesOf((chunk) => String(chunk) === 'ann: to all of you\n')
    await members[0]!.send('to all of you\n')
    for (const member of members.slice(1)) await hears(member, 'ann: to all of you')
    const encodings = new Set(seen.map((chunk) => (chunk instanceof Uint8Array ? `${chunk.byteOffset}` : seen)))
    const isText = seen.some((chunk) => typeof chunk === 'string')
    if (isText) {
      const received = 'socket.write got text, which it encodes anew for each of the three'
      fail.state('ann said a line to three others', received, 'want the bytes, encoded once; got text')
    }
    if (encodings.size > 1) {
      const received = `you wrote ${encodings.size} buffers with the same bytes`
      fail.state('ann said a line to three others', received, `want the line encoded once, got ${encodings.size} times`)
    }
  },
)

check(
  'order',
  'keeps the order of each sender, with a hundred clients',
  { anchor: 'who-hears-it', rule: 'Node.js: net' },
  async () => {
    const port = await listen(createChatServer())
    const reader = await join(port, 'reader')
    const writers = await Promise.all(Array.from({ length: 100 }, (_, i) => join(port, `w${i}`)))
    for (let i = 0; i < 20; i++) for (const writer of writers) writer.socket.write(`${i}\n`)
    const next = new Map<string, number>()
    for (let heard = 0; heard < 2000; ) {
      const said = /^(w\d+): (\d+)$/.exec(await reader.readLine())
      if (said === null) continue
      const [, name, number] = said as unknown as [string, string, string]
      expect(Number(number), `the next line of ${name}`).toBe(next.get(name) ?? 0)
      next.set(name, Number(number) + 1)
      heard += 1
    }
  },
)

check(
  'names',
  'refuses a name that is taken, empty, too long or no name, and lets the client try again',
  { todo: 1, anchor: 'names', rule: 'Node.js: net' },
  async () => {
    const { ann, port } = await room()
    const late = await tcp(port, { name: 'late' })
    const refused = ['ann', 'bob', '', 'a'.repeat(33), '好'.repeat(33), 'two words', 'a:b', 'a.b', 'a!', '* bob left']
    for (const name of refused) {
      await late.send(`${name}\n`)
      expect(await late.readLine(), `the answer to the name ${JSON.stringify(name)}`).toMatch(/^! /)
    }
    await late.send('zoë_9\nhi\n')
    await hears(ann, '* zoë_9 joined')
    await hears(ann, 'zoë_9: hi')
    // 32 letters of any language; a part of a name that is taken, or more than it, is another name.
    for (const name of ['a'.repeat(32), '好'.repeat(32), 'jean-luc', '九٣', '_', 'an', 'anna']) {
      const peer = await join(port, name)
      await peer.send('hi\n')
      expect(await ann.readLine(), `what ann hears when ${name} comes`).toBe(`* ${name} joined`)
      expect(await ann.readLine(), `what ann hears when ${name} says hi`).toBe(`${name}: hi`)
    }
  },
)

for (const [id, way, go] of [
  ['quit', '/quit', (peer: TcpPeer) => peer.send('/QUIT\r\n')],
  ['eof', 'end of file', (peer: TcpPeer) => peer.end()],
  ['reset', 'a reset', (peer: TcpPeer) => peer.reset()],
] as const) {
  check(
    id,
    `${way}: the others hear once that somebody left, and the name is free`,
    { todo: id === 'quit' ? [] : 3, anchor: 'leaving', rule: 'Node.js: net' },
    async () => {
      const { ann, bob, port } = await room()
      await go(bob)
      await hears(ann, '* bob left')
      if (id !== 'reset') await deadline(bob.closed, 2000, `the server to end bob's connection after ${way}`)
      const again = await join(port, 'bob')
      await again.send('back\n')
      expect(await ann.readLine(), 'the line after "* bob left": once is enough').toBe('* bob joined')
      await hears(ann, 'bob: back')
    },
  )
}

check(
  'half-closed',
  'end of file: the others hear it at once, the name is free, and what waits for who left still arrives',
  { todo: 3, anchor: 'leaving', rule: 'RFC 9293 §3.6' },
  async () => {
    const port = await listen(createChatServer({ maxQueue: 64 * 1024 * 1024, maxLine: 65_536, lingerTimeout: 20_000 }))
    const ann = await join(port, 'ann')
    const first = await join(port, 'carl', { halfOpen: true })
    await hears(ann, '* carl joined')
    const bob = await join(port, 'bob')
    await hears(ann, '* bob joined')
    first.pause()
    // More than the kernel takes for him, so that the end of his connection has to wait for it.
    for (let i = 0; i < 250; i++) ann.socket.write(`${'x'.repeat(60_000)}\n`)
    await ann.send('the last\n')
    await hears(bob, 'ann: the last')
    await first.end()
    expect(await ann.readLine(), 'what ann hears when carl has ended his side').toBe('* carl left')
    const second = await join(port, 'carl')
    expect(await ann.readLine(), 'what ann hears when another carl comes').toBe('* carl joined')
    first.resume()
    await deadline(first.closed, 10_000, 'the end of the connection of the first carl')
    if (!first.unread.toString().endsWith('ann: the last\n')) {
      const received = 'his connection ended before he had everything that was said until then'
      fail.state('carl ended his side, and read on', received, 'want all that waited for carl, got less')
    }
    await second.send('still here\n')
    const next = 'what ann hears next, when the connection of the first carl has closed'
    expect(await ann.readLine(), next).toBe('carl: still here')
    await bob.send('hello\n')
    await hears(second, 'bob: hello')
  },
)

check(
  'lets-go',
  'keeps no socket of who has gone',
  { todo: 3, anchor: 'leaving', rule: 'Node.js: net, close' },
  async () => {
    const server = createChatServer()
    const port = await listen(server)
    const sockets: WeakRef<Socket>[] = []
    server.on('connection', (socket: Socket) => sockets.push(new WeakRef(socket)))
    const ann = await join(port, 'ann')
    for (const go of [(peer: TcpPeer) => peer.end(), (peer: TcpPeer) => peer.reset()]) {
      for (let i = 0; i < 5; i++) {
        const guest = await join(port, `guest${i}`)
        await hears(ann, `* guest${i} joined`)
        await go(guest)
        await hears(ann, `* guest${i} left`)
        await guest.closed
      }
    }
    const kept = (await stillKept(sockets)) - 1
    if (kept > 0) {
      const received = `${kept} sockets are still in a variable of yours`
      fail.state('ten members came and went', received, `want no socket of theirs kept, got ${kept}`)
    }
  },
)

check('after-quit', 'ignores what follows /quit', { anchor: 'leaving', rule: 'Node.js: net' }, async () => {
  const { ann, bob, port } = await room()
  await bob.send('/quit\nghost line\n')
  await hears(ann, '* bob left')
  const carl = await join(port, 'carl')
  await carl.send('hi\n')
  expect(await ann.readLine(), 'the line after "* bob left"').toBe('* carl joined')
})

check(
  'silent',
  'is not held up by a client that says nothing, or has no name yet',
  { anchor: 'names', rule: 'Node.js: net' },
  async () => {
    const { ann, bob, port } = await room()
    const silent = await misbehave.silent(port)
    await bob.send('hello\n')
    await hears(ann, 'bob: hello')
    await silent.send('sue\n')
    await hears(bob, '* sue joined')
    await bob.send('hello, sue\n')
    const heard: string[] = []
    while (heard.at(-1) !== 'bob: hello, sue') heard.push(await silent.readLine())
    expect(heard.join(', '), 'what sue hears, who had no name when bob said hello').not.toContain('bob: hello, bob')
  },
)

check('no-name', 'lets nobody wait for ever without a name', { anchor: 'names', rule: 'Node.js: timers' }, async () => {
  const port = await listen(createChatServer({ nameTimeout: 50 }))
  const silent = await tcp(port, { name: 'silent' })
  expect(await silent.readLine(), 'what a client hears that gives no name in 50 ms').toMatch(/^! /)
  await silent.expectEnd()
  // So much longer than the pauses that a busy machine does not make one of them as long.
  const dripping = await tcp(await listen(createChatServer({ nameTimeout: 200 })), { name: 'dripping' })
  const drip = setInterval(() => dripping.socket.write('x'), 10)
  cleanup(() => clearInterval(drip))
  dripping.socket.on('error', () => {})
  await deadline(dripping.closed, 2000, 'the end of a client that sends a byte every 10 ms, and no name in 200 ms')
})

check(
  'keeps-open',
  'waits a moment for who keeps its side open after /quit, and no longer',
  { anchor: 'leaving', rule: 'RFC 9293 §3.6' },
  async () => {
    const server = createChatServer({ lingerTimeout: 50 })
    const port = await listen(server)
    const accepted = once(server, 'connection') as Promise<[Socket]>
    const stays = await tcp(port, { name: 'stays', halfOpen: true })
    const [theirs] = await accepted
    const gone = once(theirs, 'close')
    await stays.send('stays\n/quit\n')
    await deadline(stays.closed, 2000, 'FIN of the server after /quit')
    await deadline(gone, 2000, 'the server to close its socket, 50 ms after /quit of a client that keeps its side open')
  },
)

check(
  'long-line',
  'ends a connection whose line is too long, and no other',
  { anchor: 'limits', rule: 'Node.js: net' },
  async () => {
    const { ann, bob, port } = await room()
    await bob.send(`${'x'.repeat(4096)}\n`)
    await hears(ann, `bob: ${'x'.repeat(4096)}`)
    const loud = await join(port, 'loud')
    await loud.send('y'.repeat(4097))
    await loud.readUntil('! ')
    await deadline(loud.closed, 2000, 'the end of a connection with a line of 4097 bytes')
    await bob.send('still here\n')
    await hears(ann, 'bob: still here')
  },
)

check('terminals', 'takes out what a terminal would obey', { anchor: 'limits', rule: 'ECMA-48 §5.4' }, async () => {
  const { ann, bob } = await room()
  await bob.send('\u001b[31mred\u001b[0m \u0007bell\u0000\u009b2J\n')
  await hears(ann, 'bob: red bell')
})

check(
  'never-reads',
  'drops a member that does not read; the others hear everything',
  {
    todo: [3, 4],
    anchor: 'somebody-who-never-reads',
    rule: 'Node.js: stream, writable.writableLength',
    timeout: 20_000,
  },
  async () => {
    const maxQueue = 256 * 1024
    const server = createChatServer({ maxQueue, maxLine: 65_536 })
    const port = await listen(server)
    const ann = await join(port, 'ann')
    const bob = await join(port, 'bob')
    const accepted = once(server, 'connection') as Promise<[Socket]>
    const sleeper = await join(port, 'sleeper')
    const [theirs] = await accepted
    sleeper.pause()
    const line = 'x'.repeat(60_000)
    let longest = 0
    // The kernel holds some megabytes for the sleeper before our own memory is touched.
    let dropped = false
    for (let round = 0; round < 400 && !dropped; round++) {
      await bob.send(`${line}\n`)
      while (!dropped) {
        const heard = await ann.readLine()
        if (heard === '* sleeper left') dropped = true
        if (heard === `bob: ${line}`) break
      }
      if (!dropped) longest = Math.max(longest, theirs.writableLength)
    }
    const waited = `${(longest / 1024).toFixed(0)} KiB waited for a member who does not read`
    if (!dropped)
      fail.state('bob said 24 MB', waited, `want the sleeper dropped over ${maxQueue / 1024} KiB, and ${waited}`)
    if (!theirs.destroyed) {
      fail.state('bob said 24 MB', 'its socket is still open', 'want the socket of the dropped member destroyed')
    }
    // A line that is just being said may wait, too.
    const limit = maxQueue + 2 * line.length
    if (longest > limit)
      fail.state('bob said 24 MB', waited, `want at most ${limit / 1024} KiB waiting, got more: ${waited}`)
    if (longest < maxQueue / 2) {
      fail.state(
        'bob said 24 MB',
        `dropped when ${waited}`,
        `want nobody dropped below ${maxQueue / 1024} KiB, and ${waited}`,
      )
    }
  },
)

check(
  'closing',
  'says goodbye to everybody and closes in a second, whoever does not read',
  { anchor: 'closing', rule: 'Node.js: net, server.close' },
  async () => {
    const server = createChatServer()
    const port = await listen(server)
    const ann = await join(port, 'ann')
    const silent = await misbehave.silent(port)
    const sleeper = await misbehave.neverReads(port)
    const closed = new Promise((resolve) => server.close(resolve))
    expect(await ann.readUntil('! '), 'what ann hears up to the goodbye').toMatch(/! $/)
    await ann.readLine()
    await ann.expectEnd()
    await deadline(closed, 1500, 'server.close() with a reader, a silent client and one that never reads')
    void silent
    void sleeper
  },
)

check(
  'by-hand',
  'runs by hand: prints its address, ends on SIGINT, explains a taken port',
  { anchor: 'two-terminals', rule: 'Node.js: process, signal events' },
  async () => {
    const server = runFile('07-tcp-chat/server.ts', ['0'])
    const port = await server.port()
    const ann = await join(port, 'ann')
    const second = runFile('07-tcp-chat/server.ts', [port])
    const { code, stderr } = await second.ends()
    expect(code, 'exit code of a second server on the same port').toBe(1)
    expect(stderr, 'what the second server says: a sentence, no stack').toMatch(new RegExp(`${port}.*taken`))
    expect(stderr).not.toContain('    at ')
    server.signal('SIGINT')
    if (process.platform !== 'win32') await ann.readUntil('! ')
    await server.ends()
  },
)

check(
  'client',
  'the client prints whole lines, says who left, and ends at end of input',
  { todo: 5, anchor: 'two-terminals', rule: 'Node.js: readline' },
  async () => {
    let clients = 0
    const server = createServer((socket) => {
      clients += 1
      socket.on('error', () => {})
      // Two lines in three chunks, cut inside a character; the client's answer ends it.
      const bytes = Buffer.from('bob: 你好\n\nbob: one\nbob: two\n* bob left\n')
      socket.write(bytes.subarray(0, 6))
      let lines = 0
      socket.on('data', (chunk) => {
        for (const byte of chunk) if (byte === 0x0a) lines += 1
        if (lines >= 1 && socket.bytesWritten === 6) socket.write(bytes.subarray(6, 8))
        if (lines >= 2) socket.end(bytes.subarray(8))
      })
    })
    const port = await listen(server)
    const client = runFile('07-tcp-chat/client.ts', [port])
    await client.line(/connected/)
    client.write('ann\n')
    client.write('more\n')
    await client.line(/^bob: 你好$/)
    await client.line(/^\* bob left$/)
    const { code, stdout } = await client.ends()
    const said = stdout.split(/\r?\n/).slice(1, 6)
    expect(said, 'what the client prints between the first line and the last').toEqual([
      'bob: 你好',
      '',
      'bob: one',
      'bob: two',
      '* bob left',
    ])
    expect(stdout.trimEnd().split('\n').at(-1), 'the last line says that the server has gone').toMatch(/server/)
    expect(code, 'exit code when the server has gone').toBe(1)
    expect(clients, 'connections that the client made').toBe(1)
  },
)

/** A room with ann and bob in it, all notices read. */
async function room(): Promise<{ ann: TcpPeer; bob: TcpPeer; port: number }> {
  const port = await listen(createChatServer())
  const ann = await join(port, 'ann')
  const bob = await join(port, 'bob')
  await hears(ann, '* bob joined')
  return { ann, bob, port }
}

/** Connects, and gives a name. */
async function join(port: number, name: string, { halfOpen = false } = {}): Promise<TcpPeer> {
  const peer = await tcp(port, { name, halfOpen })
  await peer.send(`${name}\n`)
  return peer
}

/** What is written to any socket from now on, when it is wanted. */
function writesOf(isWanted: (chunk: unknown) => boolean): unknown[] {
  const seen: unknown[] = []
  const { write } = Socket.prototype
  cleanup(() => {
    Socket.prototype.write = write
  })
  Socket.prototype.write = function (this: Socket, ...args: unknown[]) {
    if (isWanted(args[0])) seen.push(args[0])
    return Reflect.apply(write, this, args) as boolean
  }
  return seen
}

/** Reads lines up to this one. */
async function hears(peer: TcpPeer, line: string): Promise<void> {
  while ((await peer.readLine()) !== line);
}
