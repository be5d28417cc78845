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
  fail,
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
    const inside = new Uint8Array([1, 2, 3, 4]).subarray(1, 3)
    expect(encodeLengthPrefixed(inside)).toBeBytes('00 00 00 02 02 03', {
      action: 'encodeLengthPrefixed of bytes 1 and 2 of an array of 4',
    })
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
    const binary = Buffer.from('00 80 ff fe c3 0d 0a'.replaceAll(' ', ''), 'hex')
    expect(encodeLengthPrefixed(binary)).toBeBytes('00 00 00 07 00 80 ff fe c3 0d 0a', {
      action: 'encodeLengthPrefixed of bytes that are no text',
    })
    for (const [size, header] of [
      [255, '00 00 00 ff'],
      [256, '00 00 01 00'],
      [0x012345, '00 01 23 45'],
    ] as const) {
      const long = encodeLengthPrefixed(new Uint8Array(size))
      expect(long.subarray(0, 4)).toBeBytes(header, { action: `the length of ${size} bytes` })
      expect(long.length, `bytes on the wire for a message of ${size}`).toBe(4 + size)
    }
    const message = Buffer.from('mine')
    const kept = encodeLengthPrefixed(message)
    encodeLengthPrefixed(Buffer.from('other'))
    message.fill('x')
    expect(kept).toBeBytes('00 00 00 04 6d 69 6e 65', { action: 'a frame, when its message was written over' })
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
    // Node cuts small buffers from a pool, and each version has its own; what a socket gave must not be kept.
    const { byteLength } = message!.buffer
    if (byteLength >= chunk.byteLength)
      expect.fail(`a message of 7 bytes holds on to the ${byteLength} bytes of its chunk`)

    const decoder = new LengthPrefixedDecoder()
    const other = new LengthPrefixedDecoder()
    const long = framed('0'.repeat(300))
    const [first] = decoder.push(framed('first one'))
    other.push(long.subarray(0, 3))
    decoder.push(framed('other one'))
    expect(String(first), 'a message, when the next one has come').toBe('first one')
    expect(
      other.push(long.subarray(3)).map(String),
      'a message cut in its length, while another decoder decodes',
    ).toEqual(['0'.repeat(300)])
    const binary = Buffer.from('0080fffec30d0a', 'hex')
    const [same] = decoder.push(framed(binary))
    expect(same).toBeBytes(binary, { action: 'a message of bytes that are no text' })
  },
)

/** @param wanted the error's class, and the numbers that its message must have */
function expectThrows(
  act: () => unknown,
  what: string,
  wanted: { of?: ErrorConstructor | RangeErrorConstructor; saying?: number[] } = {},
): void {
  const { of = Error, saying = [] } = wanted
  let error: unknown
  try {
    act()
  } catch (thrown) {
    error = thrown
  }
  if (!(error instanceof of)) {
    const got = error instanceof Error ? articled(error.name) : error === undefined ? 'no error' : typeof error
    fail.state(what, String(error ?? 'no error'), `${what}: want ${articled(of.name)}, got ${got}`)
  }
  const { message } = error as Error
  for (const number of saying) {
    // Whoever writes 1,048,576 has told it, too.
    const told = message.replaceAll(/(?<=\d)[,_ ](?=\d{3}\b)/g, '')
    if (!new RegExp(`(?<!\\d)${number}(?!\\d)`).test(told)) {
      fail.state(what, message, `${what}: want ${number} in the message, got ${JSON.stringify(message)}`)
    }
  }
}

function articled(name: string): string {
  return `${/^[AEIO]/.test(name) ? 'an' : 'a'} ${name}`
}

