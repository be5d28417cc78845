import { once } from 'node:events'
import { createServer as createHttpsServer } from 'node:https'
import { createServer, type Socket } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import { makeCertificates } from '#lab/09-tls-echo/certificates.ts'
import { type Frame, FrameDecoder } from '#lab/12-ws-frames/frame.ts'
import { createWebSocketServer, echo } from '#lab/13-ws-server/server.ts'
import { type ConnectOptions, connect, newMaskingKey, type WebSocketClient } from '#lab/14-ws-client/client.ts'
import { ConnectError, checkResponse, newKey, upgradeRequest } from '#lab/14-ws-client/handshake.ts'
import { Inbox } from '#lab/14-ws-client/inbox.ts'
import { check, cleanup, deadline, expect, fail, listen, runFile, tcp } from '../../workbook/grade/checks/check.ts'
import { hexBytes } from '../../workbook/grade/checks/compare-bytes.ts'
import { acceptSteps } from '../../workbook/wire/websocket/handshake.ts'

const key = 'dGhlIHNhbXBsZSBub25jZQ=='
const right = ['Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=']

check(
  'key',
  'each connection has a key of its own, 16 random bytes',
  { todo: 1, anchor: 'asking', rule: 'RFC 6455 §4.1' },
  () => {
    const keys = Array.from({ length: 50 }, newKey)
    for (const one of keys) {
      expect(Buffer.from(one, 'base64').length, 'bytes in a key').toBe(16)
      const base64 = Buffer.from(one, 'base64').toString('base64')
      expect(one === base64 ? 'base64' : 'other digits', 'the digits of a key').toBe('base64')
    }
    expect(new Set(keys).size, 'different keys among 50').toBe(50)
    varied(keys.map((one) => Buffer.from(one, 'base64')))
    expect(withoutMathRandom(newKey), 'two keys, while Math.random always says 0.5').toBe('differ')
  },
)

check(
  'request',
  'the request asks for WebSocket 13 at the right place',
  { anchor: 'asking', rule: 'RFC 6455 §4.1' },
  () => {
    const request = upgradeRequest(new URL('ws://[::1]:7013/chat?room=1'), key, {
      protocols: ['chat', 'v2'],
      headers: { Origin: 'http://a.example' },
    })
    const [line, ...headers] = request.split('\r\n')
    expect(line, 'the request line').toBe('GET /chat?room=1 HTTP/1.1')
    for (const want of [
      'Host: [::1]:7013',
      'Upgrade: websocket',
      'Connection: Upgrade',
      'Sec-WebSocket-Version: 13',
      `Sec-WebSocket-Key: ${key}`,
      'Sec-WebSocket-Protocol: chat, v2',
      'Origin: http://a.example',
    ]) {
      expect(headers, `the headers of the request hold ${want}`).toContain(want)
    }
    expect(request.slice(-4), 'the end of the request').toBe('\r\n\r\n')
    expect(upgradeRequest(new URL('ws://a'), key), 'a request that offers no protocol').not.toMatch(/protocol/i)
    for (const headers of [
      { X: 'a\r\nY: b' },
      { X: 'a\rb' },
      { X: 'a\nb' },
      { X: 'a\0b' },
      { 'X\r\nY': 'b' },
      { 'X y': 'b' },
    ] as Record<string, string>[]) {
      const what = `a request with the header ${JSON.stringify(headers)}`
      try {
        upgradeRequest(new URL('ws://a'), key, { headers })
      } catch (error) {
        if (error instanceof TypeError) continue
      }
      fail.state(what, 'no TypeError', `want a TypeError for ${what}, got none`)
    }
  },
)

check('credentials', 'name and password of the address go along', { anchor: 'asking', rule: 'RFC 7617 §2' }, () => {
  const sent = (url: string, headers?: Record<string, string>) =>
    upgradeRequest(new URL(url), key, { headers })
      .split('\r\n')
      .filter((line) => /^authorization:/i.test(line))
      .join(', ')
  const basic = (text: string) => `Authorization: Basic ${Buffer.from(text).toString('base64')}`
  expect(sent('ws://ann:secret@a/'), 'Authorization for ws://ann:secret@a/').toBe(basic('ann:secret'))
  expect(sent('ws://ann:p%40ss@a/'), 'Authorization for ws://ann:p%40ss@a/').toBe(basic('ann:p@ss'))
  expect(sent('ws://a/'), 'Authorization for ws://a/').toBe('')
  const given = { authorization: 'Bearer x' }
  expect(sent('ws://ann:secret@a/', given), 'Authorization, when headers have one').toBe('authorization: Bearer x')
  const [host] = upgradeRequest(new URL('ws://ann:secret@a:81/'), key).match(/^Host:.*$/im) ?? []
  expect(host, 'the Host of ws://ann:secret@a:81/').toBe('Host: a:81')
})

