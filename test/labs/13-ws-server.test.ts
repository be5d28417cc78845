import { on, once } from 'node:events'
import type { Server } from 'node:net'
import { Connection, type ConnectionOptions } from '#lab/13-ws-server/connection.ts'
import type { WebSocketEndpoint } from '#lab/13-ws-server/endpoint.ts'
import { Heartbeat } from '#lab/13-ws-server/heartbeat.ts'
import { broadcast, createWebSocketServer, echo, type WebSocketServerOptions } from '#lab/13-ws-server/server.ts'
import {
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
  type TcpPeer,
  tcp,
  wsPeer,
} from '../../workbook/grade/checks/check.ts'
import { readHeader } from '../../workbook/wire/websocket/frame-header.ts'
import { opcodeName } from '../../workbook/wire/websocket/opcode.ts'

const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const

check(
  'echo',
  'messages of every length come back, with their type',
  { anchor: 'messages', rule: 'RFC 6455 §5.6' },
  () => {
    for (const length of [0, 125, 126, 127, 128, 65_535, 65_536]) {
      for (const opcode of [opcodes.text, opcodes.binary]) {
        says(
          `${opcodeName(opcode)} of ${length} bytes`,
          [frame(opcode, 'a'.repeat(length))],
          [shown(opcode, 'a'.repeat(length))],
        )
      }
    }
  },
)

check(
  'fragments',
  'the fragments of a message are joined',
  { todo: 1, anchor: 'messages', rule: 'RFC 6455 §5.4' },
  () => {
    const cut = (...parts: string[]) =>
      parts.map((part, i) => frame(i === 0 ? opcodes.text : opcodes.continuation, part, i === parts.length - 1))
    says('"Hel" and "lo"', cut('Hel', 'lo'), ['text "Hello"'])
    says('three empty fragments', cut('', '', ''), ['text ""'])
    says('"middle" between empty fragments', cut('', 'middle', ''), ['text "middle"'])
    says('two messages in fragments', [...cut('a', 'b'), ...cut('c', 'd', 'e')], ['text "ab"', 'text "cde"'])
    const binary = (first: string, last: string) => [
      frame(opcodes.binary, first, false),
      frame(opcodes.continuation, last),
    ]
    says(
      'two binary messages in fragments',
      [...binary('ab', 'cd'), ...binary('ef', 'gh')],
      ['binary "abcd"', 'binary "efgh"'],
    )
    says(
      'a character cut between fragments',
      [frame(opcodes.text, hex('ce ba e1'), false), frame(opcodes.continuation, hex('bd b9'))],
      ['text "κ\u1f79"'],
    )
  },
)

check(
  'many-fragments',
  'a hundred thousand fragments are no trouble',
  { todo: 1, anchor: 'messages', rule: 'RFC 6455 §5.4', timeout: 20_000 },
  () => {
    const pieces = Array.from({ length: 100_000 }, (_, i) =>
      frame(i === 0 ? opcodes.text : opcodes.continuation, i % 2 ? 'x' : '', false),
    )
    const bytes = Buffer.concat([...pieces, frame(opcodes.continuation, '!')])
    same(answer([bytes]).frames, [`text ${50_001} bytes`], 'the answer to 100,001 fragments, every other one empty')
  },
)

check(
  'pong',
  'a ping is answered with its own payload',
  { todo: 2, anchor: 'ping-and-pong', rule: 'RFC 6455 §5.5.2' },
  () => {
    for (const payload of ['', 'Hello', hex('00 ff fe fd fc'), 'p'.repeat(125)]) {
      says(`a ping of ${payload.length} bytes`, [frame(opcodes.ping, payload)], [shown(opcodes.pong, payload)])
    }
    const ten = Array.from({ length: 10 }, (_, i) => `ping ${i}`)
    says(
      'ten pings',
      ten.map((payload) => frame(opcodes.ping, payload)),
      ten.map((payload) => shown(opcodes.pong, payload)),
    )
    const closing = new Connection()
    closing.close()
    const written = closing
      .receive(frame(opcodes.ping, 'still there?'))
      .flatMap((event) => ('bytes' in event ? event.bytes : []))
    same(
      describe(Buffer.concat(written)),
      ['pong "still there?"'],
      'the answer to a ping that comes while we wait for their close',
    )
  },
)

check(
  'pong-ignored',
  'a pong that nobody asked for is no reason to speak',
  { anchor: 'ping-and-pong', rule: 'RFC 6455 §5.5.3' },
  () => {
    says('a pong, then "hi"', [frame(opcodes.pong, 'unasked'), frame(opcodes.text, 'hi')], ['text "hi"'])
  },
)

check(
  'ping-between',
  'a ping between fragments is answered at once',
  { todo: [1, 2], anchor: 'ping-and-pong', rule: 'RFC 6455 §5.4' },
  () => {
    const frames = [frame(opcodes.text, 'Hel', false), frame(opcodes.ping, 'now'), frame(opcodes.continuation, 'lo')]
    says('a ping between "Hel" and "lo"', frames, ['pong "now"', 'text "Hello"'])
  },
)

