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
      expect(lines[i]?.slice(-want.length - 1), `the end of line ${i + 1} of showSteps`).toBe(` ${want}`)
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
      const early = reads.slice(0, -1).findIndex((read) => read !== undefined)
      if (early >= 0) {
        fail.state(
          `pushed a head, ${name}`,
          `push returned ${JSON.stringify(reads[early]!.head)}`,
          `want no head before its last chunk, got one with chunk ${early + 1} of ${chunks.length}`,
        )
      }
      isHead(reads.at(-1), head, `pushed a head, ${name}`)
    }

    // Two clients at once.
    const readers = [new HeadReader(), new HeadReader()]
    const heads = [head, request({ line: 'GET /other HTTP/1.1' })]
    heads.forEach((other, i) => {
      expect(readers[i]!.push(Buffer.from(other.slice(0, 60))), 'what push returns for half a head').toBeUndefined()
    })
    heads.forEach((other, i) => {
      const read = readers[i]!.push(Uint8Array.from(Buffer.from(other.slice(60))))
      isHead(read, other, `pushed two heads to two readers in turns, head ${i + 1}`)
    })

    // Nothing but the whole empty line ends a head.
    for (const inside of ['\n\n', '\r\r', '\r\n\n']) {
      const odd = request({ add: [`X: a${inside}b`] })
      isHead(new HeadReader().push(Buffer.from(odd)), odd, `pushed a head with ${JSON.stringify(inside)} in it`)
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
      isHead(read, request(), 'pushed a head with more behind it in the same chunk')
      expect(read?.rest).toBeBytes(behind, { action: 'pushed a head with more behind it, and looked at rest' })

      const reader = new HeadReader()
      reader.push(Buffer.from(request().slice(0, -2)))
      const later = reader.push(Buffer.concat([Buffer.from('\r\n'), behind]))
      expect(later?.rest).toBeBytes(behind, {
        action: 'pushed a head, its last two bytes with more behind, and looked at rest',
      })
    }
    expect(new HeadReader().push(Buffer.from(request()))?.rest).toBeBytes('', {
      action: 'pushed a head with nothing behind it, and looked at rest',
    })
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
    const head = request()
    refuses('a whole head of 16 KiB and more in one chunk', 431, () =>
      new HeadReader().push(Buffer.from(request({ add: [`X: ${'a'.repeat(17_000)}`] }))),
    )
    refuses(`300 bytes without an empty line, maxLength 200`, 431, () =>
      new HeadReader(200).push(Buffer.alloc(300, 'a')),
    )
    refuses('a whole head, maxLength shorter by 6', 431, () => new HeadReader(head.length - 6).push(Buffer.from(head)))

    // What stands behind a head is no part of it.
    for (const [what, limit] of [
      ['16 KiB', undefined],
      ['just its length', head.length],
    ] as const) {
      const reader = new HeadReader(limit)
      reader.push(Buffer.from(head.slice(0, -2)))
      const read = reader.push(Buffer.concat([Buffer.from('\r\n'), Buffer.alloc(20_000)]))
      isHead(read, head, `pushed a head with 20,000 bytes behind it, maxLength ${what}`)
    }
    const long = request({ add: [`X: ${'a'.repeat(40_000)}`] })
    expect(new HeadReader(50_000).push(Buffer.from(long))?.head.length, 'length of a long head, maxLength 50,000').toBe(
      long.length,
    )
  },
)

check(
  'headers',
  'headers are read by the rules, not by the looks',
  { todo: 3, anchor: 'names-and-values', rule: 'RFC 9112 §5' },
  () => {
    const { headers } = parseUpgrade(
      request({
        add: [
          'X-Tight:one',
          'X-Wide:   two \t ',
          'X-Colon: a: b: c',
          'X-Empty:',
          'X-Twice: 1',
          'x-twice: 2',
          'X-Three: 1',
          'X-THREE:2',
          'x-three: 3',
          'X-Case: UPPER',
        ],
      }),
    )
    const want = {
      'x-tight': 'one',
      'x-wide': 'two',
      'x-colon': 'a: b: c',
      'x-empty': '',
      'x-twice': '1, 2',
      'x-three': '1, 2, 3',
      'x-case': 'UPPER',
    }
    for (const [name, value] of Object.entries(want)) expect(headers.get(name), `header ${name}`).toBe(value)
  },
)