check(
  'status',
  'anything but 101 is refused, and explained',
  { todo: 3, anchor: 'reading-the-answer', rule: 'RFC 6455 §4.1' },
  () => {
    for (const line of [
      '100 Continue',
      '103 Early Hints',
      '200 OK',
      '204 No Content',
      '226 IM Used',
      '300 Multiple Choices',
      '404 Not Found',
      '426 Upgrade Required',
      '500 Oops',
    ]) {
      const error = refuses(line, answer(right, `HTTP/1.1 ${line}`))
      expect(error.status, `status of the error for ${line}`).toBe(Number.parseInt(line, 10))
    }
    for (const line of ['301 Moved Permanently', '302 Found', '307 Temporary Redirect', '308 Permanent Redirect']) {
      const error = refuses(line, answer([...right, 'Location: ws://b.example/'], `HTTP/1.1 ${line}`))
      expect(error.status, `status of the error for ${line}`).toBe(Number.parseInt(line, 10))
      if (!error.message.includes('ws://b.example/')) {
        fail.state(
          `checkResponse of ${line} with Location: ws://b.example/`,
          error.message,
          `want ws://b.example/ in the message for ${line}, got none`,
        )
      }
    }
    refuses('an answer that is not HTTP', 'SSH-2.0-OpenSSH_9.2\r\n\r\n')
    refuses('the status 1012', answer(right, 'HTTP/1.1 1012 Almost'))
    refuses('HTTP/1.0', answer(right, 'HTTP/1.0 101 Switching Protocols'))
  },
)

check(
  'accept',
  'an answer that does not prove itself is refused',
  { todo: 4, anchor: 'reading-the-answer', rule: 'RFC 6455 §4.1' },
  () => {
    expect(checkResponse(answer(right), key), 'checkResponse of the right answer').toBeUndefined()
    checkResponse(
      answer(right.map((line) => line.replace('websocket', 'WebSocket').replace(': Upgrade', ':upgrade'))),
      key,
    )
    for (const list of ['keep-alive, Upgrade', 'upgrade, keep-alive', 'keep-alive ,UPGRADE, x']) {
      checkResponse(answer(right.map((line) => line.replace(': Upgrade', `: ${list}`))), key)
    }
    refuses('no Sec-WebSocket-Accept', answer(right.slice(0, 2)))
    refuses(
      'the accept of another key',
      answer([...right.slice(0, 2), 'Sec-WebSocket-Accept: HSmrc0sMlYUkAGmm5OPpG2HaGWk=']),
    )
    const other = 'AQIDBAUGBwgJCgsMDQ4PEA=='
    const { secWebSocketAccept } = acceptSteps(other)
    checkResponse(answer([...right.slice(0, 2), `Sec-WebSocket-Accept: ${secWebSocketAccept}`]), other)
    const accept = right[2]!.slice('Sec-WebSocket-Accept: '.length)
    for (const wrong of [
      key,
      accept.toLowerCase(),
      accept.slice(0, -1),
      `${accept}=`,
      `${accept}, ${accept}`,
      `x, ${accept}`,
    ]) {
      const line = `Sec-WebSocket-Accept: ${wrong}`
      refuses(JSON.stringify(line), answer([...right.slice(0, 2), line]))
    }
    refuses('no Upgrade', answer(right.slice(1)))
    for (const upgrade of ['h2c', 'websocket2', 'xwebsocket']) {
      refuses(`Upgrade: ${upgrade}`, answer([`Upgrade: ${upgrade}`, ...right.slice(1)]))
    }
    refuses('no Connection', answer([right[0]!, right[2]!]))
    for (const connection of ['close', 'Upgradeable', 'no-upgrade, close']) {
      refuses(`Connection: ${connection}`, answer([right[0]!, `Connection: ${connection}`, right[2]!]))
    }
  },
)

check(
  'offered',
  'the server may choose only from what we offered',
  { todo: 5, anchor: 'reading-the-answer', rule: 'RFC 6455 §4.1' },
  () => {
    expect(
      checkResponse(answer([...right, 'Sec-WebSocket-Protocol: chat']), key, ['v2', 'chat']),
      'the protocol that was chosen',
    ).toBe('chat')
    expect(
      checkResponse(answer(right), key, ['v2', 'chat']),
      'the protocol, when the server chose none',
    ).toBeUndefined()
    for (const chosen of ['soap', 'CHAT', 'cha', 'chat2', 'v2, chat']) {
      const line = `Sec-WebSocket-Protocol: ${chosen}`
      refuses(`${line}, when we offered v2 and chat`, answer([...right, line]), ['v2', 'chat'])
    }
    refuses('Sec-WebSocket-Protocol, when we offered none', answer([...right, 'Sec-WebSocket-Protocol: chat']))
    for (const extension of ['permessage-deflate', 'permessage-deflate; server_max_window_bits=10', 'x-other']) {
      const line = `Sec-WebSocket-Extensions: ${extension}`
      refuses(line, answer([...right, line]))
      refuses(`${line}, and a protocol that we offered`, answer([...right, 'Sec-WebSocket-Protocol: v2', line]), ['v2'])
    }
  },
)