check(
  'orphan',
  'a continuation of nothing fails with 1002',
  { todo: 3, anchor: 'messages', rule: 'RFC 6455 §5.4' },
  () => {
    says('a continuation without a start', [frame(opcodes.continuation, 'lo')], ['close 1002'])
    says(
      'a continuation after a complete message',
      [frame(opcodes.text, 'hi'), frame(opcodes.continuation, 'lo')],
      ['text "hi"', 'close 1002'],
    )
  },
)

check(
  'interrupted',
  'a new message inside a message fails with 1002',
  { todo: [1, 3], anchor: 'messages', rule: 'RFC 6455 §5.4' },
  () => {
    for (const first of [opcodes.text, opcodes.binary]) {
      for (const next of [opcodes.text, opcodes.binary]) {
        const what = `${opcodeName(first)} without FIN, then ${opcodeName(next)}`
        says(what, [frame(first, 'Hel', false), frame(next, 'lo')], ['close 1002'])
        says(`${what} without FIN`, [frame(first, '', false), frame(next, 'lo', false)], ['close 1002'])
      }
    }
  },
)

check(
  'limit',
  'a message beyond maxPayload fails with 1009, in one frame or in many',
  { todo: 1, anchor: 'messages', rule: 'RFC 6455 §10.4' },
  () => {
    says('1 MiB and a byte in one frame', [frame(opcodes.binary, Buffer.alloc(1024 * 1024 + 1))], ['close 1009'])
    const half = Buffer.alloc(600_000)
    says(
      'twice 600,000 bytes in fragments',
      [frame(opcodes.binary, half, false), frame(opcodes.continuation, half)],
      ['close 1009'],
    )
    says('1 MiB', [frame(opcodes.binary, Buffer.alloc(1024 * 1024))], ['binary 1048576 bytes'])
    const maxPayload = 5
    for (const [parts, want] of [
      [['abc', 'de'], 'text "abcde"'],
      [['abc', 'def'], 'close 1009'],
      [['abc', '', 'de', 'f'], 'close 1009'],
    ] as const) {
      const frames = parts.map((part, i) =>
        frame(i === 0 ? opcodes.text : opcodes.continuation, part, i === parts.length - 1),
      )
      says(`${parts.join('')} in ${parts.length} fragments, with maxPayload 5`, frames, [want], { maxPayload })
    }
    const twice = [frame(opcodes.text, 'abc', false), frame(opcodes.continuation, 'de')]
    says('abcde twice, with maxPayload 5', [...twice, ...twice], ['text "abcde"', 'text "abcde"'], { maxPayload })
  },
)

check(
  'frame-rules',
  'a broken frame fails with 1002, after the good ones before it',
  { anchor: 'saying-goodbye', rule: 'RFC 6455 §5.2' },
  () => {
    const broken = [
      ['RSV2', hex('a1 80 00 00 00 00')],
      ['opcode 3', hex('83 80 00 00 00 00')],
      ['opcode 11', hex('8b 80 00 00 00 00')],
      ['a fragmented ping', hex('09 80 00 00 00 00')],
      ['a ping whose length stands in 16 bits', hex('89 fe 00 01 00 00 00 00 70')],
      ['a ping of 126 bytes', frame(opcodes.ping, 'p'.repeat(126))],
      ['an unmasked text', hex('81 02 68 69')],
    ] as const
    for (const [name, bytes] of broken) {
      says(
        `"hi", ${name}, a ping`,
        [frame(opcodes.text, 'hi'), bytes, frame(opcodes.ping, 'late')],
        ['text "hi"', 'close 1002'],
      )
    }
  },
)

check(
  'close-reply',
  'a close frame is answered with the same code',
  { todo: 4, anchor: 'saying-goodbye', rule: 'RFC 6455 §5.5.1' },
  () => {
    says('a close without payload', [frame(opcodes.close, '')], ['close'])
    for (const code of [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999]) {
      says(`close ${code}`, [frame(opcodes.close, closing(code))], [`close ${code}`])
    }
    says('close 1000 with the longest reason', [frame(opcodes.close, closing(1000, 'r'.repeat(123)))], ['close 1000'])
  },
)

check(
  'after-close',
  'nothing counts after a close frame',
  { todo: [1, 4], anchor: 'saying-goodbye', rule: 'RFC 6455 §1.4' },
  () => {
    for (const [name, late] of [
      ['a text', frame(opcodes.text, 'late')],
      ['a ping', frame(opcodes.ping, 'late')],
      ['a close', frame(opcodes.close, closing(1001))],
      ['rubbish', Buffer.alloc(14, 0xff)],
    ] as const) {
      says(`close 1000, then ${name}`, [frame(opcodes.close, closing(1000)), late], ['close 1000'])
    }
    says(
      'a fragment, then close 1000, then the rest',
      [frame(opcodes.text, 'a', false), frame(opcodes.close, closing(1000)), frame(opcodes.continuation, 'b')],
      ['close 1000'],
    )
  },
)

