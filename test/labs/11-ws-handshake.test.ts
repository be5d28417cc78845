import type { Server, Socket } from 'node:net'
import { acceptKey, acceptResponse, HeadReader, parseUpgrade } from '#lab/11-ws-handshake/handshake.ts'
import { showSteps } from '#lab/11-ws-handshake/main.ts'
import { createUpgradeServer, type UpgradeOptions } from '#lab/11-ws-handshake/server.ts'
import {
  check,
  chunkings,
  computingTime,
  deadline,
  expect,
  fail,
  listen,
  misbehave,
  type TcpPeer,
  tcp,
  wsPeer,
} from '../../workbook/grade/checks/check.ts'
import { hexBytes } from '../../workbook/grade/checks/compare-bytes.ts'

const key = 'dGhlIHNhbXBsZSBub25jZQ=='
const accept = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='

check(
  'accept',
  'Sec-WebSocket-Accept is base64 of SHA-1 of the key and the GUID',
  { todo: 1, anchor: 'four-steps', rule: 'RFC 6455 §1.3' },
  () => {
    expect(acceptKey(key), `acceptKey of ${key}`).toBe(accept)
    expect(acceptKey('x3JJHMbDL1EzLkh9GBhXDw=='), 'acceptKey of x3JJHMbDL1EzLkh9GBhXDw==').toBe(
      'HSmrc0sMlYUkAGmm5OPpG2HaGWk=',
    )
  },
)

check(
  'steps',
  'main.ts shows the key, the key with GUID, the SHA-1 and the accept key',
  { todo: 1, anchor: 'four-steps', rule: 'RFC 6455 §1.3' },
  () => {
    const lines = showSteps(key).split('\n')
    const guid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
    const sha1 = 'b3 7a 4f 2c c0 62 4f 16 90 f6 46 06 cf 38 59 45 b2 be c4 ea'
    for (const [i, want] of [key, key + guid, sha1, accept].entries()) {
      expect(lines[i]?.endsWith(` ${want}`), `line ${i + 1} of showSteps ends with ${want}`).toBe(true)
    }
  },
)

check(
  'response',
  'the answer is 101 with Upgrade, Connection and the accept key',
  { todo: 1, anchor: 'four-steps', rule: 'RFC 6455 §4.2.2' },
  () => {
    const { status, headers } = parseAnswer(acceptResponse(parseUpgrade(request())))
    expect(status, 'status of acceptResponse').toBe(101)
    expect(headers.get('upgrade')?.toLowerCase(), 'Upgrade of acceptResponse').toBe('websocket')
    expect(headers.get('connection')?.toLowerCase(), 'Connection of acceptResponse').toBe('upgrade')
    expect(headers.get('sec-websocket-accept'), 'Sec-WebSocket-Accept of acceptResponse').toBe(accept)
    expect(headers.has('sec-websocket-protocol'), 'Sec-WebSocket-Protocol, when none was chosen').toBe(false)
  },
)

check(
  'head-cuts',
  'a head is read wherever it is cut',
  { todo: 2, anchor: 'the-end-of-a-head', rule: 'RFC 9112 §2.2' },
  () => {
    const head = request()
    for (const { name, chunks } of chunkings(head)) {
      const reader = new HeadReader()
      const reads = chunks.map((chunk) => reader.push(chunk))
      expect(
        reads.slice(0, -1).every((read) => read === undefined),
        `no head before its last byte (${name})`,
      ).toBe(true)
      expect(reads.at(-1)?.head, `the head, fed ${name}`).toBe(head)
    }
  },
)

check(
  'head-rest',
  'what stands behind the head is handed on',
  { todo: 2, anchor: 'the-end-of-a-head', rule: 'RFC 6455 §4.1' },
  () => {
    for (const behind of [hexBytes('81 85 37 fa 21 3d 7f 9f 4d 51 58'), Buffer.from(request())]) {
      const read = new HeadReader().push(Buffer.concat([Buffer.from(request()), behind]))
      expect(read?.head, 'the head, with more behind it in the same chunk').toBe(request())
      expect(read?.rest).toBeBytes(behind, { action: 'pushed a head with more behind it, and looked at rest' })
    }
  },
)

check(
  'head-limit',
  'a head that does not end is refused with 431',
  { todo: 2, anchor: 'the-end-of-a-head', rule: 'RFC 6585 §5' },
  () => {
    refuses('16 KiB and more without an empty line', 431, () => {
      const reader = new HeadReader()
      for (let i = 0; i < 20; i++) reader.push(Buffer.alloc(1024, 'a'))
    })
  },
)