check(
  'interim',
  'an interim answer is read over: the real one is still to come',
  { anchor: 'reading-the-answer', rule: 'RFC 9110 §15.2' },
  async () => {
    const hints = 'HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n'
    for (const before of [[hints], ['HTTP/1.1 100 Continue\r\n\r\n', hints]]) {
      const { port, sockets } = await rawServer(undefined, before)
      const client = await connected(port, { closeTimeout: 50 })
      const pong = client.ping('x')
      ;(await sockets()).write(hexBytes('8a 01 78'))
      const heard = await deadline(pong, 2000, 'a pong after an interim answer and the 101')
      expect(heard ? 'heard' : 'not heard', 'a pong after an interim answer and the 101').toBe('heard')
    }
    const refused = await listen(
      createServer((socket) => socket.on('error', () => {}).end(`${hints}HTTP/1.1 404 Not Found\r\n\r\n`)),
    )
    await rejects(connect(`ws://127.0.0.1:${refused}`), 'connect, when 404 comes after 103')
    const mute = await listen(createServer((socket) => socket.on('error', () => {}).end(hints)))
    await rejects(connect(`ws://127.0.0.1:${mute}`), 'connect to a server that hangs up after 103')
  },
)

check(
  'masking-key',
  'each frame is masked with a key of its own',
  { todo: 2, anchor: 'a-fresh-key-for-every-frame', rule: 'RFC 6455 §10.3' },
  async () => {
    const keys = Array.from({ length: 200 }, newMaskingKey)
    for (const one of keys) expect(one.length, 'bytes of a masking key').toBe(4)
    expect(
      new Set(keys.map((one) => Buffer.from(one).toString('hex'))).size,
      'different masking keys among 200',
    ).toBeGreaterThan(190)
    varied(keys)
    expect(
      withoutMathRandom(() => Buffer.from(newMaskingKey()).toString('hex')),
      'two masking keys, while Math.random always says 0.5',
    ).toBe('differ')
    const { port, sockets } = await rawServer()
    const client = await connected(port)
    const frames = gather(await sockets(), 22)
    client.send('hello')
    client.send('hello')
    const bytes = await deadline(frames, 2000, 'two frames with "hello"')
    expect([bytes[0], bytes[1], bytes[11], bytes[12]], 'bytes 0 and 1 of the two frames').toEqual([
      0x81, 0x85, 0x81, 0x85,
    ])
    const [one, other] = [bytes.subarray(2, 6), bytes.subarray(13, 17)].map((bytes) => bytes.toString('hex'))
    expect(one === other ? 'the same' : 'others', 'the masking keys of two frames').toBe('others')
  },
)

check(
  'inbox',
  'messages wait in order, and a reader waits for a message',
  { todo: 7, anchor: 'waiting-for-messages', rule: 'Node.js: events' },
  async () => {
    const inbox = new Inbox()
    inbox.put('one')
    inbox.put(Buffer.from('two'))
    expect(await inbox.take(), 'the first message').toBe('one')
    expect(String(await inbox.take()), 'the second message').toBe('two')
    expect(inbox.size, 'size, when nothing waits').toBe(0)
    const [third, fourth, end] = [inbox.take(), inbox.take(), inbox.take()]
    inbox.put('three')
    inbox.put('four')
    expect(await deadline(third, 1000, 'a message put after take'), 'the third message').toBe('three')
    expect(await deadline(fourth, 1000, 'a message put after take'), 'the fourth message').toBe('four')
    inbox.put('last')
    expect(await deadline(end, 1000, 'a message put after take'), 'the fifth message').toBe('last')
    for (const empty of ['', Buffer.alloc(0)]) {
      inbox.put(empty)
      expect(await deadline(inbox.take(), 1000, 'an empty message'), 'an empty message').toBe(empty)
    }
    const none = [inbox.take(), inbox.take()]
    inbox.end()
    for (const end of none) {
      expect(await deadline(end, 1000, 'the end, for each of two readers'), 'what a reader gets at the end').toBeNull()
    }
    expect(await deadline(inbox.take(), 1000, 'the end'), 'what a reader gets after the end').toBeNull()

    const late = new Inbox()
    late.put('before the end')
    late.put('')
    late.end()
    expect(await deadline(late.take(), 1000, 'a message'), 'a message put before the end').toBe('before the end')
    expect(await deadline(late.take(), 1000, 'a message'), 'an empty message put before the end').toBe('')
    expect(await deadline(late.take(), 1000, 'the end'), 'what a reader gets after the last message').toBeNull()
  },
)