check(
  'we-close',
  'when we closed first, their close frame is the last',
  { todo: 4, anchor: 'saying-goodbye', rule: 'RFC 6455 §5.5.1' },
  () => {
    for (const [name, bytes, code] of [
      ['their close frame', frame(opcodes.close, closing(1001)), 1001],
      ['their close frame with another code', frame(opcodes.close, closing(4000)), 4000],
      ['their close frame without a code', frame(opcodes.close, ''), 1005],
      ['a broken frame', hex('83 80 00 00 00 00'), 1002],
    ] as const) {
      const connection = new Connection()
      same(describe(connection.close(1001, 'going')), ['close 1001'], 'what close(1001, "going") gives')
      same(describe(connection.close(1000)), [], 'what a second close() gives')
      throws(() => connection.send('late'), 'send after close()')
      const events = connection.receive(Buffer.concat([bytes, frame(opcodes.ping, 'late')]))
      const seen = events.map((event) => (event.type === 'close' ? `close ${event.code}` : event.type))
      same(seen, [`close ${code}`], `events of ${name}, after our own`)
    }
  },
)

check(
  'close-codes',
  'codes that may not be sent fail with 1002',
  { todo: 6, anchor: 'codes', rule: 'RFC 6455 §7.4' },
  () => {
    for (const code of [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535]) {
      says(`close ${code}`, [frame(opcodes.close, closing(code))], ['close 1002'])
    }
  },
)

check(
  'close-payload',
  'half a code fails with 1002, a reason that is not UTF-8 with 1007',
  { todo: 6, anchor: 'codes', rule: 'RFC 6455 §5.5.1' },
  () => {
    says('a close of one byte', [frame(opcodes.close, hex('03'))], ['close 1002'])
    says('close 1000 with the reason ce ba e1', [frame(opcodes.close, hex('03 e8 ce ba e1'))], ['close 1007'])
  },
)

check(
  'utf8',
  'text that is not UTF-8 fails with 1007',
  { todo: 5, anchor: 'text-is-utf-8', rule: 'RFC 6455 §8.1' },
  () => {
    const good = [
      '',
      'κόσμε',
      '\u0000',
      '\u007f\u0080\u07ff\u0800\uffff',
      '\u{10000}\u{10ffff}',
      '\ud7ff\ue000\ufffe',
      'Wire 线 🦉',
    ]
    for (const word of good)
      says(`the text ${JSON.stringify(word)}`, [frame(opcodes.text, word)], [shown(opcodes.text, word)])
    const bad = [
      '80',
      'bf',
      '61 80',
      'c0 80',
      'c1 bf',
      'c0 af',
      'e0 80 af',
      'e0 9f bf',
      'f0 80 80 af',
      'f0 8f bf bf',
      'ed a0 80',
      'ed bf bf',
      'f4 90 80 80',
      'f5 80 80 80',
      'f8 88 80 80 80',
      'fe',
      'ff',
      'c3',
      'e1 bd',
      'f0 9f a6',
      'c3 28',
      'e2 28 a1',
      'e2 82 28',
      'f0 28 8c bc',
      'ce ba e1 bd b9 cf 83 ce bc ce b5 ed a0 80 65',
    ]
    for (const bytes of bad) says(`the text ${bytes}`, [frame(opcodes.text, hex(bytes))], ['close 1007'])
    says('binary ff', [frame(opcodes.binary, hex('ff'))], ['binary ff'])
  },
)

check(
  'utf8-early',
  'bad text fails when its message ends or before, good text that is cut does not',
  { todo: 5, anchor: 'text-is-utf-8', rule: 'RFC 6455 §8.1' },
  () => {
    const whole = frame(opcodes.text, hex('ce ba e1 bd b9 cf 83 ce bc ce b5 f4 90 80 80 65 64 69 74 65 64'))
    // 6 bytes of header, 11 good ones, and f4 90, which no character begins with.
    for (let length = 1; length <= 18; length++) {
      same(
        answer([whole.subarray(0, length)]).frames,
        [],
        `the answer to the first ${length} bytes of a text, all good`,
      )
    }
    const chunks = [whole.subarray(0, 17), whole.subarray(17, 19)]
    const early = answer(chunks).frames
    if (early.length > 0) same(early, ['close 1007'], 'the answer to half a text frame, as soon as f4 90 is there')
    const late = answer([...chunks, whole.subarray(19)]).frames
    same(late, ['close 1007'], 'the answer to a text frame in three chunks, the second one ending in f4 90')
  },
)

