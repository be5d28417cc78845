import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { encodeLengthPrefixed, encodeLine, LengthPrefixedDecoder, LineDecoder } from '#lab/02-tcp-vs-udp/framing.ts'
import { createTcpEcho } from '#lab/02-tcp-vs-udp/tcp-echo.ts'
import { createUdpEcho } from '#lab/02-tcp-vs-udp/udp-echo.ts'
import {
  bindUdp,
  check,
  chunkings,
  cleanup,
  deadline,
  expect,
  listen,
  misbehave,
  note,
  runFile,
  tcp,
  udp,
} from '../../workbook/grade/checks/check.ts'

/** Our own framing, so that a lab's decoder is not fed by its own encoder. */
function framed(message: string | Uint8Array): Buffer {
  const bytes = Buffer.from(message as string)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

function cutAt(bytes: Buffer, ...offsets: number[]): Buffer[] {
  const starts = [0, ...offsets]
  return starts.map((start, i) => bytes.subarray(start, starts[i + 1]))
}

/** Repeatable "random" numbers from 0 to 1, so that a failing cut fails again. */
function numbers(seed: number): () => number {
  return () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
    return seed / 2 ** 32
  }
}

function decodeLengths(chunks: Uint8Array[]): string[] {
  const decoder = new LengthPrefixedDecoder()
  const messages = chunks.flatMap((chunk) => decoder.push(chunk)).map(String)
  decoder.end()
  return messages
}

function decodeLines(chunks: Uint8Array[]): string[] {
  const decoder = new LineDecoder()
  const lines = chunks.flatMap((chunk) => decoder.push(chunk))
  decoder.end()
  return lines
}

check(
  'length-first',
  'the length stands in front, in 4 bytes, most significant first',
  { todo: 1, anchor: 'a-length-in-front', rule: 'RFC 1700, network byte order' },
  () => {
    for (const [message, wire] of [
      ['Hello', '00 00 00 05 48 65 6c 6c 6f'],
      ['', '00 00 00 00'],
      ['好', '00 00 00 03 e5 a5 bd'],
      ['two\nlines', '00 00 00 09 74 77 6f 0a 6c 69 6e 65 73'],
    ] as const) {
      expect(encodeLengthPrefixed(Buffer.from(message))).toBeBytes(wire, {
        action: `encodeLengthPrefixed of ${JSON.stringify(message)}`,
      })
    }
    const long = encodeLengthPrefixed(new Uint8Array(0x012345))
    expect(long.subarray(0, 4)).toBeBytes('00 01 23 45', { action: 'the length of 74,565 bytes' })
    expect(long.length, 'bytes on the wire for a message of 74,565').toBe(4 + 0x012345)
  },
)

// 48 bytes of wire: empty messages, a line feed inside, a character of three bytes, and one that looks like a length.
const messages = ['m0', '', 'a\nb', '好', '\0\0\0\u0005', 'the last', '']
const wire = Buffer.concat(messages.map(framed))

/** An assertion costs more than a decoding, so there is one only where the messages differ. */
function expectMessages(chunks: Uint8Array[], cut: string): void {
  const got = decodeLengths(chunks)
  if (got.join('|') !== messages.join('|')) expect(got, `the same messages, ${cut}`).toEqual(messages)
}

check(
  'length-any-cut',
  'the messages come out whole, wherever the stream was cut',
  { todo: 2, anchor: 'a-length-in-front', rule: 'RFC 9293 §3.8' },
  () => {
    for (const { name, chunks } of chunkings(messages.map(framed))) {
      expect(decodeLengths(chunks), `the same messages, ${name}`).toEqual(messages)
    }
    for (let first = 0; first <= wire.length; first++) {
      for (let second = first; second <= wire.length; second++) {
        expectMessages(cutAt(wire, first, second), `cut at ${first} and ${second}`)
      }
    }
  },
)

check(
  'length-random-cuts',
  'a thousand random cuts change nothing',
  { todo: 2, anchor: 'a-length-in-front', rule: 'RFC 9293 §3.8' },
  () => {
    const random = numbers(1)
    for (let run = 0; run < 1000; run++) {
      const offsets = Array.from({ length: Math.floor(random() * 12) }, () => Math.floor(random() * wire.length))
      offsets.sort((a, b) => a - b)
      expectMessages(cutAt(wire, ...offsets), `cut at ${offsets.join(', ')}`)
    }
  },
)