check(
  'talk-to-13',
  'it talks with the server of lab 13',
  { todo: 7, anchor: 'waiting-for-messages', rule: 'RFC 6455 §5.6', timeout: 20_000 },
  async () => {
    const server = createWebSocketServer()
    server.on('websocket', echo)
    const client = await connected(await listen(server))
    await echoes(client)
    expect(await client.close(3000, 'bye'), 'what close(3000, "bye") gives').toMatchObject({ code: 3000 })
    expect(await client.receive(), 'receive after the end').toBeNull()
  },
)

check(
  'talk-to-ws',
  'it talks with ws, which offers compression and gets none',
  { todo: 7, anchor: 'waiting-for-messages', rule: 'RFC 6455 §9.1', timeout: 20_000 },
  async () => {
    for (const perMessageDeflate of [true, false]) {
      const { port, peers } = await wsServer(perMessageDeflate)
      const client = await connected(port, { protocols: ['chat', 'v2'] })
      expect(client.protocol, 'the protocol that ws chose of chat and v2').toBe('chat')
      const peer = await peers()
      await echoes(client)
      peer.ping('are you there?')
      await deadline(once(peer, 'pong'), 2000, 'your pong')
      peer.send('Hel', { fin: false })
      peer.send('lo', { fin: true })
      expect(await deadline(client.receive(), 2000, 'a message in fragments'), 'a message in fragments').toBe('Hello')
      await client.close()
    }
  },
)

check(
  'fragments',
  'it sends a long message in fragments when asked',
  { anchor: 'waiting-for-messages', rule: 'RFC 6455 §5.4' },
  async () => {
    const { port, peers } = await wsServer(false, false)
    const client = await connected(port)
    const heard = once(await peers(), 'message') as Promise<[Buffer]>
    client.send('a κόσμε of fragments', 3)
    const [bytes] = await deadline(heard, 2000, 'the message')
    expect(bytes).toBeBytes('a κόσμε of fragments', { action: 'sent a text in fragments of 3 bytes', text: true })

    const raw = await rawServer()
    const other = await connected(raw.port)
    const frames = gather(await raw.sockets(), 8 + 7)
    other.send('abc', 2)
    const [first, rest] = await deadline(
      frames.then((all) => [all[0], all[8]]),
      2000,
      'two frames',
    )
    expect([first, rest], 'bytes 0 of the frames of "abc" in fragments of 2').toEqual([0x01, 0x80])
  },
)

check(
  'glued',
  'a message in the same chunk as the answer is not lost',
  { todo: 7, anchor: 'waiting-for-messages', rule: 'RFC 6455 §4.1' },
  async () => {
    const { port } = await rawServer(hexBytes('81 05 48 65 6c 6c 6f'))
    const client = await connected(port)
    expect(await deadline(client.receive(), 2000, 'the message'), 'the message behind the 101').toBe('Hello')
  },
)

check(
  'ping',
  'a ping says whether the other end is there',
  { anchor: 'saying-goodbye', rule: 'RFC 6455 §5.5.2' },
  async () => {
    const { port } = await wsServer(false)
    const client = await connected(port)
    expect(await deadline(client.ping('x'), 2000, 'the answer to ping'), 'ping, when the server answers').toBe(true)
    const raw = await rawServer()
    const left = await connected(raw.port)
    const pong = left.ping()
    const socket = await raw.sockets()
    socket.write(hexBytes('8a 01 21'))
    socket.end()
    expect(
      await deadline(pong, 2000, 'the answer to ping'),
      'ping, when the server sends another pong and leaves',
    ).toBe(false)
  },
)

check(
  'close',
  'closing carries code and reason both ways',
  { anchor: 'saying-goodbye', rule: 'RFC 6455 §7.1' },
  async () => {
    const { port, peers } = await wsServer(false)
    const client = await connected(port)
    const peer = await peers()
    const seen = once(peer, 'close') as Promise<[number, Buffer]>
    const closed = client.close(4001, 'enough')
    const [code, reason] = await deadline(seen, 2000, 'your close frame')
    expect([code, String(reason)], 'code and reason that ws saw').toEqual([4001, 'enough'])
    expect((await deadline(closed, 2000, 'the end of TCP')).code, 'code that close gives').toBe(4001)

    const other = await connected(port)
    ;(await peers()).close(1001, 'going')
    expect(await deadline(other.closed, 2000, 'the end of TCP'), 'what closed gives, when ws closes').toEqual({
      code: 1001,
      reason: 'going',
    })
  },
)