check(
  'utf8-fragments',
  'characters may be cut between fragments, bad ones fail wherever they stand',
  { todo: [1, 5], anchor: 'text-is-utf-8', rule: 'RFC 6455 §8.1' },
  () => {
    const cut = (bytes: Uint8Array) =>
      Array.from(bytes, (_, i) =>
        frame(i === 0 ? opcodes.text : opcodes.continuation, bytes.subarray(i, i + 1), i === bytes.length - 1),
      )
    const [long, short] = ['κόσμε 🦉', 'é']
    const want = [`text ${JSON.stringify(long)}`, `text ${JSON.stringify(short)}`]
    says('two texts, one byte per frame', [...cut(Buffer.from(long)), ...cut(Buffer.from(short))], want)
    const start = frame(opcodes.text, 'κόσμε', false)
    const end = frame(opcodes.continuation, 'end')
    const bad = frame(opcodes.continuation, hex('f4 90 80 80'), false)
    says('good text, then f4 90 80 80 in a fragment, then the end', [start, bad, end], ['close 1007'])
    says('text that begins with ff, then good text', [frame(opcodes.text, hex('ff'), false), end], ['close 1007'])
    says('a text that ends inside a character', [start, frame(opcodes.continuation, hex('e1 bd'))], ['close 1007'])
    says(
      'binary in fragments, then text',
      [frame(opcodes.binary, hex('ff'), false), frame(opcodes.continuation, hex('f4 90')), frame(opcodes.text, 'hi')],
      ['binary fff490', 'text "hi"'],
    )
  },
)

check(
  'send',
  'we send unmasked frames of the shortest form, in fragments when asked',
  { anchor: 'messages', rule: 'RFC 6455 §5.1' },
  () => {
    const connection = new Connection()
    same(describe(connection.send('Hello')), ['text "Hello"'], 'send of "Hello"')
    same(describe(connection.send(Buffer.alloc(70_000))), ['binary 70000 bytes'], 'send of 70,000 bytes')
    same(
      describe(connection.send('abcde', 2)),
      ['text "ab", more to come', 'continuation "cd", more to come', 'continuation "e"'],
      'send of "abcde" in fragments of 2',
    )
    same(describe(connection.send(Buffer.from('ab'), 2)), ['binary "ab"'], 'send of 2 bytes in fragments of 2')
    throws(() => connection.send('abc', 0), 'send in fragments of 0 bytes', RangeError)
    same(describe(connection.ping('x')), ['ping "x"'], 'ping of "x"')
    same(describe(connection.ping('x'.repeat(125))), [`ping "${'x'.repeat(125)}"`], 'ping of 125 bytes')
    throws(() => connection.ping('x'.repeat(126)), 'ping of 126 bytes', RangeError)
    for (const code of [999, 1004, 1006, 1015, 2999, 5000]) {
      throws(() => connection.close(code), `close(${code}), which may not be sent`, RangeError)
    }
    const goodbye = (...args: [number?, string?]) => new Connection().close(...args)
    expect(goodbye()).toBeBytes('88 02 03 e8', { action: 'close()' })
    expect(goodbye(1005)).toBeBytes('88 00', { action: 'close(1005): without a code' })
    const longest = Buffer.concat([hex('88 7d 0f a0'), Buffer.alloc(123, 'r')])
    expect(goodbye(4000, 'r'.repeat(130))).toBeBytes(longest, { action: 'close(4000) with a reason of 130 bytes' })
    const whole = Buffer.concat([hex('88 7c 0f a0'), Buffer.from('é'.repeat(61))])
    expect(goodbye(4000, 'é'.repeat(65))).toBeBytes(whole, { action: 'close(4000) with a reason of 65 times é' })
  },
)

check(
  'server-echo',
  'a real client gets its messages back, up to 16 MiB',
  { anchor: 'on-a-socket', rule: 'RFC 6455 §5.6', timeout: 30_000 },
  async () => {
    const { port } = await start({ maxPayload: 16 * 1024 * 1024 })
    const peer = await wsPeer(`ws://127.0.0.1:${port}`, { timeout: 20_000 })
    for (const data of [
      '',
      'hello',
      'ü'.repeat(40_000),
      Buffer.alloc(126, 1),
      Buffer.alloc(65_536, 2),
      Buffer.alloc(16 * 1024 * 1024, 3),
    ]) {
      const heard = once(peer.socket, 'message') as Promise<[Buffer, boolean]>
      peer.socket.send(data)
      const [bytes, binary] = await deadline(heard, 20_000, `the echo of ${data.length}`)
      expect(binary, `binary, for a message of ${data.length}`).toBe(typeof data !== 'string')
      expect(bytes.equals(Buffer.from(data as string)), `the echo equals the message of ${data.length}`).toBe(true)
    }
  },
)