check(
  'length-own-memory',
  'a message is a copy: plain bytes in, and the chunk may be used again',
  { todo: 2, anchor: 'a-length-in-front', rule: 'Node buffer, Buffer.from and subarray' },
  () => {
    const chunk = new Uint8Array(256 * 1024)
    chunk.set(framed('keep me'))
    const [message] = new LengthPrefixedDecoder().push(chunk.subarray(0, 11))
    chunk.fill(0x78)
    expect(String(message), 'a message after its chunk was written over').toBe('keep me')
    expect(message!.buffer, 'the memory of the message').not.toBe(chunk.buffer)
    // Node cuts small buffers from a pool: of 8 KiB, and of 64 KiB since Node 24.
    const { byteLength } = message!.buffer
    expect(byteLength, 'memory that a message of 7 bytes holds on to').toBeLessThanOrEqual(Buffer.poolSize)
  },
)

check(
  'length-limit',
  'a length over the limit is refused at once, and the decoder stays broken',
  { todo: [2, 3], anchor: 'what-the-other-side-may-ask-for', rule: 'RFC 9293 §3.8' },
  () => {
    const decoder = new LengthPrefixedDecoder({ maxLength: 5 })
    expect(decoder.push(framed('12345')).map(String), 'a message as long as maxLength').toEqual(['12345'])
    const tooLong = cutAt(framed('123456'), 4)[0]!
    expect(() => decoder.push(tooLong), 'only the length has come, and it says 6').toThrow(/6/)
    expect(() => decoder.push(framed('ok')), 'more bytes after a refused length').toThrow()
    expect(() => decoder.end(), 'the end after a refused length').toThrow()

    // With the top bit set, a length read as signed would be below every limit.
    const huge = Buffer.from('ffffffff', 'hex')
    expect(() => new LengthPrefixedDecoder().push(huge), 'a length of 4,294,967,295').toThrow(/4294967295/)
  },
)

check(
  'length-end',
  'an end inside a message says how many bytes are missing',
  { todo: [2, 3], anchor: 'what-the-other-side-may-ask-for', rule: 'RFC 9293 §3.6' },
  () => {
    for (const [bytes, missing] of [
      [wire.subarray(0, -1), 1],
      [framed('twelve bytes').subarray(0, 7), 9],
      [framed('twelve bytes').subarray(0, 4), 12],
      [framed('x').subarray(0, 3), 1],
    ] as const) {
      const decoder = new LengthPrefixedDecoder()
      decoder.push(bytes)
      expect(() => decoder.end(), `the stream ends, ${missing} missing`).toThrow(new RegExp(`\\b${missing}\\b`))
    }
    const fresh = new LengthPrefixedDecoder()
    fresh.end()
    expect(fresh.push(new Uint8Array()), 'no bytes').toEqual([])
  },
)

check(
  'length-linear',
  'a byte costs the same when a mebibyte is already there',
  { todo: 2, anchor: 'what-the-other-side-may-ask-for', rule: 'Node buffer, Buffer.concat' },
  () => {
    const decoder = new LengthPrefixedDecoder()
    decoder.push(framed(new Uint8Array(1024 * 1024)).subarray(0, 4))
    expectSameCost((chunk) => decoder.push(chunk))
    const [message] = decoder.push(new Uint8Array(1024 * 1024 - 1_000_000 - 2 * 8 * 64))
    expect(message?.length, 'length of the message').toBe(1024 * 1024)
  },
)

/** Pushes single bytes onto little and onto much; whoever copies what is there on every push is a hundred times slower. */
function expectSameCost(push: (chunk: Uint8Array) => unknown): void {
  const first = fastest()
  push(new Uint8Array(1_000_000).fill(0x61))
  const last = fastest()
  if (last > 20 * first) expect.fail('a byte costs more than 20 times as much after a million bytes')

  /** The fastest of several rounds, since a busy machine slows some of them down. */
  function fastest(): number {
    const times = Array.from({ length: 8 }, () => {
      const start = performance.now()
      for (let i = 0; i < 64; i++) push(Buffer.from('a'))
      return performance.now() - start
    })
    return Math.min(...times)
  }
}

check('line-encode', 'a line ends with a line feed', { anchor: 'a-line-feed-behind', rule: 'RFC 3629 §3' }, () => {
  expect(encodeLine('好')).toBeBytes('e5 a5 bd 0a', { action: 'encodeLine of 好' })
  expect(encodeLine('')).toBeBytes('0a', { action: 'encodeLine of the empty text' })
})

check(
  'line-encode-break',
  'a text with a line break in it is refused',
  { todo: 4, anchor: 'a-line-feed-behind', rule: 'RFC 9112 §2.2' },
  () => {
    for (const text of ['two\nlines', '\n', 'ends\n', 'CR at the end\r', 'a\r\nb']) {
      expect(() => encodeLine(text), `encodeLine(${JSON.stringify(text)})`).toThrow()
    }
  },
)