check(
  'close-timeout',
  'a server that does not answer a close frame is left',
  { anchor: 'saying-goodbye', rule: 'RFC 6455 §7.1.1' },
  async () => {
    const { port } = await rawServer()
    const client = await connected(port, { closeTimeout: 50 })
    expect((await deadline(client.close(), 2000, 'the end of TCP')).code, 'code that close gives').toBe(1006)
  },
)

check(
  'masked-server',
  'a server that masks its frames is refused with 1002',
  { anchor: 'a-hostile-server', rule: 'RFC 6455 §5.1' },
  async () => {
    const { port, sockets } = await rawServer(hexBytes('81 85 37 fa 21 3d 7f 9f 4d 51 58'))
    const client = await connected(port, { closeTimeout: 50 })
    const bytes = await deadline(gather(await sockets(), 8), 2000, 'your close frame')
    const maskingKey = bytes.subarray(2, 6)
    const code = ((bytes[6]! ^ maskingKey[0]!) << 8) | (bytes[7]! ^ maskingKey[1]!)
    expect([bytes[0], bytes[1]! >> 7, code], 'opcode byte, MASK and code of what the client sends').toEqual([
      0x88, 1, 1002,
    ])
    expect((await deadline(client.closed, 2000, 'the end of TCP')).code, 'code that closed gives').toBe(1002)
  },
)

check(
  'answers-first',
  'messages before a broken frame are answered before the goodbye',
  { todo: 7, anchor: 'a-hostile-server', rule: 'RFC 6455 §7.1.7' },
  async () => {
    const { port, sockets } = await rawServer(hexBytes('81 01 61 81 00 81 01 62 83 00'))
    const client = await connected(port, { closeTimeout: 50 })
    const socket = await sockets()
    const gone = once(socket, 'close')
    const frames: Frame[] = []
    const decoder = new FrameDecoder({ role: 'server' })
    socket.on('data', (chunk) => frames.push(...decoder.push(chunk)))
    for await (const message of client) client.send(message)
    await deadline(gone, 2000, 'the end of TCP')
    const shown = frames.map(({ opcode, payload }) =>
      opcode === 8 ? `close ${payload.readUInt16BE(0)}` : String(payload),
    )
    const what = 'what a client that echoes sends after "a", "", "b" and opcode 3 in one chunk'
    expect(shown.join(' | '), what).toBe('a |  | b | close 1002')
  },
)

check(
  'bounded',
  'a server that sends more than is received has to wait',
  { todo: [7, 8], anchor: 'a-hostile-server', rule: 'Node.js: stream', timeout: 30_000 },
  async () => {
    const small = await rawServer()
    const reader = await connected(small.port, { maxWaiting: 16 * 1024 })
    const numbers = Array.from({ length: 10_000 }, (_, i) => String(100_000 + i))
    const burst = Buffer.concat(numbers.map((text) => Buffer.from(`\x81\x06${text}`, 'latin1')))
    await pour(await small.sockets(), burst, 1)
    let right = 0
    while (right < numbers.length && (await deadline(reader.receive(), 5000, 'a message')) === numbers[right])
      right += 1
    expect(right, 'small messages of 10,000 that came, one after the other').toBe(numbers.length)

    const { port, sockets } = await rawServer()
    const client = await connected(port, { maxWaiting: 1024 * 1024 })
    const socket = await sockets()
    const frame = Buffer.concat([hexBytes('82 7f 00 00 00 00 00 01 00 00'), Buffer.alloc(65_536)])
    const count = 640
    const taken = await pour(socket, frame, count)
    expect(taken, 'messages of 640 that the client took, while nobody received').toBeLessThan(600)
    let received = 0
    let next = client.receive()
    // Nothing can come while we stay in this turn of the event loop, so what is given now was in the inbox.
    while (received < count && (await isThere(next))) {
      received += 1
      next = client.receive()
    }
    const what = 'messages of 64 KiB in the inbox, with maxWaiting 1 MiB'
    if (received > 40)
      fail.state('nobody received for a while', `${received} ${what}`, `want about 16 ${what}, got more than 40`)
    while (received < count && (await deadline(next, 5000, 'a message that waits')) !== null) {
      received += 1
      if (received < count) next = client.receive()
    }
    expect(received, 'messages received in the end').toBe(count)
  },
)