check(
  'server-close',
  'the server answers a close frame and ends TCP',
  { todo: 4, anchor: 'on-a-socket', rule: 'RFC 6455 §7.1.1' },
  async () => {
    const { port, closes } = await start()
    const before = timers()
    const peer = await upgraded(port)
    await peer.send(Buffer.concat([frame(opcodes.close, closing(1000, 'bye')), frame(opcodes.text, 'late')]))
    same(describe(await peer.readAll()), ['close 1000'], 'the answer to close 1000, up to FIN')
    await peer.end()
    expect(await deadline(closes(), 2000, 'the close event'), 'code and reason of the close event').toEqual([
      1000,
      'bye',
    ])
    // The wait itself has one.
    await until(() => timers() <= before + 1, 'no timer to be left of a connection that was closed')

    const half = await upgraded(port)
    await half.send(frame(opcodes.close, closing(1000)))
    await half.end()
    same(describe(await half.readAll()), ['close 1000'], 'the answer to close 1000 and FIN')

    const hasty = createWebSocketServer()
    hasty.on('websocket', (endpoint: WebSocketEndpoint) => endpoint.on('message', () => endpoint.close(4000)))
    const both = await upgraded(await listen(hasty))
    await both.send(Buffer.concat([frame(opcodes.text, 'stop'), frame(opcodes.close, closing(1000))]))
    same(
      describe(await both.readAll()),
      ['close 1000'],
      'the answer when both close: a handler, and a frame in the same chunk',
    )
  },
)

check(
  'server-fails',
  'the server ends TCP after a broken frame, too',
  { anchor: 'on-a-socket', rule: 'RFC 6455 §7.1.7' },
  async () => {
    const { port } = await start()
    const peer = await upgraded(port)
    await peer.send(hex('81 02 68 69'))
    same(describe(await peer.readAll()), ['close 1002'], 'the answer to an unmasked frame, up to FIN')
  },
)

check(
  'awaited',
  'who awaits a message can answer it before the connection fails',
  { anchor: 'on-a-socket', rule: 'RFC 6455 §7.1.7' },
  async () => {
    const server = createWebSocketServer()
    server.on('websocket', async (endpoint: WebSocketEndpoint) => {
      for await (const [data] of on(endpoint, 'message')) endpoint.send(data)
    })
    const peer = await upgraded(await listen(server))
    await peer.send(Buffer.concat([frame(opcodes.text, 'a'), frame(opcodes.text, 'b'), hex('81 02 68 69')]))
    same(
      describe(await peer.readAll()),
      ['text "a"', 'text "b"', 'close 1002'],
      'the answer to two texts and a broken frame in one chunk',
    )
  },
)

check(
  'server-left',
  'a client that leaves without a word is a 1006',
  { anchor: 'on-a-socket', rule: 'RFC 6455 §7.1.5' },
  async () => {
    const { port, closes, server } = await start()
    const text = frame(opcodes.text, 'Hello')
    for (const [where, bytes] of [
      ['before the first frame', ''],
      ['inside a header', text.subarray(0, 1)],
      ['inside a payload', text.subarray(0, 8)],
      ['inside a message', frame(opcodes.text, 'Hel', false)],
      ['after a message', text],
    ] as const) {
      for (const leave of ['end', 'reset'] as const) {
        const closed = closes()
        const peer = await upgraded(port)
        await peer.send(bytes)
        await peer[leave]()
        const what = `${leave} ${where}`
        expect((await deadline(closed, 2000, `the close event after ${what}`))[0], `code after ${what}`).toBe(1006)
      }
    }
    await misbehave.reset(port)
    await misbehave.reset(port, 'GET / HT')
    await nobodyLeft(server)
  },
)

check(
  'endpoint',
  'a program sends in fragments, closes with its own reason, and waits for the answer only so long',
  { anchor: 'on-a-socket', rule: 'RFC 6455 §7.1.2' },
  async () => {
    const server = createWebSocketServer({ closeTimeout: 100 })
    const opened = once(server, 'websocket') as Promise<[WebSocketEndpoint]>
    const peer = await upgraded(await listen(server))
    const [endpoint] = await deadline(opened, 2000, 'the websocket event')
    expect(endpoint.state, 'state after the handshake').toBe('open')
    endpoint.send('abcde', 2)
    expect(endpoint.bufferedAmount, 'bufferedAmount right after send("abcde", 2)').toBe(11)
    endpoint.close(4000, 'enough')
    expect(endpoint.state, 'state after close(4000, "enough")').toBe('closing')
    endpoint.send('late')
    endpoint.ping('late')
    endpoint.close(4001)
    const [code] = await deadline(once(endpoint, 'close'), 2000, 'the close event, with closeTimeout 100')
    expect(code, 'code of the close event, when they do not answer').toBe(1006)
    expect(endpoint.state, 'state after the close event').toBe('closed')
    await deadline(peer.closed, 2000, 'the end of TCP')
    const wire = '01 02 61 62 00 02 63 64 80 01 65 88 08 0f a0 65 6e 6f 75 67 68'
    expect(peer.unread).toBeBytes(wire, {
      action: 'send("abcde", 2), close(4000, "enough"), then send, ping and close',
    })
  },
)

