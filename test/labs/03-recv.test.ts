import { getEventListeners, once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { EndOfStream, type ReadOptions, SocketReader } from '#lab/03-recv/reader.ts'
import {
  check,
  chunkings,
  cleanup,
  deadline,
  expect,
  listen,
  type TcpPeer,
  tcp,
} from '../../workbook/grade/checks/check.ts'

interface Conversation {
  peer: TcpPeer
  socket: Socket
  reader: SocketReader
}

/** A peer, and the lab's reader on the other end of its connection. */
async function conversation(): Promise<Conversation> {
  const server = createServer()
  const port = await listen(server)
  const accepted = once(server, 'connection') as Promise<[Socket]>
  const peer = await tcp(port)
  const [socket] = await accepted
  return { peer, socket, reader: new SocketReader(socket) }
}

function settled<T>(read: Promise<T>, what: string): Promise<T> {
  return deadline(read, 2000, `${what} to settle`)
}

/** What a read rejects with. */
async function failure(read: Promise<unknown>, what: string): Promise<Error> {
  const outcome = await settled(
    read.catch((error: unknown) => error),
    what,
  )
  if (!(outcome instanceof Error)) expect.fail(`${what}: want an error, got ${JSON.stringify(String(outcome))}`)
  return outcome
}

/** The three kinds of read, each of which a silent peer keeps waiting. */
const kinds: { name: string; read(reader: SocketReader, options: ReadOptions): Promise<unknown> }[] = [
  { name: 'recv(10)', read: (reader, options) => reader.recv(10, options) },
  { name: 'readExactly(10)', read: (reader, options) => reader.readExactly(10, options) },
  { name: "readUntil('\\n', 10)", read: (reader, options) => reader.readUntil('\n', 10, options) },
]

/** Waits for something that has no event. */
async function until(met: () => boolean, what: string): Promise<void> {
  const start = performance.now()
  while (!met()) {
    if (performance.now() - start > 3000) expect.fail(`waited 3 s for ${what}`)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

check(
  'recv-max',
  'recv returns at most max bytes, and the rest stays for the next read',
  { todo: 1, anchor: 'a-maximum', rule: 'recv(2)' },
  async () => {
    const { peer, reader } = await conversation()
    await peer.send('hello world')
    expect(String(await settled(reader.recv(5), 'recv(5)')), 'recv(5) of "hello world"').toBe('hello')
    expect(String(await settled(reader.recv(100), 'recv(100)')), 'recv(100) of the rest').toBe(' world')
  },
)

check(
  'recv-waits',
  'recv waits for bytes, and is content with one',
  { anchor: 'a-maximum', rule: 'recv(2)' },
  async () => {
    const { peer, reader } = await conversation()
    const read = reader.recv(1024)
    await peer.send('x')
    expect(String(await settled(read, 'recv(1024)')), 'recv(1024), when one byte has come').toBe('x')
  },
)

check(
  'recv-end',
  'at the end recv gives null, as often as it is asked',
  { anchor: 'nothing-is-not-the-end', rule: 'RFC 9293 §3.6' },
  async () => {
    const { peer, socket, reader } = await conversation()
    await peer.send('bye')
    await peer.end()
    expect(String(await settled(reader.recv(3), 'recv(3)')), 'the bytes before the end').toBe('bye')
    expect(await settled(reader.recv(3), 'recv at the end'), 'recv at the end').toBe(null)
    if (!socket.closed) await deadline(once(socket, 'close'), 2000, 'the socket to close')
    expect(await settled(reader.recv(3), 'recv after the end'), 'recv after the socket has closed').toBe(null)
    const late = new SocketReader(socket)
    expect(await settled(late.recv(3), 'a new reader’s recv'), 'a reader on a socket that has ended').toBe(null)
  },
)

check(
  'exactly-any-cut',
  'readExactly gives the same bytes, wherever the stream was cut',
  { todo: 2, anchor: 'exactly', rule: 'Node stream, readable.read' },
  async () => {
    for (const { name, chunks } of chunkings(['abc', 'defgh', '好!!!'])) {
      const { peer, reader } = await conversation()
      const sent = peer.send(chunks)
      const got: Buffer[] = []
      for (const length of [4, 4, 3, 3]) got.push(await settled(reader.readExactly(length), `readExactly(${length})`))
      await sent
      expect(got.map(String), `4, 4, 3 and 3 bytes, ${name}`).toEqual(['abcd', 'efgh', '好', '!!!'])
    }
  },
)

check(
  'exactly-sizes',
  'no bytes at all, or more than any buffer holds: readExactly gives as many as it was asked for',
  { todo: 2, anchor: 'exactly', rule: 'Node stream, readable.read' },
  async () => {
    const { peer, reader } = await conversation()
    const nothing = await settled(reader.readExactly(0), 'readExactly(0)')
    expect(nothing.length, 'length of readExactly(0), when nothing has come').toBe(0)
    const long = Buffer.alloc(300_000, 'abcdefg')
    const read = reader.readExactly(long.length)
    await peer.send(long)
    const got = await settled(read, 'readExactly(300000)')
    expect(got).toBeBytes(long, { action: 'readExactly(300000)' })
  },
)

check(
  'exactly-end',
  'an end that comes too early is an error, and the bytes before it are not lost',
  { todo: 2, anchor: 'exactly', rule: 'RFC 9293 §3.6' },
  async () => {
    const { peer, reader } = await conversation()
    const read = reader.readExactly(8)
    await peer.send('abc')
    await peer.end()
    const error = await failure(read, 'readExactly(8), when the stream ends after 3 bytes')
    expect(error, 'the error').toBeInstanceOf(EndOfStream)
    expect(`${(error as EndOfStream).received}`, 'bytes received, as the error tells').toBe('3')
    const again = await failure(reader.readExactly(5), 'readExactly(5), asked for at the end')
    expect(`${(again as EndOfStream).received}`, 'bytes received, as the second error tells').toBe('3')
    expect(String(await settled(reader.recv(10), 'recv(10)')), 'what recv(10) gives then').toBe('abc')
  },
)

check(
  'until-any-cut',
  'readUntil finds its delimiter, even when it comes in two halves',
  { todo: 3, anchor: 'up-to-a-delimiter', rule: 'RFC 9112 §2.1' },
  async () => {
    const heads = ['GET / HTTP/1.1\r\nHost: 好\r\n\r\n', '\r\n\r\n', 'a\r\n\r\r\n\r\n']
    for (const { name, chunks } of chunkings(heads)) {
      const { peer, reader } = await conversation()
      const sent = peer.send(chunks)
      for (const [i, head] of heads.entries()) {
        const got = String(await settled(reader.readUntil('\r\n\r\n', 100), 'readUntil'))
        expect(got, `head ${i + 1} of three, ${name}`).toBe(head)
      }
      await sent
    }
    const { peer, reader } = await conversation()
    const read = reader.readUntil(Uint8Array.of(0), 100)
    await peer.send(['one\0', 'two'])
    expect(await settled(read, 'readUntil')).toBeBytes('6f 6e 65 00', { action: 'readUntil a byte 00' })
    expect(await settled(reader.recv(10), 'recv(10)')).toBeBytes('74 77 6f', { action: 'recv(10) of what was left' })
  },
)

check(
  'until-max',
  'a delimiter that is not within max bytes is an error, as soon as that is certain',
  { todo: 3, anchor: 'up-to-a-delimiter', rule: 'RFC 9112 §3' },
  async () => {
    const { peer, reader } = await conversation()
    const fits = reader.readUntil('\r\n', 5)
    await peer.send('12345\r\n')
    expect(String(await settled(fits, 'a line of 5 bytes')), 'five bytes and the delimiter').toBe('12345\r\n')

    const endless = reader.readUntil('\r\n', 5)
    await peer.send('123456\r')
    const error = await failure(endless, 'readUntil with max 5, after six bytes without the delimiter')
    expect(error, 'the error').toBeInstanceOf(RangeError)

    const other = await conversation()
    const glued = other.reader.readUntil('\n', 5)
    await other.peer.send('123456\n')
    expect(await failure(glued, 'readUntil with max 5, of "123456\\n"')).toBeInstanceOf(RangeError)

    // More than max bytes have come, and the delimiter still begins in time.
    for (const delimiter of ['\r\n', '\r\n\r\n']) {
      const { peer, reader, socket } = await conversation()
      const read = reader.readUntil(delimiter, 5).catch((error: Error) => `${error.name}: ${error.message}`)
      await peer.send('12345\r')
      await until(() => socket.bytesRead === 6, 'the first six bytes')
      await peer.send('\n\r\nthe next line')
      const got = String(await settled(read, 'readUntil with max 5, of "12345\\r", then "\\n\\r\\n"'))
      expect(got, 'readUntil with max 5, of "12345\\r", then "\\n\\r\\n"').toBe(`12345${delimiter}`)
    }
  },
)

check(
  'until-effort',
  'readUntil looks at each byte once, however small the pieces',
  { todo: 3, anchor: 'up-to-a-delimiter', rule: 'RFC 9112 §9.3' },
  async () => {
    // In both the same bytes come, and only one has to look at them.
    const exactly = await computedFor((reader, length) => reader.readExactly(length))
    const until = await computedFor((reader, length) => reader.readUntil('\r\n\r\n', length))
    if (until > 4 * exactly + 50) {
      expect.fail('48 kB in pieces of 8 bytes: it computed as if each piece were searched with all that came before it')
    }
  },
)

/** The time that one read computes when its bytes come in 6,000 pieces, in milliseconds. */
async function computedFor(read: (reader: SocketReader, length: number) => Promise<Buffer>): Promise<number> {
  const pieces = 6000
  const stream = idle()
  const outcome = read(new SocketReader(stream), pieces * 8 + 2)
  const before = process.cpuUsage()
  for (let i = 0; i < pieces; i++) {
    stream.push('\r\r\r\n\r\r\r\n')
    // Each is a 'readable' of its own.
    await new Promise(process.nextTick)
  }
  stream.push('\r\n')
  const { length } = await settled(outcome, 'a read of 6,000 pieces')
  if (length !== pieces * 8 + 2) expect.fail(`a read of 6,000 pieces: want ${pieces * 8 + 2} bytes, got ${length}`)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

check(
  'until-end',
  'an end before the delimiter is an error',
  { todo: 3, anchor: 'up-to-a-delimiter', rule: 'RFC 9293 §3.6' },
  async () => {
    const { peer, reader } = await conversation()
    const read = reader.readUntil('\n', 100)
    await peer.send('no line feed')
    await peer.end()
    const error = await failure(read, 'readUntil, when the stream ends before')
    expect(error, 'the error').toBeInstanceOf(EndOfStream)
    expect(`${(error as EndOfStream).received}`, 'bytes received, as the error tells').toBe('12')
    expect(String(await settled(reader.recv(100), 'recv(100)')), 'what recv(100) gives then').toBe('no line feed')
  },
)

check(
  'lines',
  'readLine gives lines without LF or CRLF, and null at the end',
  { todo: 3, anchor: 'up-to-a-delimiter', rule: 'RFC 3629 §3' },
  async () => {
    for (const { name, chunks } of chunkings(['grüß dich\n', '\n', 'quit\r\n', '好'])) {
      const { peer, reader } = await conversation()
      const sent = peer.send(chunks)
      for (const line of ['grüß dich', '', 'quit']) {
        expect(await settled(reader.readLine(), 'readLine'), `a line, ${name}`).toBe(line)
      }
      await sent
      await peer.end()
      expect(await failure(reader.readLine(), 'a last line without its end'), name).toBeInstanceOf(EndOfStream)
      await settled(reader.recv(10), 'recv(10)')
      expect(await settled(reader.readLine(), 'readLine at the end'), `at the end, ${name}`).toBe(null)
    }
  },
)

check(
  'in-turn',
  'reads that overlap are served in the order of their calls',
  { todo: [2, 3, 4], anchor: 'taking-turns', rule: 'ECMAScript, Promise jobs' },
  async () => {
    const { peer, reader } = await conversation()
    const reads = [reader.readExactly(3), reader.readLine(), reader.readExactly(2)]
    await peer.send([...'abcline\nde'])
    const got = await settled(Promise.all(reads), 'three reads')
    expect(got.map(String), '3 bytes, a line and 2 bytes, asked for before any came').toEqual(['abc', 'line', 'de'])

    const single = Array.from({ length: 100 }, () => reader.readExactly(1))
    const text = 'ten bytes.'.repeat(10)
    await peer.send([text.slice(0, 55), text.slice(55)])
    const bytes = await settled(Promise.all(single), '100 reads of one byte')
    expect(bytes.join(''), '100 reads of one byte, asked for before any came').toBe(text)
  },
)

check(
  'nobody-reads',
  'while nobody reads, nothing is taken from the socket',
  { todo: 4, anchor: 'taking-turns', rule: 'Node stream, backpressure' },
  async () => {
    const server = createServer()
    const port = await listen(server)
    const accepted = once(server, 'connection') as Promise<[Socket]>
    const client = connect(port, '127.0.0.1').on('error', () => {})
    cleanup(() => client.destroy())
    const [socket] = await accepted
    const reader = new SocketReader(socket)
    const total = 16 * 1024 * 1024
    client.write(Buffer.alloc(total))
    await settled(reader.recv(10), 'recv(10)')
    const filled = (): boolean =>
      socket.readableLength >= socket.readableHighWaterMark || socket.bytesRead > 1024 * 1024
    await until(filled, 'the socket’s own buffer to fill')
    if (socket.bytesRead > 1024 * 1024) expect.fail('one recv(10), and more than 1 MiB was taken from the socket')
    // The first of these found more than all of them want.
    for (let i = 0; i < 40; i++) {
      await settled(reader.recv(10), 'recv(10)')
      await until(filled, 'the socket’s own buffer to fill')
    }
    if (socket.bytesRead > 1024 * 1024) expect.fail('40 times recv(10), and more than 1 MiB was taken from the socket')
  },
)

check(
  'timeout',
  'a read gives up after its timeout, and takes no bytes with it',
  { todo: 5, anchor: 'giving-up', rule: 'Node timers, setTimeout' },
  async () => {
    const { peer, reader } = await conversation()
    const start = performance.now()
    const error = await failure(reader.recv(10, { timeout: 30 }), 'recv with a timeout of 30 ms, of a silent peer')
    expect(error.name, 'the name of the error').toBe('TimeoutError')
    expect(error, 'the error').toBeInstanceOf(DOMException)
    expect(performance.now() - start, 'milliseconds until it gave up').toBeGreaterThan(28)
    // Each kind of read, without a signal and with one that is never aborted; at once, when 0 ms are given.
    const { signal } = new AbortController()
    for (const { name, read } of kinds) {
      for (const options of [{ timeout: 10 }, { timeout: 0 }, { timeout: 10, signal }]) {
        const what = `${name} with a timeout of ${options.timeout} ms${'signal' in options ? ' and a signal' : ''}`
        expect((await failure(read(new SocketReader(idle()), options), what)).name, what).toBe('TimeoutError')
      }
    }
    await peer.send('late')
    expect(String(await settled(reader.recv(10), 'the next recv')), 'what the next recv gives').toBe('late')
    expect(String(await settled(quickly(peer, reader), 'recv')), 'a recv that is served in time').toBe('in time')

    // A read that is served leaves no timer that could harm the next one.
    await peer.send('xyz')
    await settled(reader.readExactly(1), 'readExactly(1)')
    await settled(reader.recv(1, { timeout: 5 }), 'recv(1), when two bytes are there')
    const patient = reader.readExactly(3)
    await failure(new SocketReader(idle()).recv(1, { timeout: 10 }), 'recv with a timeout of 10 ms, of a silent peer')
    await peer.send('!?')
    const got = String(await settled(patient, 'a readExactly(3) behind a recv that was served in time'))
    expect(got, 'readExactly(3) behind a recv that was served in time').toBe('z!?')
  },
)

/** A stream on which nothing comes: for a read that gives up, as good as a silent peer. */
function idle(): Socket {
  const stream = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() })
  cleanup(() => stream.destroy())
  return stream as Socket
}

async function quickly(peer: TcpPeer, reader: SocketReader): Promise<Buffer | null> {
  const read = reader.recv(10, { timeout: 5000 })
  await peer.send('in time')
  return read
}

check(
  'timeout-next',
  'when the first read gives up, the one behind it gets the bytes',
  { todo: [2, 5], anchor: 'giving-up', rule: 'Node timers, setTimeout' },
  async () => {
    const { peer, reader } = await conversation()
    await peer.send('xabc')
    // Now the other three bytes are here, too: however busy the machine, they come before the timeout.
    await settled(reader.readExactly(1), 'readExactly(1)')
    const patient = failure(reader.readExactly(100, { timeout: 30 }), 'readExactly(100), when 3 bytes have come')
    const modest = reader.readExactly(3)
    modest.catch(() => {})
    expect((await patient).name, 'the name of the error').toBe('TimeoutError')
    expect(String(await settled(modest, 'readExactly(3)')), 'the read behind it').toBe('abc')
  },
)

check(
  'abort',
  'a read gives up when its signal is aborted, with the signal’s reason',
  { todo: 5, anchor: 'giving-up', rule: 'Node globals, AbortSignal' },
  async () => {
    const { peer, reader } = await conversation()
    const controller = new AbortController()
    const read = failure(reader.readLine(100, { signal: controller.signal }), 'a read whose signal is aborted')
    const reason = new Error('changed my mind')
    controller.abort(reason)
    expectReason(await read, reason)
    for (const { name, read } of kinds) {
      const late = read(reader, { signal: controller.signal })
      expectReason(await failure(late, `${name}, whose signal was aborted before`), reason)
      const other = new AbortController()
      const both = failure(
        read(reader, { signal: other.signal, timeout: 60_000 }),
        `${name} with a signal and a timeout`,
      )
      other.abort(reason)
      expectReason(await both, reason)
    }
    await peer.send('x')
    expect(String(await settled(reader.recv(1), 'the next recv')), 'what the next recv gives').toBe('x')
  },
)

/** Two errors may look alike, and only one is the reason. */
function expectReason(error: Error, reason: Error): void {
  if (error !== reason) expect.fail(`the error: want the reason that the signal has, got another ${error.name}`)
}

check(
  'nothing-left',
  'a read leaves no timer and no listener behind',
  { anchor: 'giving-up', rule: 'Node events, MaxListenersExceededWarning' },
  async () => {
    const { peer, socket, reader } = await conversation()
    const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    const counts = (): number[] =>
      ['readable', 'data', 'end', 'error', 'close'].map((event) => socket.listenerCount(event))
    const [timersBefore, countsBefore] = [timers(), counts()]
    const { signal } = new AbortController()
    for (let i = 0; i < 20; i++) {
      const read = reader.recv(1, { signal, timeout: 60_000 })
      await peer.send('x')
      await settled(read, 'recv(1)')
    }
    const left = getEventListeners(signal, 'abort').length
    if (left > 0) expect.fail(`20 reads were settled, and ${left} listeners are left on their signal`)
    expect(counts(), 'listeners on the socket').toEqual(countsBefore)
    // Others have timers too, and some of them end meanwhile.
    if (timers() >= timersBefore + 10) expect.fail('20 reads were settled, and their timers still run')
  },
)

check(
  'reset',
  'a reset fails every read that waits, and harms nobody',
  { anchor: 'giving-up', rule: 'Node errors, ECONNRESET' },
  async () => {
    const { peer, reader } = await conversation()
    const errors = [1, 2, 3].map((max) => failure(reader.recv(max), 'a read, when the peer resets'))
    await peer.reset()
    for (const error of await Promise.all(errors)) expect((error as NodeJS.ErrnoException).code).toBe('ECONNRESET')

    const other = await conversation()
    const waiting = failure(other.reader.readLine(), 'a read, when we destroy the socket')
    other.socket.destroy()
    await waiting
  },
)

check(
  'no-waiting-for-others',
  'a peer that says nothing keeps nobody else waiting',
  { anchor: 'who-is-blocked', rule: 'Node guide, the event loop' },
  async () => {
    const [silent, other] = [await conversation(), await conversation()]
    const forever = silent.reader.readLine().catch(() => {})
    const read = other.reader.readLine()
    await other.peer.send('hello\n')
    await settled(read, 'the read of another connection')
    silent.socket.destroy()
    await settled(forever, 'the read of the silent peer')
  },
)