check(
  'line-any-cut',
  'lines come out whole, wherever the stream was cut, inside a character too',
  { todo: 5, anchor: 'a-line-feed-behind', rule: 'RFC 3629 §3' },
  () => {
    const lines = ['m0', '', 'grüß dich', '你好', '👩‍🚀', 'x']
    const bytes = lines.map((line) => Buffer.from(`${line}\n`))
    for (const { name, chunks } of chunkings(bytes)) {
      expect(decodeLines(chunks), `the same lines, ${name}`).toEqual(lines)
    }
    const all = Buffer.concat(bytes)
    for (let at = 0; at <= all.length; at++) expect(decodeLines(cutAt(all, at)), `cut at ${at}`).toEqual(lines)
  },
)

check(
  'line-crlf',
  'CRLF ends a line as LF does, even when it is cut in two',
  { todo: 5, anchor: 'a-line-feed-behind', rule: 'RFC 9112 §2.2' },
  () => {
    const all = Buffer.from('quit\r\n\r\na\rb\r\n')
    for (let at = 0; at <= all.length; at++) {
      expect(decodeLines(cutAt(all, at)), `cut at ${at}`).toEqual(['quit', '', 'a\rb'])
    }
  },
)

check(
  'line-limit',
  'a line without an end is refused once it is over the limit',
  { todo: 5, anchor: 'what-the-other-side-may-ask-for', rule: 'RFC 9112 §3' },
  () => {
    const decoder = new LineDecoder({ maxLength: 5 })
    expect(decoder.push(Buffer.from('12345\n123')), 'a line as long as maxLength').toEqual(['12345'])
    expect(() => decoder.push(Buffer.from('456')), 'six bytes, and no line feed').toThrow(RangeError)
    expect(() => decoder.push(Buffer.from('\n')), 'the line feed after all').toThrow(RangeError)

    const characters = new LineDecoder({ maxLength: 5 })
    expect(() => characters.push(Buffer.from('你好\n')), 'two characters, six bytes').toThrow(RangeError)
  },
)

check(
  'line-end',
  'an end inside a line is an error',
  { todo: 5, anchor: 'what-the-other-side-may-ask-for', rule: 'RFC 9293 §3.6' },
  () => {
    const decoder = new LineDecoder()
    decoder.push(Buffer.from('whole\nhal'))
    expect(() => decoder.end(), 'the stream ends after "hal"').toThrow(/3/)
    const done = new LineDecoder()
    expect(done.push(Buffer.from('whole\n')), 'a whole line').toEqual(['whole'])
    done.end()
  },
)

check(
  'line-linear',
  'a byte costs the same when the line is already long',
  { todo: 5, anchor: 'what-the-other-side-may-ask-for', rule: 'Node buffer, Buffer.concat' },
  () => {
    const decoder = new LineDecoder()
    expectSameCost((chunk) => decoder.push(chunk))
    expect(decoder.push(Buffer.from('\n'))[0]?.length, 'length of the line').toBe(1_000_000 + 2 * 8 * 64)
  },
)

check(
  'tcp-echo',
  'the TCP server sends back every byte, a mebibyte too',
  { anchor: 'two-servers', rule: 'RFC 862' },
  async () => {
    const port = await listen(createTcpEcho())
    for (const { name, chunks } of chunkings('one\ntwo\n好')) {
      const peer = await tcp(port, { name })
      await peer.send(chunks)
      expect(await peer.read(11)).toBeBytes('one\ntwo\n好', { action: `echo of 11 bytes, ${name}`, text: true })
    }
    const long = Buffer.from(new Uint32Array(256 * 1024).map((_, i) => Math.imul(i, 2654435761)).buffer)
    const socket = raw(port)
    socket.write(long)
    const chunks: Buffer[] = []
    let length = 0
    const all = new Promise<void>((resolve) => {
      socket.on('data', (chunk: Buffer) => {
        chunks.push(chunk)
        length += chunk.length
        if (length >= long.length) resolve()
      })
    })
    await deadline(all, 3000, 'a mebibyte to come back')
    expect(Buffer.concat(chunks).equals(long), 'the same bytes in the same order').toBe(true)
  },
)

/** A connection without a time line, for more bytes than one could show. */
function raw(port: number): Socket {
  const socket = connect(port, '127.0.0.1').on('error', () => {})
  cleanup(() => socket.destroy())
  return socket
}

check(
  'tcp-half-close',
  'a client that ends first still gets its whole echo, then the end',
  { anchor: 'two-servers', rule: 'RFC 9293 §3.6' },
  async () => {
    const port = await listen(createTcpEcho())
    const peer = await tcp(port, { halfOpen: true })
    await peer.send('last words')
    await peer.end()
    expect(await peer.readAll()).toBeBytes('last words', { action: 'sent ten bytes, then FIN', text: true })

    const long = Buffer.alloc(2 * 1024 * 1024, 'x')
    const socket = raw(port)
    socket.end(long)
    let length = 0
    socket.on('data', (chunk: Buffer) => {
      length += chunk.length
    })
    await deadline(once(socket, 'end'), 3000, 'the end after the echo')
    expect(length, 'bytes of the echo before its end').toBe(long.length)
  },
)