check(
  'options',
  'origins, protocols and the longest message are what the program asked for',
  { anchor: 'on-a-socket', rule: 'RFC 6455 §4.2.2' },
  async () => {
    const origin = 'https://a.example'
    const { port, server } = await start({ origins: [origin], protocols: ['v2', 'chat'], maxPayload: 5 })
    const peer = await wsPeer(`ws://127.0.0.1:${port}`, { origin, protocols: ['soap', 'chat'] })
    expect(peer.socket.protocol, 'the subprotocol, when the client offers soap and chat').toBe('chat')
    await peer.send('abcde')
    expect(await peer.receiveText(), 'the echo of five bytes, with maxPayload 5').toBe('abcde')
    await peer.send('abcdef')
    await peer.expectClose(1009)
    const stranger = await tcp(port)
    await stranger.send(request('Origin: https://b.example\r\n'))
    expect(await stranger.readLine(), 'the answer to a page of https://b.example').toMatch(/^HTTP\/1\.1 403 /)
    await stranger.end()
    await nobodyLeft(server)
  },
)

check(
  'slow-reader',
  'the server stops reading while its answers are not read',
  { todo: 7, anchor: 'slow-readers', rule: 'Node.js: stream', timeout: 30_000 },
  async () => {
    const { port, server } = await start({ maxBuffered: 1024 * 1024 })
    const opened = once(server, 'websocket') as Promise<[WebSocketEndpoint]>
    const peer = await upgraded(port)
    const [endpoint] = await opened
    peer.pause()
    const message = frame(opcodes.binary, Buffer.alloc(256 * 1024, 7))
    const count = 100
    for (let i = 0; i < count; i++) peer.socket.write(message)
    await quiet(endpoint)
    expect(endpoint.state, 'state of the connection, after 25 MiB to echo and no reader').toBe('open')
    const wanted = count * (256 * 1024 + 10)
    const all = countBytes(peer, wanted)
    peer.resume()
    expect(await deadline(all, 20_000, 'all the echoes'), 'bytes of all the echoes').toBe(wanted)

    // The end of a stream has no `drain`.
    const other = await start()
    const reopened = once(other.server, 'websocket') as Promise<[WebSocketEndpoint]>
    const slow = await upgraded(other.port)
    const [leaving] = await reopened
    slow.pause()
    const size = 12 * 1024 * 1024
    leaving.send(Buffer.alloc(size))
    const closed = other.closes()
    await slow.send(frame(opcodes.close, closing(1000)))
    await until(() => leaving.state !== 'open', 'your answer to a close frame, from a client that reads nothing yet')
    for (const late of ['late', 'later']) {
      const read = leaving.bytesRead
      await slow.send(frame(opcodes.text, late))
      await until(() => leaving.bytesRead > read, 'what comes after a close frame to be read, and dropped')
    }
    const rest = countBytes(slow, size + 10 + 4)
    slow.resume()
    expect(await deadline(rest, 10_000, 'the rest'), 'bytes of a message of 12 MiB and the close frame').toBe(
      size + 10 + 4,
    )
    await slow.end()
    const [code] = await deadline(closed, 2000, 'the close event, when a slow reader said close, read all, and left')
    expect(code, 'code of the close event of a slow reader').toBe(1000)
  },
)

check(
  'never-reads',
  'a client that never reads is cut off when too much waits',
  { anchor: 'slow-readers', rule: 'Node.js: stream' },
  async () => {
    const { port, server } = await start({ maxBuffered: 1024 * 1024 })
    const opened = once(server, 'websocket') as Promise<[WebSocketEndpoint]>
    const peer = await upgraded(port)
    const [endpoint] = await opened
    peer.pause()
    const closed = once(endpoint, 'close')
    const chunk = Buffer.alloc(256 * 1024)
    const enough = 2 * 1024 * 1024
    let waits = 0
    for (let i = 0; i < 200 && endpoint.state === 'open' && waits < enough; i++) {
      endpoint.send(chunk)
      waits = endpoint.bufferedAmount
      await new Promise((resolve) => setImmediate(resolve))
    }
    if (waits >= enough)
      fail.state(
        'sent to a client that never reads',
        `${waits} bytes wait`,
        'want it cut off beyond maxBuffered, 1 MiB, got more than 2 MiB that wait',
      )
    expect((await deadline(closed, 2000, 'the close event'))[0], 'code of the close event').toBe(1006)
  },
)