check(
  'bad-header',
  'a line that is no header is refused with 400',
  { todo: 3, anchor: 'names-and-values', rule: 'RFC 9112 §5.1' },
  () => {
    for (const line of [
      'no colon',
      'Name : value',
      'Name\t: value',
      'two words: value',
      ' folded: value',
      '\tfolded: value',
      ': nameless',
      'X: a\rb',
      'X: a\nY: b',
      'X: \0',
      'X: a\0b',
    ]) {
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
      ['Connection', 'a, keep-alive,upgrade'],
      ['Connection', 'upgrade,keep-alive'],
      ['Upgrade', 'h2c, websocket'],
      ['Upgrade', 'h2c,other/1,WEBSOCKET , more'],
    ]) {
      expect(parseUpgrade(request({ [name!]: value })).key, `the key of a request with ${name}: ${value}`).toBe(key)
    }
    for (const [name, value] of [
      ['Connection', 'keep-alive'],
      ['Connection', 'not-upgrade'],
      ['Connection', 'upgrade-insecure'],
      ['Connection', undefined],
      ['Upgrade', 'websockets'],
      ['Upgrade', 'xwebsocket'],
      ['Upgrade', undefined],
    ] as const) {
      const what = `a request with ${name}: ${value ?? '(none)'}`
      const error = refuses(what, 426, () => parseUpgrade(request({ [name]: value })))
      expect(headerOf(error, 'upgrade')?.toLowerCase(), `Upgrade of the 426 to ${what}`).toBe('websocket')
    }
  },
)

check(
  'version',
  'another version is answered with 426 and ours',
  { todo: 4, anchor: 'what-it-asks-for', rule: 'RFC 6455 §4.4' },
  () => {
    for (const value of ['12', '14', '130', '8, 13', '13, 8', '', undefined]) {
      const error = refuses(`Sec-WebSocket-Version: ${value ?? '(none)'}`, 426, () =>
        parseUpgrade(request({ 'Sec-WebSocket-Version': value })),
      )
      expect(headerOf(error, 'sec-websocket-version'), 'Sec-WebSocket-Version of the 426').toBe('13')
    }
  },
)