check(
  'headers',
  'headers are read by the rules, not by the looks',
  { todo: 3, anchor: 'names-and-values', rule: 'RFC 9112 §5' },
  () => {
    const { headers } = parseUpgrade(
      request({
        add: ['X-Tight:one', 'X-Wide:   two \t ', 'X-Colon: a: b: c', 'X-Empty:', 'X-Twice: 1', 'x-twice: 2'],
      }),
    )
    const want = { 'x-tight': 'one', 'x-wide': 'two', 'x-colon': 'a: b: c', 'x-empty': '', 'x-twice': '1, 2' }
    for (const [name, value] of Object.entries(want)) expect(headers.get(name), `header ${name}`).toBe(value)
  },
)

check(
  'bad-header',
  'a line that is no header is refused with 400',
  { todo: 3, anchor: 'names-and-values', rule: 'RFC 9112 §5.1' },
  () => {
    for (const line of ['no colon', 'Name : value', ' folded: value', ': nameless', 'X: a\rb', 'X: a\nY: b', 'X: \0']) {
      refuses(`the line ${JSON.stringify(line)}`, 400, () => parseUpgrade(request({ add: [line] })))
    }
  },
)

check(
  'blanks',
  'a line full of blanks keeps nobody waiting',
  { todo: 3, anchor: 'names-and-values', rule: 'RFC 9112 §5' },
  () => {
    const blanks = ' '.repeat(2200)
    const took = computingTime(() =>
      refuses('a line with 2,200 blanks and a lonely CR', 400, () =>
        parseUpgrade(request({ add: [`X:${blanks}\r${blanks}`] })),
      ),
    )
    expect(took < 1000, 'whether it was refused within a second').toBe(true)

    // One look at each line takes a few milliseconds.
    const tookLines = computingTime(() =>
      refuses('30,000 empty lines, and one that is none', 400, () =>
        parseUpgrade(`GET / HTTP/1.1${'\r\n'.repeat(30_000)}x`),
      ),
    )
    expect(tookLines < 300, 'whether 30,000 empty lines were read within 300 ms').toBe(true)
  },
)

check(
  'tokens',
  'Upgrade and Connection are lists, in any case',
  { todo: 4, anchor: 'what-it-asks-for', rule: 'RFC 6455 §4.2.1' },
  () => {
    for (const [name, value] of [
      ['Connection', 'keep-alive, Upgrade'],
      ['Connection', 'UPGRADE'],
      ['Upgrade', 'WebSocket'],
      ['Upgrade', 'h2c, websocket'],
    ]) {
      expect(parseUpgrade(request({ [name!]: value })).key, `the key of a request with ${name}: ${value}`).toBe(key)
    }
    for (const [name, value] of [
      ['Connection', 'keep-alive'],
      ['Connection', 'not-upgrade'],
      ['Connection', undefined],
      ['Upgrade', 'websockets'],
      ['Upgrade', undefined],
    ] as const) {
      refuses(`a request with ${name}: ${value ?? '(none)'}`, 426, () => parseUpgrade(request({ [name]: value })))
    }
  },
)

check(
  'version',
  'another version is answered with 426 and ours',
  { todo: 4, anchor: 'what-it-asks-for', rule: 'RFC 6455 §4.4' },
  () => {
    for (const value of ['12', '8, 13', '', undefined]) {
      const error = refuses(`Sec-WebSocket-Version: ${value ?? '(none)'}`, 426, () =>
        parseUpgrade(request({ 'Sec-WebSocket-Version': value })),
      )
      expect(error.headers?.['Sec-WebSocket-Version'], 'Sec-WebSocket-Version of the 426').toBe('13')
    }
  },
)

check(
  'key',
  'a key that is not 16 bytes in base64 is refused with 400',
  { todo: 4, anchor: 'what-it-asks-for', rule: 'RFC 6455 §4.2.1' },
  () => {
    for (const value of [undefined, '', 'short', `${key}AAAA`, 'dGhlIHNhbXBsZSBub25jZQ', `${key}, ${key}`]) {
      refuses(`Sec-WebSocket-Key: ${value ?? '(none)'}`, 400, () =>
        parseUpgrade(request({ 'Sec-WebSocket-Key': value })),
      )
    }
  },
)