check(
  'heartbeat',
  'silence leads to a ping, and more silence to the end',
  { anchor: 'who-is-still-there', rule: 'RFC 6455 §5.5.2' },
  async () => {
    const beat = new Heartbeat(30_000, 0)
    expect(beat.due(29_999, 0), 'due after 29,999 ms').toBeUndefined()
    expect(beat.due(30_000, 0), 'due after 30,000 ms').toBe('ping')
    expect(beat.due(60_000, 6), 'due at 60,000 ms, when 6 bytes came after the ping').toBeUndefined()
    expect(beat.due(90_000, 6), 'due at 90,000 ms').toBe('ping')
    expect(beat.due(120_000, 6), 'due at 120,000 ms, after a ping and no answer').toBe('gone')

    const { port } = await start({ pingInterval: 100 })
    const alive = await wsPeer(`ws://127.0.0.1:${port}`)
    const silent = await upgraded(port)
    await deadline(silent.closed, 2000, 'the end of a client that answers no ping')
    same(describe(silent.unread), ['ping ""'], 'what the silent client got')
    expect(alive.socket.readyState, 'readyState of a client that answers').toBe(alive.socket.OPEN)
  },
)

check(
  'broadcast',
  'one message goes to everybody who is there',
  { anchor: 'one-frame-for-all', rule: 'RFC 6455 §5.1' },
  async () => {
    const { port, endpoints } = await start()
    const leaving = await upgraded(port)
    const peers = []
    for (let i = 0; i < 20; i++) peers.push(await wsPeer(`ws://127.0.0.1:${port}`))
    const [first] = endpoints
    first!.close(4000)
    broadcast(endpoints, 'to all')
    broadcast(endpoints, hex('00 ff'))
    for (const peer of peers) {
      expect(await peer.receiveText(), 'the first broadcast to 20 clients, after one that leaves').toBe('to all')
      const { data, binary } = await peer.receive()
      expect(data).toBeBytes('00 ff', { action: 'broadcast of two bytes to 20 clients' })
      expect(binary ? 'binary' : 'text', 'type of a broadcast of bytes').toBe('binary')
    }
    await leaving.send(frame(opcodes.close, closing(4000)))
    same(describe(await leaving.readAll()), ['close 4000'], 'what a client gets that we have said goodbye to')
  },
)

check(
  'run',
  'run by hand, it echoes 16 MiB, and says goodbye when it is stopped',
  { anchor: 'on-a-socket', rule: 'RFC 6455 §5.6', timeout: 30_000 },
  async () => {
    const child = runFile('13-ws-server/server.ts', [0], { timeout: 15_000 })
    const peer = await wsPeer(`ws://127.0.0.1:${await child.port()}`, { timeout: 15_000 })
    const heard = once(peer.socket, 'message') as Promise<[Buffer]>
    peer.socket.send(Buffer.alloc(16 * 1024 * 1024))
    expect((await deadline(heard, 20_000, 'the echo'))[0].length, 'bytes of the echo').toBe(16 * 1024 * 1024)
    if (process.platform === 'win32') return note('Windows has no SIGTERM for other programs: 1001 was not shown')
    child.signal('SIGTERM')
    await peer.expectClose(1001)
    expect((await child.ends()).code, 'exit code after SIGTERM').toBe(0)
  },
)

/** Starts an echo server of the lab. */
async function start(options: WebSocketServerOptions = {}) {
  const server = createWebSocketServer(options)
  const endpoints = new Set<WebSocketEndpoint>()
  let closed = (_: [number, string]) => {}
  server.on('websocket', (endpoint: WebSocketEndpoint) => {
    echo(endpoint)
    endpoints.add(endpoint)
    endpoint.on('close', (code, reason) => closed([code, reason]))
  })
  const closes = () =>
    new Promise<[number, string]>((resolve) => {
      closed = resolve
    })
  return { server, endpoints, closes, port: await listen(server) }
}

/** A TCP client after its handshake. */
async function upgraded(port: number): Promise<TcpPeer> {
  const peer = await tcp(port)
  await peer.send(request())
  await peer.readUntil('\r\n\r\n')
  return peer
}

/** @param more header lines, each with its line end */
function request(more = ''): string {
  const key = 'dGhlIHNhbXBsZSBub25jZQ=='
  return `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n${more}Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`
}

/** Waits until the server holds no connection any more. */
function nobodyLeft(server: Server): Promise<void> {
  let left = 1
  return until(() => {
    server.getConnections((_, count) => {
      left = count
    })
    return left === 0
  }, 'the server to have let go of clients that are gone')
}

/** Timers that hold the program. */
function timers(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
}

/** Waits until something is so, and looks at each turn of the event loop. */
async function until(isSo: () => boolean, what: string): Promise<void> {
  let over = false
  const wait = async () => {
    while (!over && !isSo()) await new Promise((resolve) => setImmediate(resolve))
  }
  try {
    await deadline(wait(), 2000, what)
  } finally {
    over = true
  }
}

/** Counts what arrives, and keeps nothing of it, until it is enough or the connection is gone. */
function countBytes({ socket }: TcpPeer, wanted: number): Promise<number> {
  let count = 0
  socket.removeAllListeners('data')
  return new Promise((resolve) => {
    socket.on('data', ({ length }: Buffer) => {
      count += length
      if (count >= wanted) resolve(count)
    })
    socket.on('close', () => resolve(count))
  })
}

