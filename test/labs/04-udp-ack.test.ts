import { createHash } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { type Ack, type AckClient, type AckClientOptions, createAckClient, portOf } from '#lab/04-udp-ack/client.ts'
import { type AckServerOptions, createAckServer } from '#lab/04-udp-ack/server.ts'
import {
  bindUdp,
  check,
  cleanup,
  deadline,
  expect,
  note,
  runFile,
  type UdpPeer,
  udp,
} from '../../workbook/grade/checks/check.ts'

/** Our own idea of the wire, so that a lab is not judged by itself. */
function request(id: number, data: string | Uint8Array): Buffer {
  const head = Buffer.alloc(4)
  head.writeUInt32BE(id)
  return Buffer.concat([head, Buffer.from(data as string)])
}

function reply(requested: Uint8Array): Buffer {
  const digest = createHash('sha256').update(requested.subarray(4)).digest()
  return Buffer.concat([requested.subarray(0, 4), digest.subarray(0, 4)]).subarray(0, requested.length)
}

async function server(options?: AckServerOptions): Promise<number> {
  return bindUdp(createAckServer(options))
}

// The server

check(
  'reply',
  'the reply is the id of the request and four bytes of its SHA-256',
  { todo: 1, anchor: 'which-one-did-you-get', rule: 'FIPS 180-4, SHA-256' },
  async () => {
    const port = await server()
    const peer = await udp()
    await peer.send(request(0x01020304, 'hello'), port)
    // sha256('hello') is 2cf24dba…
    expect(await peer.receive()).toBeBytes('01 02 03 04 2c f2 4d ba', { action: 'sent the id 01020304 and "hello"' })
    const binary = request(
      0xffffffff,
      Uint8Array.from({ length: 256 }, (_, i) => i),
    )
    await peer.send(binary, port)
    expect(await peer.receive()).toBeBytes(reply(binary), { action: 'sent the id ffffffff and the bytes 00 to ff' })
  },
)

check(
  'reply-small',
  'no reply is longer than its request, whatever its size',
  { todo: 1, anchor: 'never-longer-than-the-question', rule: 'RFC 9000 §8.1' },
  async () => {
    const port = await server()
    const peer = await udp()
    // Some systems send no more than 9,216 bytes at once unless told otherwise.
    for (const size of [0, 1, 3, 4, 1472, process.platform === 'linux' ? 65_503 : 9212]) {
      const requested = request(7, Buffer.alloc(size, 'd'))
      await peer.send(requested, port)
      expect(await peer.receive()).toBeBytes(reply(requested), { action: `sent an id and ${size} bytes` })
    }
  },
)

check(
  'each-sender',
  'three clients at once: each gets the reply to its own request',
  { todo: 1, anchor: 'which-one-did-you-get', rule: 'RFC 768' },
  async () => {
    const port = await server()
    const peers = [await udp({ name: 'Ada' }), await udp({ name: 'Grace' }), await udp({ name: 'Radia' })]
    await Promise.all(peers.map((peer, i) => peer.send(request(i, `from client ${i}`), port)))
    for (const [i, peer] of peers.entries()) {
      expect(await peer.receive()).toBeBytes(reply(request(i, `from client ${i}`)), { action: `client ${i} of three` })
    }
  },
)

check(
  'no-request',
  'whatever is no request gets no reply, and ends nothing',
  { anchor: 'which-one-did-you-get', rule: 'RFC 768' },
  async () => {
    let received = 0
    const socket = createAckServer({ onData: () => received++ })
    const port = await bindUdp(socket)
    const peer = await udp()
    for (const short of ['', 'x', 'abc']) await peer.send(short, port)
    // A datagram without a source port takes privilege to send; so hand one over.
    socket.emit('message', request(1, 'x'), { address: '127.0.0.1', family: 'IPv4', port: 0, size: 5 })
    await peer.send(request(9, 'a request'), port)
    expect((await peer.receive()).length, 'the first reply is to the request').toBeGreaterThan(4)
    await peer.expectNothingUntil(Promise.resolve())
    expect(received, 'requests handed on').toBe(1)
  },
)