check(
  'bounded-close',
  'what a server goes on sending after our close is not kept',
  { anchor: 'a-hostile-server', rule: 'RFC 6455 §7.1.1' },
  async () => {
    const { port, sockets } = await rawServer()
    const client = await connected(port, { maxWaiting: 1024 * 1024 })
    const socket = await sockets()
    const frame = Buffer.concat([hexBytes('82 7f 00 00 00 00 00 01 00 00'), Buffer.alloc(65_536)])
    const closed = client.close()
    for (let i = 0; i < 320; i++) socket.write(frame)
    socket.end()
    await deadline(closed, 5000, 'the end of TCP')
    let waiting = 0
    while ((await client.receive()) !== null) waiting += 1
    const what = 'messages of 64 KiB that wait after close, with maxWaiting 1 MiB'
    if (waiting >= 20)
      fail.state('closed, and then much came', `${waiting} ${what}`, `want less than 20 ${what}, got more`)
  },
)

check(
  'too-big',
  'a header that promises too much is refused with 1009',
  { anchor: 'a-hostile-server', rule: 'RFC 6455 §10.4' },
  async () => {
    for (const [bytes, maxPayload] of [
      ['82 7f 00 00 7f ff ff ff ff ff', undefined],
      ['82 06 00 00 00 00 00 00', 5],
    ] as const) {
      const { port } = await rawServer(hexBytes(bytes))
      const client = await connected(port, { closeTimeout: 50, maxPayload })
      const { code } = await deadline(client.closed, 2000, 'the end of TCP')
      expect(code, `code that closed gives after ${bytes}, with maxPayload ${maxPayload ?? 'left out'}`).toBe(1009)
    }
  },
)

check(
  'no-server',
  'nobody there, or somebody else, ends in an error',
  { anchor: 'giving-up', rule: 'Node.js: net' },
  async () => {
    const free = await closedPort()
    await rejects(connect(`ws://127.0.0.1:${free}`), 'connect to a port where nobody listens')
    const mute = await listen(createServer((socket) => socket.end()))
    await rejects(connect(`ws://127.0.0.1:${mute}`), 'connect to a server that hangs up')
    const endless = await listen(
      createServer((socket) => {
        socket.on('error', () => {}) // the client gives up, and may reset
        socket.write(Buffer.alloc(64 * 1024, 'a'))
      }),
    )
    await rejects(connect(`ws://127.0.0.1:${endless}`), 'connect to a server whose head does not end')
    const odd = await listen(createServer((socket) => socket.end('HTTP/1.1 101 Yes\r\nno header\r\n\r\n')))
    await rejects(connect(`ws://127.0.0.1:${odd}`), 'connect to a server whose head has a line without a colon')
    const { port } = await rawServer()
    await rejects(connect(`http://127.0.0.1:${port}/`), 'connect to an address with http')
    await rejects(connect(`ws://127.0.0.1:${port}/#there`), 'connect to an address with a #fragment')

    const left: Promise<unknown>[] = []
    const web = await listen(createServer((socket) => left.push(refuse(socket))))
    await rejects(connect(`ws://127.0.0.1:${web}`), 'connect to a server that answers 404')
    await deadline(Promise.all(left), 2000, 'you to leave a server that answered 404')
  },
)

check(
  'wss',
  'wss: is TLS, with a certificate that is checked',
  { anchor: 'giving-up', rule: 'Node.js: tls' },
  async () => {
    const { authority, localhost } = await makeCertificates()
    const server = createHttpsServer(localhost)
    server.on('tlsClientError', () => {}) // how the client ends is for the check to see, at the client
    new WebSocketServer({ server })
    const port = await listen(server)
    const client = await deadline(connect(`wss://localhost:${port}/`, { ca: authority }), 5000, 'connect over TLS')
    const pong = await deadline(client.ping('secret'), 2000, 'a pong over TLS')
    expect(pong ? 'heard' : 'not heard', 'a pong over TLS').toBe('heard')
    await deadline(client.close(), 2000, 'the end of TCP')
    await rejects(connect(`wss://localhost:${port}/`), 'connect to a certificate of nobody we know')

    const plain = await listen(createServer((socket) => void refuse(socket)))
    const { message } = await rejects(connect(`wss://127.0.0.1:${plain}`), 'connect with wss: to a server without TLS')
    expect(message, 'message of the error for wss: and a server without TLS').not.toMatch(/routines|\.c:/)
  },
)