check(
  'request-line',
  'only GET, HTTP/1.1 and one Host may upgrade',
  { todo: [3, 4], anchor: 'what-it-asks-for', rule: 'RFC 6455 §4.2.1' },
  () => {
    refuses('a POST', 405, () => parseUpgrade(request({ line: 'POST /chat HTTP/1.1' })))
    refuses('HTTP/1.0', 400, () => parseUpgrade(request({ line: 'GET /chat HTTP/1.0' })))
    refuses('a request without Host', 400, () => parseUpgrade(request({ Host: undefined })))
    refuses('a request with two Hosts', 400, () => parseUpgrade(request({ add: ['Host: other.example'] })))
  },
)

check(
  'parsed',
  'the request says where, who and which protocols',
  { anchor: 'what-it-asks-for', rule: 'RFC 6455 §4.2.1' },
  () => {
    const parsed = parseUpgrade(request({ Origin: 'http://example.com', 'Sec-WebSocket-Protocol': 'chat, superchat' }))
    expect(parsed.target, 'target').toBe('/chat?room=1')
    expect(parsed.host, 'host').toBe('server.example.com')
    expect(parsed.origin, 'origin').toBe('http://example.com')
    expect(parsed.protocols, 'protocols').toEqual(['chat', 'superchat'])
    expect(parseUpgrade(request({ line: 'GET http://a.example/ HTTP/1.1' })).target, 'target with a host in it').toBe(
      'http://a.example/',
    )
    for (const line of ['GET /chat', 'GET  HTTP/1.1', 'GET chat HTTP/1.1', 'GET /a b HTTP/1.1', 'hello']) {
      refuses(`the request line ${JSON.stringify(line)}`, 400, () => parseUpgrade(request({ line })))
    }
  },
)

check('server', 'a real client is upgraded', { todo: 1, anchor: 'on-a-socket', rule: 'RFC 6455 §4.2.2' }, async () => {
  const peer = await wsPeer(`ws://127.0.0.1:${await listen(upgrade())}/chat`)
  expect(peer.socket.readyState, 'readyState of the client').toBe(peer.socket.OPEN)
})

check(
  'server-cuts',
  'the server answers a head that comes in pieces',
  { todo: 2, anchor: 'on-a-socket', rule: 'RFC 9112 §2.2' },
  async () => {
    const port = await listen(upgrade())
    for (const { chunks } of chunkings(request())) {
      const peer = await tcp(port)
      await peer.send(chunks)
      expect(await statusOf(peer), 'the status').toBe(101)
    }
  },
)

check(
  'server-glued',
  'frames in the same chunk as the head reach the connection',
  { todo: 2, anchor: 'on-a-socket', rule: 'RFC 6455 §4.1' },
  async () => {
    const frame = hexBytes('81 85 37 fa 21 3d 7f 9f 4d 51 58')
    let arrived = (_: Buffer): void => {}
    const first = new Promise<Buffer>((resolve) => {
      arrived = resolve
    })
    const peer = await tcp(await listen(upgrade((socket) => socket.once('data', (bytes) => arrived(bytes)))))
    await peer.send(Buffer.concat([Buffer.from(request()), frame]))
    expect(await statusOf(peer), 'the status').toBe(101)
    const bytes = await deadline(first, 2000, 'the frame to reach onConnection')
    expect(bytes).toBeBytes(frame, {
      action: 'sent a frame behind the head, and waited for data on the socket of onConnection',
    })
  },
)

check(
  'server-limit',
  'a head that does not end gets its 431, and then the end',
  { todo: 2, anchor: 'on-a-socket', rule: 'RFC 6585 §5' },
  async () => {
    const peer = await tcp(await listen(upgrade()))
    await peer.send(`GET / HTTP/1.1\r\nX: ${'a'.repeat(200_000)}`)
    expect(parseAnswer(String(await peer.readAll())).status, 'the status').toBe(431)
  },
)

check(
  'server-refuses',
  'a refusal is a whole answer, and then the end',
  { todo: 4, anchor: 'on-a-socket', rule: 'RFC 6455 §4.2.2' },
  async () => {
    const port = await listen(
      upgrade(() => fail.state('sent a request that must be refused', 'onConnection was called', 'want a refusal')),
    )
    for (const [status, change] of [
      [426, { 'Sec-WebSocket-Version': '8' }],
      [400, { 'Sec-WebSocket-Key': 'short' }],
      [426, { Upgrade: undefined }],
    ] as const) {
      const peer = await tcp(port)
      await peer.send(request(change))
      const answer = parseAnswer(String(await peer.readAll()))
      expect(answer.status, `the status for ${JSON.stringify(change)}`).toBe(status)
      expect(Number(answer.headers.get('content-length')), 'Content-Length of the refusal').toBe(
        Buffer.byteLength(answer.body),
      )
    }
  },
)