check(
  'fuzz',
  'a thousand datagrams of noise, and the server still answers',
  { anchor: 'which-one-did-you-get', rule: 'Node process, uncaughtException' },
  async () => {
    const port = await server()
    const noise = await udp({ name: 'noise' })
    const peer = await udp()
    for (let batch = 0; batch < 10; batch++) {
      for (let i = 0; i < 100; i++) {
        const bytes = createHash('md5').update(`${batch}, ${i}`).digest()
        await noise.send(bytes.subarray(0, i % 17), port)
      }
      // An answer in between: with more than a few hundred at once the kernel would drop some.
      await peer.send(request(batch, 'still there?'), port)
      expect((await peer.receive()).length, 'bytes in the reply').toBeGreaterThan(0)
    }
  },
)

check(
  'once',
  'a request that arrives again is acknowledged again, and handed on once',
  { todo: 2, anchor: 'twice-is-once', rule: 'RFC 8085 §3.3' },
  async () => {
    const received: string[] = []
    const port = await server({ onData: (data) => received.push(String(data)) })
    const peer = await udp()
    for (let i = 0; i < 3; i++) {
      await peer.send(request(1, 'pay 10'), port)
      await peer.receive()
    }
    expect(received, 'what was handed on, after the same request three times').toEqual(['pay 10'])
  },
)

check(
  'not-the-same',
  'another id, other data or another sender is another request',
  { anchor: 'twice-is-once', rule: 'RFC 8085 §3.3' },
  async () => {
    const received: string[] = []
    const port = await server({ onData: (data) => received.push(String(data)) })
    const [ada, grace] = [await udp(), await udp()]
    for (const [peer, id, data] of [
      [ada, 1, 'a'],
      [ada, 2, 'a'],
      [ada, 1, 'b'],
      [grace, 1, 'a'],
    ] as const) {
      await peer.send(request(id, data), port)
      await peer.receive()
    }
    expect(received, 'what was handed on').toEqual(['a', 'a', 'b', 'a'])
  },
)

check(
  'remember-limit',
  'the server remembers as many requests as it was told, and forgets the oldest',
  { todo: 2, anchor: 'twice-is-once', rule: 'RFC 8085 §3.3' },
  async () => {
    const received: number[] = []
    const port = await server({ remember: 2, onData: (data) => received.push(Number(String(data))) })
    const peer = await udp()
    for (const id of [1, 2, 1, 3, 2, 1]) {
      await peer.send(request(id, `${id}`), port)
      await peer.receive()
    }
    expect(received, 'handed on, of 1, 2, 1, 3, 2, 1, when two are remembered').toEqual([1, 2, 3, 1])
  },
)

check(
  'one-owner',
  'a port that is taken cannot be bound again',
  { anchor: 'two-owners-of-one-port', rule: 'Node dgram, reuseAddr' },
  async () => {
    const port = await server()
    const second = createAckServer()
    cleanup(() => second.close())
    const outcome = Promise.race([once(second, 'error'), once(second, 'listening')])
    second.bind(port, '127.0.0.1')
    const [error] = (await deadline(outcome, 2000, 'the second bind to end')) as [NodeJS.ErrnoException?]
    expect(error?.code ?? 'bound, and now it gets the datagrams', 'the second bind').toBe('EADDRINUSE')
  },
)

// The client

async function client(options: Partial<AckClientOptions> = {}): Promise<{ peer: UdpPeer; client: AckClient }> {
  const peer = await udp({ name: 'the server we play' })
  const opened = createAckClient({ host: '127.0.0.1', port: peer.port, timeout: 10_000, retries: 0, ...options })
  cleanup(() => opened.close())
  return { peer, client: opened }
}

/** Watches a promise without waiting for it. */
function watch(ack: Promise<Ack>): { state: string; ack: Promise<Ack> } {
  const watched = { state: 'waiting', ack }
  ack.then(
    () => {
      watched.state = 'acknowledged'
    },
    (error: Error) => {
      watched.state = `failed: ${error.message}`
    },
  )
  return watched
}