check(
  'tcp-reset',
  'a client that resets harms nobody',
  { todo: 6, anchor: 'two-servers', rule: 'Node errors, ECONNRESET' },
  async () => {
    const port = await listen(createTcpEcho())
    const calm = await tcp(port, { name: 'a calm peer' })
    await misbehave.silent(port)
    for (let i = 0; i < 3; i++) await misbehave.reset(port, 'boom')
    // The other end hears of a reset in a later turn; an answered round trip is later still.
    await calm.send('still there?')
    expect(String(await calm.read(12)), 'the echo to another client').toBe('still there?')
  },
)

check(
  'tcp-never-reads',
  'for a client that never reads, the server stops reading instead of piling up',
  { todo: 6, anchor: 'two-servers', rule: 'Node stream, backpressure' },
  async () => {
    const server = createTcpEcho()
    const port = await listen(server)
    const accepted = once(server, 'connection')
    const client = raw(port)
    client.pause()
    const [socket] = (await accepted) as [Socket]
    let most = 0
    socket.on('data', () => {
      most = Math.max(most, socket.writableLength)
    })
    const total = 16 * 1024 * 1024
    const taken = new Promise((resolve) => client.write(Buffer.alloc(total), resolve))
    // Either the server stops reading, or it takes everything; then the client reads after all.
    await deadline(Promise.race([once(socket, 'pause'), taken]), 3000, 'the server to stop reading')
    let echoed = 0
    const all = new Promise<void>((resolve) => {
      client.on('data', (chunk: Buffer) => {
        echoed += chunk.length
        if (echoed === total) resolve()
      })
    })
    client.resume()
    await deadline(all, 5000, 'the whole echo, once the client reads')
    if (most > 1024 * 1024) expect.fail('more than 1 MiB waited in the server')
  },
)

check(
  'udp-echo',
  'the UDP server sends each datagram back to its sender, whole',
  { todo: 7, anchor: 'two-servers', rule: 'RFC 768' },
  async () => {
    const port = await bindUdp(createUdpEcho())
    const [ada, grace] = [await udp({ name: 'Ada' }), await udp({ name: 'Grace' })]
    await ada.send('from Ada', port)
    await grace.send('from Grace', port)
    expect(await ada.receive()).toBeBytes('from Ada', { action: 'two senders, each its own text', text: true })
    expect(await grace.receive()).toBeBytes('from Grace', { action: 'two senders, each its own text', text: true })
    for (let i = 0; i < 10; i++) await ada.send(`m${i}`, port)
    for (let i = 0; i < 10; i++) expect(String(await ada.receive()), 'ten datagrams, ten echoes').toBe(`m${i}`)
  },
)

check(
  'udp-sizes',
  'empty, one byte, or as long as UDP allows: a datagram comes back as it was',
  { todo: 7, anchor: 'two-servers', rule: 'RFC 768' },
  async () => {
    const port = await bindUdp(createUdpEcho())
    const peer = await udp()
    // Some systems send no more than 9,216 bytes at once unless told otherwise.
    for (const size of [0, 1, 1472, process.platform === 'linux' ? 65_507 : 9216]) {
      await peer.send(Buffer.alloc(size, 'u'), port)
      const echo = await peer.receive()
      expect(echo.length, `bytes in the echo of ${size}`).toBe(size)
    }
  },
)

check(
  'udp-no-answer',
  'a sender that cannot be answered harms nobody',
  { todo: 7, anchor: 'two-servers', rule: 'RFC 768' },
  async () => {
    const socket = createUdpEcho()
    const port = await bindUdp(socket)
    // Such a datagram takes privilege to send; so hand one over.
    socket.emit('message', Buffer.from('?'), { address: '127.0.0.1', family: 'IPv4', port: 0, size: 1 })
    const peer = await udp()
    await peer.send('still there?', port)
    expect(String(await peer.receive())).toBe('still there?')
  },
)

check(
  'echo-by-hand',
  'run by hand, the UDP server says where it listens and ends cleanly',
  { anchor: 'two-servers', rule: 'Node process, signal events' },
  async () => {
    const echo = runFile('02-tcp-vs-udp/udp-echo.ts', [0])
    expect(await echo.port(), 'the port in "listening on …"').toBeGreaterThan(0)
    echo.signal('SIGINT')
    const { code, signal } = await echo.ends()
    if (process.platform === 'win32') return note('Windows has no SIGINT for other programs: a clean end was not shown')
    expect([code, signal], 'exit code and signal after SIGINT').toEqual([0, null])
  },
)