check(
  'length-limit',
  'a length over the limit is refused at once, and the decoder stays broken',
  { todo: [2, 3], anchor: 'what-the-other-side-may-ask-for', rule: 'RFC 9293 §3.8' },
  () => {
    for (const maxLength of [5, 0, 300]) {
      const decoder = new LengthPrefixedDecoder({ maxLength })
      const longest = 'x'.repeat(maxLength)
      expect(decoder.push(framed(longest)).map(String), `a message of ${maxLength}, the limit`).toEqual([longest])
      const tooLong = cutAt(framed(`${longest}y`), 4)[0]!
      const what = `only the length has come: ${maxLength + 1}, with a limit of ${maxLength}`
      expectThrows(() => decoder.push(tooLong), what, { of: RangeError, saying: [maxLength, maxLength + 1] })
      expectThrows(() => decoder.push(framed('')), `more bytes after a refused length of ${maxLength + 1}`)
      expectThrows(() => decoder.end(), `the end after a refused length of ${maxLength + 1}`)
    }
    // The good ones in front of it are lost with the stream, and are no way to hide it.
    const behind = Buffer.concat([framed('ok'), framed('123456')])
    const saying = [5, 6]
    const small = new LengthPrefixedDecoder({ maxLength: 5 })
    expectThrows(() => small.push(behind), 'a length of 6 behind a message of 2, with a limit of 5', {
      of: RangeError,
      saying,
    })

    const mebibyte = 1024 * 1024
    const usual = new LengthPrefixedDecoder()
    expect(usual.push(Buffer.from('00100000', 'hex')).length, 'messages when a length of 1 MiB has come').toBe(0)
    expectThrows(
      () => new LengthPrefixedDecoder().push(Buffer.from('00100001', 'hex')),
      'a length of 1 MiB and a byte',
      {
        of: RangeError,
        saying: [mebibyte, mebibyte + 1],
      },
    )
    // With the top bit set, a length read as signed would be below every limit.
    const huge = Buffer.from('ffffffff', 'hex')
    expectThrows(() => new LengthPrefixedDecoder().push(huge), 'a length of 4,294,967,295', {
      of: RangeError,
      saying: [4294967295],
    })
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
      for (const byte of bytes) decoder.push(Uint8Array.of(byte))
      expectThrows(() => decoder.end(), `the stream ends, ${missing} missing`, { saying: [missing] })
      expectThrows(() => decoder.push(framed('more')), `more bytes after that end, ${missing} missing`)
      expectThrows(() => decoder.end(), `a second end, ${missing} missing`)
    }
    const whole = new LengthPrefixedDecoder()
    whole.push(framed('twelve bytes'))
    whole.end()
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
    for (const text of ['two\nlines', '\n', '\r', 'ends\n', 'CR at the end\r', 'a\r\nb', 'a\rb', '\nbegins']) {
      expectThrows(() => encodeLine(text), `encodeLine(${JSON.stringify(text)})`, { of: RangeError })
    }
    // Nothing but CR and LF ends a line here.
    for (const text of ['', ' ', 'a\tb', '\0', 'a\u2028b', 'a\u0085b', '\v\f']) {
      expect(encodeLine(text)).toBeBytes(`${text}\n`, { action: `encodeLine(${JSON.stringify(text)})`, text: true })
    }
  },
)

check(
  'line-any-cut',
  'lines come out whole, wherever the stream was cut, inside a character too',
  { todo: 5, anchor: 'a-line-feed-behind', rule: 'RFC 3629 §3' },
  () => {
    const lines = ['m0', '', ' grüß  dich\t', '你好', '👩‍🚀', '\0\u2028\v', 'x']
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
    expectThrows(() => decoder.push(Buffer.from('456')), 'six bytes, and no line feed', { of: RangeError })
    expectThrows(() => decoder.push(Buffer.from('\n')), 'the line feed after all', { of: RangeError })

    const characters = new LineDecoder({ maxLength: 5 })
    expectThrows(() => characters.push(Buffer.from('你好\n')), 'two characters, six bytes', { of: RangeError })
    const pieces = new LineDecoder({ maxLength: 5 })
    expect(
      pieces.push(Buffer.from('12')).concat(pieces.push(Buffer.from('345\n'))),
      'five bytes in two chunks',
    ).toEqual(['12345'])
    const behind = new LineDecoder({ maxLength: 5 })
    expectThrows(() => behind.push(Buffer.from('ok\n123456')), 'six bytes behind a line of two', { of: RangeError })
  },
)