/** The acknowledgement; an error of the client would name its port, which differs from run to run. */
function acknowledged(ack: Promise<Ack>, what: string): Promise<Ack> {
  const failed = (error: NodeJS.ErrnoException): never => expect.fail(`${what} failed with ${error.code}`)
  return settled(ack.catch(failed), `${what} to be acknowledged`)
}

function settled<T>(promise: Promise<T>, what: string): Promise<T> {
  return deadline(promise, 2000, what)
}

check(
  'request',
  'a request is an id of four bytes, another one each time, and the data',
  { anchor: 'which-one-did-you-get', rule: 'RFC 8085 §3.3' },
  async () => {
    const { peer, client: ours } = await client()
    const ids = new Set<number>()
    for (const data of ['hello', '', Uint8Array.of(0, 255)]) {
      const ack = ours.send(data)
      ack.catch(() => {})
      const { bytes, port } = await peer.receiveFrom()
      expect(bytes.subarray(4)).toBeBytes(Buffer.from(data as string), { action: 'the data behind the id' })
      ids.add(bytes.readUInt32BE())
      await peer.send(reply(bytes), port)
      expect((await acknowledged(ack, 'the request')).attempts, 'attempts').toBe(1)
    }
    expect(ids.size, 'different ids of three requests').toBe(3)
  },
)

check(
  'right-reply',
  'of two requests, each is settled by the reply with its own id',
  { todo: 3, anchor: 'which-one-did-you-get', rule: 'RFC 8085 §3.3' },
  async () => {
    const { peer, client: ours } = await client()
    const [first, second] = [watch(ours.send('first')), watch(ours.send('second'))]
    const one = await peer.receiveFrom()
    const two = await peer.receiveFrom()
    await peer.send(reply(two.bytes), two.port)
    expect((await acknowledged(second.ack, 'the second request')).id, 'id of the second').toBe(two.bytes.readUInt32BE())
    expect(first.state, 'the first request, when only the second was answered').toBe('waiting')
    await peer.send(reply(one.bytes), one.port)
    expect((await acknowledged(first.ack, 'the first request')).id, 'id of the first').toBe(one.bytes.readUInt32BE())
  },
)

check(
  'wrong-replies',
  'an old id, a wrong digest, too few bytes: nothing but the expected reply counts',
  { todo: 3, anchor: 'which-one-did-you-get', rule: 'RFC 8085 §3.3' },
  async () => {
    const { peer, client: ours } = await client()
    const waiting = watch(ours.send('wait for me'))
    const { bytes, port } = await peer.receiveFrom()
    const right = reply(bytes)
    const wrongDigest = Buffer.from(right)
    wrongDigest[7]! ^= 1
    const otherId = Buffer.from(right)
    otherId[0]! ^= 1
    for (const wrong of [Buffer.alloc(0), right.subarray(0, 3), right.subarray(0, 4), wrongDigest, otherId]) {
      await peer.send(wrong, port)
    }
    await peer.send(Buffer.concat([right, Buffer.from('more')]), port)
    // What is answered now comes after all of these, on the same socket.
    const later = ours.send('later')
    await peer.send(reply(await peer.receive()), port)
    await acknowledged(later, 'a later request')
    expect(waiting.state, 'the request, after six wrong replies').toBe('waiting')
    await peer.send(right, port)
    await acknowledged(waiting.ack, 'the request')
  },
)

check(
  'reply-twice',
  'a reply that comes twice settles its own request and no other',
  { todo: 3, anchor: 'twice-is-once', rule: 'RFC 8085 §3.3' },
  async () => {
    const { peer, client: ours } = await client()
    const [first, second] = [watch(ours.send('first')), watch(ours.send('second'))]
    const one = await peer.receiveFrom()
    const two = await peer.receiveFrom()
    await peer.send(reply(one.bytes), one.port)
    await peer.send(reply(one.bytes), one.port)
    await acknowledged(first.ack, 'the first request')
    const third = ours.send('third')
    await peer.send(reply(await peer.receive()), one.port)
    await acknowledged(third, 'the third request')
    expect(second.state, 'the second request').toBe('waiting')
    await peer.send(reply(two.bytes), two.port)
    await acknowledged(second.ack, 'the second request')
  },
)