/** Settles when the server has read nothing for a while, or the connection is gone. */
function quiet(endpoint: WebSocketEndpoint): Promise<void> {
  return new Promise((resolve) => {
    let last = -1
    const timer = setInterval(() => {
      if (endpoint.bytesRead === last || endpoint.state === 'closed') resolve()
      last = endpoint.bytesRead
    }, 300)
    cleanup(() => clearInterval(timer))
  })
}

/** Feeds the frames in every cut to a new connection that echoes, and compares what it sends. */
function says(what: string, frames: Uint8Array[], want: string[], options: ConnectionOptions = {}): void {
  const all = Buffer.concat(frames)
  const cuts = all.length > 100_000 ? [{ name: 'whole', chunks: [all] }] : chunkings(frames)
  for (const { name, chunks } of cuts) {
    const { frames: got, closes } = answer(chunks, options)
    same(got, want, `the answer to ${what}, ${name}`)
    const over = want.some((line) => line.startsWith('close')) ? 1 : 0
    const is = ['open', 'over'][closes] ?? 'over more than once'
    expect(is, `the connection after ${what}, ${name}`).toBe(['open', 'over'][over])
  }
}

/** Expects an error. */
function throws(work: () => unknown, what: string, Kind: typeof Error = Error): void {
  let got = 'no error'
  try {
    work()
  } catch (error) {
    if (error instanceof Kind) return
    got = String(error)
  }
  fail.state(what, got, `${what}: want ${Kind === Error ? 'an error' : `a ${Kind.name}`}, got ${got}`)
}

/** Compares what was sent with what should be, both in words. */
function same(got: string[], want: string[], what: string): void {
  const [gotten, wanted] = [got, want].map((lines) => lines.join(', ') || 'nothing')
  if (gotten !== wanted) fail.state(what, gotten!, `${what}: want ${wanted}, got ${gotten}`)
}

/** What an echo on a new connection sends, in words. */
function answer(chunks: Uint8Array[], options: ConnectionOptions = {}): { frames: string[]; closes: number } {
  const connection = new Connection(options)
  const sent: Buffer[] = []
  let closes = 0
  for (const chunk of chunks) {
    for (const event of connection.receive(chunk)) {
      if (event.type === 'write') sent.push(event.bytes)
      if (event.type === 'message') sent.push(connection.send(event.data))
      if (event.type === 'close') closes += 1
    }
  }
  return { frames: describe(Buffer.concat(sent)), closes }
}

/** Frames of a server in words, a line each. */
function describe(bytes: Uint8Array): string[] {
  const lines: string[] = []
  for (let at = 0; at < bytes.length; ) {
    const header = readHeader(bytes, at)
    if (!header) return [...lines, `${bytes.length - at} bytes that are no frame`]
    const start = at + header.headerLength
    const payload = Buffer.from(bytes.subarray(start, start + Number(header.payloadLength)))
    const shortest = payload.length < 126 ? 2 : payload.length < 65_536 ? 4 : 10
    const odd = header.mask
      ? ', masked'
      : header.headerLength > shortest
        ? ', not minimal'
        : header.fin
          ? ''
          : ', more to come'
    lines.push(shown(header.opcode, payload) + odd)
    at = start + payload.length
  }
  return lines
}

function shown(opcode: number, payload: Uint8Array | string): string {
  const bytes = Buffer.from(payload as string)
  if (opcode === opcodes.close) return bytes.length < 2 ? 'close' : `close ${bytes.readUInt16BE(0)}`
  if (bytes.length > 125) return `${opcodeName(opcode)} ${bytes.length} bytes`
  const text = bytes.toString()
  return `${opcodeName(opcode)} ${Buffer.from(text).equals(bytes) ? JSON.stringify(text) : bytes.toString('hex')}`
}

/** A client's frame. */
function frame(opcode: number, data: string | Uint8Array, fin = true): Buffer {
  const key = hex('37 fa 21 3d')
  const payload = Buffer.from(data as string)
  const { length } = payload
  const extended = Buffer.alloc(length < 126 ? 0 : length < 65_536 ? 2 : 8)
  if (extended.length === 2) extended.writeUInt16BE(length)
  if (extended.length === 8) extended.writeBigUInt64BE(BigInt(length))
  const short = extended.length === 0 ? length : extended.length === 2 ? 126 : 127
  return Buffer.concat([
    Buffer.from([(fin ? 0x80 : 0) | opcode, 0x80 | short]),
    extended,
    key,
    payload.map((byte, i) => byte ^ key[i % 4]!),
  ])
}

function closing(code: number, reason = ''): Buffer {
  return Buffer.concat([Buffer.from([code >> 8, code & 0xff]), Buffer.from(reason)])
}

function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(' ', ''), 'hex')
}