check(
  'line-end',
  'an end inside a line is an error',
  { todo: 5, anchor: 'what-the-other-side-may-ask-for', rule: 'RFC 9293 §3.6' },
  () => {
    const decoder = new LineDecoder()
    decoder.push(Buffer.from('whole\nhal'))
    expectThrows(() => decoder.end(), 'the stream ends after "hal"', { saying: [3] })
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
    expect(Buffer.concat(chunks)).toBeBytes(long, { action: 'the echo of a mebibyte' })
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
    const late = await tcp(port, { name: 'a peer that comes later' })
    await late.send('and me?')
    expect(String(await late.read(7)), 'the echo to a client that connects after the resets').toBe('and me?')
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
    const calm = await tcp(port, { name: 'a calm peer' })
    const total = 16 * 1024 * 1024
    client.write(Buffer.alloc(total))
    let echoed = 0
    client.on('data', (chunk: Buffer) => {
      echoed += chunk.length
      if (echoed >= upTo) client.pause()
    })
    // A listener of 'data' sets a stream flowing; this client does not read yet.
    client.pause()
    let upTo = 0
    await deadline(stalled(socket, total), 3000, 'the server to stop reading')
    await calm.send('and me?')
    expect(String(await calm.read(7)), 'the echo to another client, meanwhile').toBe('and me?')
    // Twice, since whoever goes on reading once may not do so again.
    for (const [bytes, what] of [
      [total / 4, 'the first quarter of the echo, once the client reads'],
      [total, 'the whole echo, once the client reads again'],
    ] as const) {
      upTo = bytes
      client.resume()
      await deadline(
        until(client, () => echoed >= bytes),
        5000,
        what,
      )
      if (bytes < total) await deadline(stalled(socket, total), 3000, 'the server to stop reading again')
    }
  },
)

/** Settles when the client has got so much. */
async function until(client: Socket, isThere: () => boolean): Promise<void> {
  while (!isThere()) await new Promise((resolve) => client.once('data', resolve))
}

/**
 * Watches from outside how much waits in the lab's program, however it reads.
 *
 * @returns when nothing has moved for a while, or all was read
 */
async function stalled(socket: Socket, total: number): Promise<void> {
  let [before, since] = [-1, performance.now()]
  for (let turns = 0; turns < 50 || performance.now() - since < 50; turns++) {
    await new Promise((resolve) => setTimeout(resolve, 1))
    const waiting = socket.bytesRead - (socket.bytesWritten - socket.writableLength)
    if (waiting > 1024 * 1024) expect.fail('more than 1 MiB waited in the server')
    if (socket.bytesRead >= total) return
    if (socket.bytesRead === before) continue
    turns = 0
    before = socket.bytesRead
    since = performance.now()
  }
}

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
    for (let i = 0; i < 10; i++) {
      const { bytes, port: from } = await ada.receiveFrom()
      expect(String(bytes), 'ten datagrams, ten echoes').toBe(`m${i}`)
      if (from !== port) expect.fail('an echo came from another port than the one that was asked')
    }
    for (let i = 1; i <= 40; i++) {
      await grace.send('again', port)
      expect(String(await grace.receive()), `echo ${i} of the same datagram`).toBe('again')
    }
    if (process.platform !== 'linux') return
    // Every 127.x.y.z is this machine; elsewhere only 127.0.0.1 can be had without asking.
    const other = await udp({ name: 'a peer on 127.0.0.2', host: '127.0.0.2' })
    await other.send('from the other address', port)
    expect(await other.receive()).toBeBytes('from the other address', { action: 'a sender on 127.0.0.2', text: true })
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
      const sent = Buffer.from(Uint8Array.from({ length: size }, (_, i) => i * 7 + 128))
      await peer.send(sent, port)
      const echo = await peer.receive()
      expect(echo.length, `bytes in the echo of ${size}`).toBe(size)
      expect(echo).toBeBytes(sent, { action: `the echo of ${size} bytes that are no text` })
    }
    await peer.send('the last', port)
    expect(String(await peer.receive()), 'the echo after them').toBe('the last')
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
    // Nor can one be answered that is longer than a datagram may be: the send fails, and nobody need hear of it.
    socket.emit('message', Buffer.alloc(65_508), { address: '127.0.0.1', family: 'IPv4', port: 9, size: 65_508 })
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