check(
  'stranger',
  'a right reply from a wrong address does not count',
  { todo: 3, anchor: 'a-socket-with-one-peer', rule: 'Node dgram, socket.connect' },
  async () => {
    const { peer, client: ours } = await client()
    const stranger = await udp({ name: 'a stranger' })
    const waiting = watch(ours.send('for you only'))
    const { bytes, port } = await peer.receiveFrom()
    await stranger.send(reply(bytes), port)
    const later = ours.send('later')
    await peer.send(reply(await peer.receive()), port)
    await acknowledged(later, 'a later request')
    expect(waiting.state, 'the request, after the stranger’s reply').toBe('waiting')
    await peer.send(reply(bytes), port)
    await acknowledged(waiting.ack, 'the request')
  },
)

check(
  'retry',
  'a request without a reply is sent again, the same bytes',
  { todo: 4, anchor: 'ask-again', rule: 'RFC 8085 §3.1.1' },
  async () => {
    const { peer, client: ours } = await client({ timeout: 20, retries: 5 })
    const ack = ours.send('hello')
    ack.catch(() => {})
    const first = await peer.receive()
    expect(await peer.receive()).toBeBytes(first, { action: 'let the first request go unanswered' })
    const third = await peer.receiveFrom()
    expect(third.bytes).toBeBytes(first, { action: 'let the second one go unanswered too' })
    await peer.send(reply(first), third.port)
    expect((await acknowledged(ack, 'the request')).attempts, 'attempts').toBeGreaterThanOrEqual(3)
  },
)

check(
  'backoff',
  'each attempt waits twice as long as the one before, and the last one ends in ETIMEDOUT',
  { todo: 4, anchor: 'ask-again', rule: 'RFC 8085 §3.1.1' },
  async () => {
    const { peer, client: ours } = await client({ timeout: 20, retries: 2 })
    const times: number[] = []
    peer.socket.on('message', () => times.push(performance.now()))
    const outcome = await settled(
      ours.send('hello').catch((error: unknown) => error),
      'the request to be given up',
    )
    const end = performance.now()
    expect((outcome as NodeJS.ErrnoException).code, 'code of the error').toBe('ETIMEDOUT')
    expect(times.length, 'attempts with retries: 2').toBe(3)
    // A timer may be late on a busy machine, but never early; so the whole is compared, from the sending of the first.
    const [first, , third] = times as [number, number, number]
    if (third - first < 20 + 40 - 25) expect.fail('the third attempt came before 20 + 40 ms were over')
    if (end - first < 20 + 40 + 80 - 15) expect.fail('it was given up before 20 + 40 + 80 ms were over')
  },
)

check(
  'nobody-there',
  'where nobody listens, a request fails within two seconds, with a name for it',
  { todo: 4, anchor: 'a-socket-with-one-peer', rule: 'RFC 1122 §4.1.3.3' },
  async () => {
    const gone = createSocket('udp4')
    const port = await bindUdp(gone)
    gone.close()
    await once(gone, 'close')
    const ours = createAckClient({ host: '127.0.0.1', port, timeout: 20, retries: 2 })
    cleanup(() => ours.close())
    const outcome = await settled(
      ours.send('anybody?').catch((error: unknown) => error),
      'the request to fail',
    )
    const { code } = outcome as NodeJS.ErrnoException
    expect(['ECONNREFUSED', 'ETIMEDOUT'], `the code of the error, ${code}`).toContain(code)
    if (code === 'ETIMEDOUT') note('this system does not tell of closed ports: ECONNREFUSED was not shown')
  },
)