check(
  'key',
  'a key that is not 16 bytes in base64 is refused with 400',
  { todo: 4, anchor: 'what-it-asks-for', rule: 'RFC 6455 §4.2.1' },
  () => {
    const slashes = '+/+/+/+/+/+/+/+/+/+/+w=='
    const { key: read } = parseUpgrade(request({ 'Sec-WebSocket-Key': slashes }))
    expect(read, `the key of a request with Sec-WebSocket-Key: ${slashes}`).toBe(slashes)
    for (const value of [
      undefined,
      '',
      'short',
      `${key}AAAA`,
      `AAAA${key}`,
      'dGhlIHNhbXBsZSBub25jZQ',
      'dGhlIHNhbXBsZSBub25jZQ=',
      'dGhlIHNhbXBsZSBub25jZQAA',
      'AAAAAAAAAAAAAAAAAAAA',
      'dGhlIHNhbXBsZSBub25j!Q==',
      '-_-_-_-_-_-_-_-_-_-_-w==',
      `${key}, ${key}`,
    ]) {
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
    for (const method of ['POST', 'HEAD', 'get', 'GETS']) {
      const error = refuses(`the method ${method}`, 405, () =>
        parseUpgrade(request({ line: `${method} /chat HTTP/1.1` })),
      )
      expect(headerOf(error, 'allow'), `Allow of the 405 to ${method}`).toBe('GET')
    }
    for (const version of ['HTTP/1.0', 'HTTP/1.10', 'HTTP/2.0', 'HTTP/11']) {
      refuses(version, 400, () => parseUpgrade(request({ line: `GET /chat ${version}` })))
    }
    refuses('a request without Host', 400, () => parseUpgrade(request({ Host: undefined })))
    refuses('a request with two Hosts', 400, () => parseUpgrade(request({ add: ['Host: other.example'] })))
    refuses('the same Host twice', 400, () => parseUpgrade(request({ add: ['Host: server.example.com'] })))
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
    // Byte by byte a head may take long on a busy machine.
    const port = await listen(upgrade(undefined, { headTimeout: 60_000 }))
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
    for (const [status, change, must] of [
      [426, { 'Sec-WebSocket-Version': '8' }, { 'sec-websocket-version': '13', upgrade: 'websocket' }],
      [400, { 'Sec-WebSocket-Key': 'short' }, {}],
      [426, { Upgrade: undefined }, { upgrade: 'websocket' }],
      [405, { line: 'POST /chat HTTP/1.1' }, { allow: 'GET' }],
    ] as const) {
      const peer = await tcp(port)
      await peer.send(request(change))
      const answer = parseAnswer(String(await peer.readAll()))
      expect(answer.status, `the status for ${JSON.stringify(change)}`).toBe(status)
      expect(Number(answer.headers.get('content-length')), 'Content-Length of the refusal').toBe(
        Buffer.byteLength(answer.body),
      )
      for (const [name, value] of Object.entries(must)) {
        expect(answer.headers.get(name), `${name} of the answer to ${JSON.stringify(change)}`).toBe(value)
      }
    }
  },
)

check(
  'origin',
  'pages that are not in the list get 403',
  { todo: 5, anchor: 'who-may-connect', rule: 'RFC 6455 §10.2' },
  async () => {
    const two = ['http://localhost:5173', 'https://example.com']
    for (const [origins, rows] of [
      [
        two,
        [
          ['http://localhost:5173', 101],
          ['https://example.com', 101],
          [undefined, 101],
          ['http://evil.example', 403],
          ['null', 403],
          ['', 403],
          ['http://localhost:51730', 403],
          ['http://localhost:517', 403],
          ['https://example.com.evil.example', 403],
          ['https://evilexample.com', 403],
          ['https://www.example.com', 403],
          ['https://exampleXcom', 403],
          ['http://example.com', 403],
          ['https://EXAMPLE.com', 403],
          ['example.com', 403],
        ],
      ],
      [
        [],
        [
          ['https://example.com', 403],
          [undefined, 101],
        ],
      ],
      [undefined, [['http://evil.example', 101]]],
    ] satisfies [string[] | undefined, [string | undefined, number][]][]) {
      const port = await listen(upgrade(undefined, { origins }))
      for (const [origin, status] of rows) {
        const peer = await tcp(port)
        await peer.send(request({ Origin: origin }))
        const what = `the status for Origin: ${origin ?? '(none)'}, with ${origins ? `origins ${JSON.stringify(origins)}` : 'no list'}`
        expect(await statusOf(peer), what).toBe(status)
      }
    }
  },
)

check(
  'protocol',
  'the server names a subprotocol that both speak, or none',
  { todo: 5, anchor: 'who-may-connect', rule: 'RFC 6455 §4.2.2' },
  async () => {
    for (const [protocols, rows] of [
      [
        ['superchat', 'chat'],
        [
          ['chat, superchat', 'superchat'],
          ['chat', 'chat'],
          ['soap,mqtt,chat', 'chat'],
          ['soap', undefined],
          ['superchats, schat', undefined],
          ['super', undefined],
          ['CHAT', undefined],
          [undefined, undefined],
        ],
      ],
      [['chat'], [['superchat', undefined]]],
      [[], [['chat', undefined]]],
      [undefined, [['chat', undefined]]],
    ] satisfies [string[] | undefined, [string | undefined, string | undefined][]][]) {
      const port = await listen(upgrade(undefined, { protocols }))
      for (const [offered, chosen] of rows) {
        const peer = await tcp(port)
        await peer.send(request({ 'Sec-WebSocket-Protocol': offered }))
        const { headers } = parseAnswer(await peer.readUntil('\r\n\r\n'))
        const speaks = protocols?.join(', ') || 'none'
        expect(
          headers.get('sec-websocket-protocol'),
          `the answer to Sec-WebSocket-Protocol: ${offered ?? '(none)'}, of a server that speaks ${speaks}`,
        ).toBe(chosen)
      }
    }
  },
)

check(
  'rude',
  'a peer that resets or says nothing harms nobody',
  { anchor: 'on-a-socket', rule: 'Node.js: net' },
  async () => {
    // A server that waits 50 ms may also be too quick for us, on a busy machine: the next client asks another one.
    const hasty = await tcp(await listen(upgrade(undefined, { headTimeout: 50 })))
    await hasty.send('GET / HT')
    await deadline(hasty.closed, 2000, 'the end of a connection whose head does not come')

    const port = await listen(upgrade())
    const silent = await tcp(port)
    await silent.send('GET / HT')
    await misbehave.reset(port)
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

function isHead(read: { head: string } | undefined, want: string, action: string): void {
  expect(read && Buffer.from(read.head, 'latin1')).toBeBytes(want, { action, text: true })
}

/** A header of an error, whatever the case of its name. @param name in lower case */
function headerOf({ headers = {} }: Refused, name: string): string | undefined {
  return Object.entries(headers).find(([other]) => other.toLowerCase() === name)?.[1]
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