check(
  'give-up',
  'connecting ends in time, and when it is aborted',
  { todo: 6, anchor: 'giving-up', rule: 'Node.js: AbortSignal' },
  async () => {
    const left: Promise<unknown>[] = []
    const silent = await listen(
      createServer((socket) => {
        socket.on('error', () => {}) // the client gives up, and may reset
        left.push(new Promise((resolve) => socket.once('close', resolve)))
        socket.on('data', (chunk) => String(chunk) === 'x' && socket.end())
      }),
    )
    const url = `ws://127.0.0.1:${silent}`
    await rejects(connect(url, { timeout: 50 }), 'connect to a silent server, timeout 50 ms')
    const { signal } = new AbortController()
    await rejects(connect(url, { timeout: 50, signal }), 'connect with a timeout of 50 ms and a signal')
    const abort = new AbortController()
    const connecting = connect(url, { signal: abort.signal })
    abort.abort()
    await rejects(connecting, 'connect, then abort', Error)
    await rejects(connect(url, { signal: AbortSignal.abort() }), 'connect with an aborted signal', Error)
    // Connections are accepted in their order: when this one has been, all the others have.
    const last = await tcp(silent)
    await last.send('x')
    await last.expectEnd()
    await last.end()
    await deadline(Promise.all(left), 2000, 'you to leave a server that was given up')
  },
)

check(
  'abort-later',
  'aborting later ends the connection',
  { anchor: 'giving-up', rule: 'Node.js: AbortSignal' },
  async () => {
    const { port } = await wsServer(false)
    const abort = new AbortController()
    const client = await connected(port, { signal: abort.signal })
    abort.abort()
    expect((await deadline(client.closed, 2000, 'the end of TCP')).code, 'code that closed gives').toBe(1006)

    const { late, value: lasting } = await withOwnTimeouts(() => connected(port))
    for (const controller of late) controller.abort(new DOMException('too late', 'TimeoutError'))
    const pong = await deadline(lasting.ping('x'), 2000, 'the answer to ping')
    expect(pong ? 'open' : 'closed', 'a connection, when the time for connecting is over').toBe('open')
  },
)

check(
  'terminal',
  'main.ts sends lines and prints messages',
  { todo: 7, anchor: 'your-turn', rule: 'Node.js: readline', timeout: 20_000 },
  async () => {
    const { port, peers } = await wsServer(false)
    const child = runFile('14-ws-client/main.ts', [`ws://127.0.0.1:${port}`], {
      stdin: 'hello\nκόσμε\n',
      timeout: 10_000,
    })
    const left = once(await peers(), 'close')
    await child.line(/< hello/)
    await child.line(/< κόσμε/)
    const [code] = await deadline(left, 5000, 'the end of TCP, after the end of input')
    expect(code, 'code of your close frame, at the end of input').toBe(1000)
    expect((await child.ends()).code, 'exit code').toBe(0)
  },
)

async function connected(port: number, options?: ConnectOptions): Promise<WebSocketClient> {
  const client = await deadline(connect(`ws://127.0.0.1:${port}/`, options), 5000, 'connect')
  cleanup(() => void client.close())
  return client
}

/** Every kind of message, there and back. */
async function echoes(client: WebSocketClient): Promise<void> {
  for (const message of ['', 'hello', 'ü'.repeat(40_000), Buffer.alloc(126, 1), Buffer.alloc(65_536, 2)]) {
    client.send(message)
    const back = await deadline(client.receive(), 5000, `the echo of ${message.length}`)
    expect(typeof back, `type of the echo of ${message.length}`).toBe(typeof message === 'string' ? 'string' : 'object')
    expect(
      Buffer.from(back as string).equals(Buffer.from(message as string)),
      `the echo equals the message of ${message.length}`,
    ).toBe(true)
  }
}

/** A server of ws. @returns `peers` gives the next connection that is made, or was made */
async function wsServer(perMessageDeflate: boolean, echoing = true) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate })
  await once(server, 'listening')
  cleanup(() => {
    for (const peer of server.clients) peer.terminate()
    server.close()
  })
  const waiting: WebSocket[] = []
  server.on('connection', (peer) => {
    if (echoing) peer.on('message', (data, binary) => peer.send(data, { binary }))
    waiting.push(peer)
  })
  const peers = async (): Promise<WebSocket> => waiting.pop() ?? ((await once(server, 'connection'))[0] as WebSocket)
  return { port: (server.address() as { port: number }).port, peers }
}

/** Whether a promise settles without another turn of the event loop. */
async function isThere(promise: Promise<unknown>): Promise<boolean> {
  let there = false
  void promise.then(() => {
    there = true
  })
  for (let i = 0; i < 50 && !there; i++) await undefined
  return there
}

/** Keeps track of the timeouts that are asked of AbortSignal meanwhile: they come when the check aborts them. */
async function withOwnTimeouts<T>(work: () => Promise<T>): Promise<{ value: T; late: AbortController[] }> {
  const { timeout } = AbortSignal
  const late: AbortController[] = []
  AbortSignal.timeout = () => {
    const controller = new AbortController()
    late.push(controller)
    return controller.signal
  }
  try {
    return { value: await work(), late }
  } finally {
    AbortSignal.timeout = timeout
  }
}