check(
  'too-long',
  'data that no datagram can hold fails at once, and is not sent again',
  { anchor: 'the-edges-of-a-datagram', rule: 'RFC 768' },
  async () => {
    const { client: ours } = await client({ timeout: 1000, retries: 3 })
    const outcome = await settled(
      ours.send(Buffer.alloc(65_504)).catch((error: unknown) => error),
      'the request to fail',
    )
    expect((outcome as NodeJS.ErrnoException).code, '4 + 65,504 bytes').toBe('EMSGSIZE')
  },
)

check(
  'close',
  'close fails what waits, frees the port, and may be called twice',
  { anchor: 'a-socket-with-one-peer', rule: 'Node dgram, socket.close' },
  async () => {
    const { peer, client: ours } = await client({ timeout: 60_000 })
    const waiting = ours.send('hello').catch((error: unknown) => error)
    const { port } = await peer.receiveFrom()
    ours.close()
    ours.close()
    expect(await settled(waiting, 'the waiting request to fail'), 'the waiting request').toBeInstanceOf(Error)
    await expect(settled(ours.send('more'), 'a request after close'), 'a request after close').rejects.toThrow()
    const next = createSocket('udp4')
    cleanup(() => next.close())
    next.bind(port, '127.0.0.1')
    await deadline(once(next, 'listening'), 1000, 'its port to be free')

    const never = createAckClient({ host: '127.0.0.1', port: peer.port })
    const early = never.send('hello').catch((error: unknown) => error)
    never.close()
    expect(await settled(early, 'a request of a client closed at once'), 'closed at once').toBeInstanceOf(Error)
  },
)

check(
  'client-by-hand',
  'run by hand, the client sends its lines, and its last timer does not keep it',
  { anchor: 'your-turn', rule: 'Node timers, clearTimeout' },
  async () => {
    const received: string[] = []
    const port = await server({ onData: (data) => received.push(String(data)) })
    const { code } = await runFile('04-udp-ack/client.ts', [port], { stdin: 'hello\nworld\n' }).ends()
    expect(code, 'exit code at the end of its input').toBe(0)
    expect([...new Set(received)], 'lines received').toEqual(['hello', 'world'])
  },
)

// Names of ports

const table = `
# a comment that names nothing/udp
domain          53/tcp
domain          53/udp          # Domain Name Server
tftp            69/udp
http            80/tcp          www www-http    # WorldWideWeb
both            7000/tcp
both            7001/udp
`

check(
  'port-names',
  'a service is found by its name or alias, for the protocol that was asked for',
  { todo: 5, anchor: 'a-port-by-name', rule: 'getservbyname(3)' },
  () => {
    for (const [service, protocol, port] of [
      ['domain', 'udp', 53],
      ['tftp', 'udp', 69],
      ['www-http', 'tcp', 80],
      ['both', 'tcp', 7000],
      ['both', 'udp', 7001],
      ['51500', 'udp', 51_500],
    ] as const) {
      expect(portOf(service, protocol, table), `portOf('${service}', '${protocol}')`).toBe(port)
    }
  },
)

check(
  'port-unknown',
  'an unknown service, or a number that is no port, is an error that names it',
  { todo: 5, anchor: 'a-port-by-name', rule: 'getservbyname(3)' },
  () => {
    for (const [service, protocol] of [
      ['nosuch', 'udp'],
      ['tftp', 'tcp'],
      ['Domain', 'udp'],
      ['Server', 'udp'],
      ['nothing', 'udp'],
      ['#', 'udp'],
      ['0', 'udp'],
      ['65536', 'udp'],
    ] as const) {
      expect(() => portOf(service, protocol, table), `portOf('${service}', '${protocol}')`).toThrow(service)
    }
    expect(() => portOf('', 'udp', table), "portOf('', 'udp')").toThrow()
  },
)

check(
  'port-of-this-machine',
  'without a table, this machine’s own is asked',
  { todo: 5, anchor: 'a-port-by-name', rule: 'services(5)' },
  () => {
    expect(portOf('domain', 'udp'), "portOf('domain', 'udp')").toBe(53)
  },
)