check(
  'origin',
  'pages that are not in the list get 403',
  { todo: 5, anchor: 'who-may-connect', rule: 'RFC 6455 §10.2' },
  async () => {
    const port = await listen(upgrade(undefined, { origins: ['http://localhost:5173'] }))
    for (const [origin, status] of [
      ['http://localhost:5173', 101],
      [undefined, 101],
      ['http://evil.example', 403],
      ['null', 403],
      ['http://localhost:51730', 403],
    ] as const) {
      const peer = await tcp(port)
      await peer.send(request({ Origin: origin }))
      expect(await statusOf(peer), `the status for Origin: ${origin ?? '(none)'}`).toBe(status)
    }
  },
)

check(
  'protocol',
  'the server names a subprotocol that both speak, or none',
  { todo: 5, anchor: 'who-may-connect', rule: 'RFC 6455 §4.2.2' },
  async () => {
    const port = await listen(upgrade(undefined, { protocols: ['superchat', 'chat'] }))
    for (const [offered, chosen] of [
      ['chat, superchat', 'superchat'],
      ['chat', 'chat'],
      ['soap', undefined],
      [undefined, undefined],
    ] as const) {
      const peer = await tcp(port)
      await peer.send(request({ 'Sec-WebSocket-Protocol': offered }))
      const { headers } = parseAnswer(await peer.readUntil('\r\n\r\n'))
      expect(
        headers.get('sec-websocket-protocol'),
        `the answer to Sec-WebSocket-Protocol: ${offered ?? '(none)'}`,
      ).toBe(chosen)
    }
  },
)

check(
  'rude',
  'a peer that resets or says nothing harms nobody',
  { anchor: 'on-a-socket', rule: 'Node.js: net' },
  async () => {
    const port = await listen(upgrade(undefined, { headTimeout: 50 }))
    await misbehave.reset(port)
    const silent = await tcp(port)
    await silent.send('GET / HT')
    await deadline(silent.closed, 2000, 'the end of a connection whose head does not come')
    const peer = await tcp(port)
    await peer.send(request())
    expect(await statusOf(peer), 'the status for the next client').toBe(101)
  },
)

function upgrade(onConnection: (socket: Socket) => void = () => {}, options: UpgradeOptions = {}): Server {
  return createUpgradeServer(onConnection, options)
}

/** The RFC's request, with headers changed, left out (`undefined`) or added. */
function request(changes: Record<string, string | string[] | undefined> = {}): string {
  const { line = 'GET /chat?room=1 HTTP/1.1', add = [], ...changed } = changes
  const headers: Record<string, unknown> = {
    Host: 'server.example.com',
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Key': key,
    'Sec-WebSocket-Version': '13',
    ...changed,
  }
  const lines = Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]))
  return `${[line, ...lines, ...add].join('\r\n')}\r\n\r\n`
}

function parseAnswer(text: string): { status: number; headers: Map<string, string>; body: string } {
  const [head = '', ...body] = text.split('\r\n\r\n')
  const [line = '', ...lines] = head.split('\r\n')
  const headers = lines.map((header): [string, string] => {
    const colon = header.indexOf(':')
    return [header.slice(0, colon).toLowerCase(), header.slice(colon + 1).trim()]
  })
  return { status: Number(line.split(' ')[1]), headers: new Map(headers), body: body.join('\r\n\r\n') }
}

async function statusOf(peer: TcpPeer): Promise<number> {
  return parseAnswer(await peer.readUntil('\r\n\r\n')).status
}

interface Refused {
  status?: number
  headers?: Record<string, string>
}

/** Expects an error that carries the status to answer. */
function refuses(what: string, status: number, act: () => unknown): Refused {
  try {
    act()
  } catch (error) {
    const got = (error as Refused).status
    if (got === status) return error as Refused
    fail.state(
      what,
      String(error),
      `want an error with status ${status}, got ${got === undefined ? 'one without status' : `status ${got}`}`,
    )
  }
  return fail.state(what, 'no error', `want an error with status ${status}, got none`)
}