/** Answers 404 and keeps the connection. @returns when the client has left */
function refuse(socket: Socket): Promise<unknown> {
  socket.on('error', () => {}) // the client may reset
  socket.once('data', () => socket.write('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n'))
  return new Promise((resolve) => socket.once('close', resolve))
}

/**
 * A server that upgrades, sends `first` in the same chunk, and then does nothing by itself.
 *
 * @param before what it sends before it upgrades, in a turn of its own each
 */
async function rawServer(first: Uint8Array = Buffer.alloc(0), before: string[] = []) {
  let give = (_: Socket): void => {}
  const socket = new Promise<Socket>((resolve) => {
    give = resolve
  })
  const server = createServer((peer) => {
    peer.on('error', () => {}) // how the client ends is for the check to see, at the client
    peer.once('data', async (chunk) => {
      for (const text of before) await new Promise((resolve) => peer.write(text, resolve))
      const sent = /Sec-WebSocket-Key: (.+)\r\n/i.exec(String(chunk))?.[1] ?? ''
      const lines = [...right.slice(0, 2), `Sec-WebSocket-Accept: ${acceptSteps(sent).secWebSocketAccept}`]
      peer.write(Buffer.concat([Buffer.from(answer(lines)), first]))
      give(peer)
    })
  })
  const port = await listen(server)
  return { port, sockets: () => deadline(socket, 2000, 'a connection') }
}

/** The first bytes that come. */
function gather(socket: Socket, length: number): Promise<Buffer> {
  let bytes = Buffer.alloc(0)
  return new Promise((resolve) => {
    socket.on('data', (chunk) => {
      bytes = Buffer.concat([bytes, chunk])
      if (bytes.length >= length) resolve(bytes)
    })
  })
}

/** Writes bytes `count` times, one after the other, until all have left or nothing leaves for a while. @returns how often */
function pour(socket: Socket, bytes: Uint8Array, count: number): Promise<number> {
  let left = 0
  const next = () => {
    if (left < count) socket.write(bytes, () => ++left && next())
  }
  next()
  return new Promise((resolve) => {
    let last = -1
    let still = 0
    const timer = setInterval(() => {
      still = left === last ? still + 1 : 0
      if (left === count || still === 3) resolve(left)
      last = left
    }, 200)
    cleanup(() => clearInterval(timer))
  })
}

async function closedPort(): Promise<number> {
  const server = createServer()
  const port = await listen(server)
  server.close()
  await once(server, 'close')
  return port
}

function answer(lines: string[], status = 'HTTP/1.1 101 Switching Protocols'): string {
  return `${[status, ...lines].join('\r\n')}\r\n\r\n`
}

/** Expects `checkResponse` to throw. */
function refuses(what: string, head: string, protocols?: string[]): { status?: number; message: string } {
  try {
    checkResponse(head, key, protocols)
  } catch (error) {
    return error as { status?: number; message: string }
  }
  return fail.state(`checkResponse of an answer with ${what}`, 'no error', `want an error for ${what}, got none`)
}

/** Expects an error; a ConnectError, unless the caller gave up. */
async function rejects(
  connecting: Promise<unknown>,
  action: string,
  Kind: new (...args: never[]) => Error = ConnectError,
): Promise<Error> {
  const outcome = await deadline(
    connecting.then(
      () => 'no error',
      (error: unknown) => error,
    ),
    3000,
    `${action}: an error`,
  )
  if (outcome instanceof Kind) return outcome
  const want = Kind === Error ? 'an error' : 'a ConnectError'
  return fail.state(action, String(outcome), `${action}: want ${want}, got ${name(outcome)}`)
}

function name(outcome: unknown): string {
  return outcome instanceof Error ? outcome.name : String(outcome)
}

/** Expects every byte of random values to take many values, and the bytes of a value not to be all the same. */
function varied(values: Uint8Array[]): void {
  const { length } = values[0]!
  for (let i = 0; i < length; i++) {
    expect(
      new Set(values.map((value) => value[i])).size,
      `values of byte ${i} of ${values.length} keys`,
    ).toBeGreaterThan(20)
  }
  const dull = values.filter((value) => new Set(value).size === 1)
  expect(dull.length, `keys of ${values.length} that repeat one byte`).toBeLessThan(5)
}

/** Whether two values of a source still differ when the source that can be foreseen stands still. */
function withoutMathRandom(source: () => string): 'differ' | 'are the same' {
  const { random } = Math
  Math.random = () => 0.5
  try {
    const [one, other] = [source(), source()]
    return one === other ? 'are the same' : 'differ'
  } finally {
    Math.random = random
  }
}
