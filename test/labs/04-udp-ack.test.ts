import { createHash } from 'node:crypto'
import { createSocket, Socket as DatagramSocket, type RemoteInfo } from 'node:dgram'
import { once } from 'node:events'
import { type Ack, type AckClient, type AckClientOptions, createAckClient, portOf } from '#lab/04-udp-ack/client.ts'
import { type AckServerOptions, createAckServer } from '#lab/04-udp-ack/server.ts'
import { replyTo } from '#lab/04-udp-ack/wire.ts'
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

/** Our own idea of the wire, so that a lab is not judged by itself. @param id from 0 to 2^31 - 1 */
function request(id: number, data: string | Uint8Array): Buffer {
  const head = Buffer.alloc(4)
  head.writeUInt32BE(id)
  return Buffer.concat([head, Buffer.from(data as string)])
}

/** The id as the lab's wire.ts marks it in a reply, the digest as we know it. */
function reply(requested: Uint8Array): Buffer {
  const digest = createHash('sha256').update(requested.subarray(4)).digest()
  const id = replyTo(requested)?.subarray(0, 4) ?? requested.subarray(0, 4)
  return Buffer.concat([id, digest.subarray(0, 4)]).subarray(0, requested.length)
}

/** The id of a request, or of its reply, without the bit that tells them apart. */
function idOf(datagram: Buffer): number {
  return datagram.readUInt32BE(0) % 2 ** 31
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
    const got = await peer.receive()
    // sha256('hello') is 2cf24dba…
    const [head] = reply(request(0x01020304, 'hello'))
    const want = Buffer.from([head!, 2, 3, 4, 0x2c, 0xf2, 0x4d, 0xba])
    expect(got).toBeBytes(want, { action: 'sent the id 01020304 and "hello"' })
    expect(idOf(got), 'the id in the reply, its first bit aside').toBe(0x01020304)
    const binary = request(
      0x7fffffff,
      Uint8Array.from({ length: 256 }, (_, i) => i),
    )
    await peer.send(binary, port)
    expect(await peer.receive()).toBeBytes(reply(binary), { action: 'sent the id 7fffffff and the bytes 00 to ff' })
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
    // Not every system gives 127.0.0.2 to itself.
    if (process.platform !== 'linux') return
    const neighbour = await udp({ name: 'a client on 127.0.0.2', host: '127.0.0.2' })
    await neighbour.send(request(3, 'from next door'), port)
    expect(await neighbour.receive()).toBeBytes(reply(request(3, 'from next door')), {
      action: 'a client on 127.0.0.2',
    })
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
    const senders: string[] = []
    const onData = (data: Buffer, from?: RemoteInfo): void => {
      received.push(typeof data === 'string' ? 'a string' : Buffer.from(data).toString('latin1'))
      senders.push(`${from?.address}:${from?.port}`)
    }
    const port = await server({ onData })
    const peer = await udp()
    for (const [id, data] of ['pay 10', '', Buffer.from('\xff\xfe', 'latin1')].entries()) {
      for (let i = 0; i < 3; i++) {
        await peer.send(request(id, data), port)
        await peer.receive()
      }
    }
    expect(received, 'what was handed on, after three requests three times each').toEqual(['pay 10', '', '\xff\xfe'])
    const own = `127.0.0.1:${peer.port}`
    if (senders.some((sender) => sender !== own)) expect.fail('onData was not told who sent the data')
  },
)

check(
  'not-the-same',
  'another id, other data or another sender is another request',
  { anchor: 'twice-is-once', rule: 'RFC 8085 §3.3' },
  async () => {
    const received: string[] = []
    const socket = createAckServer({ onData: (data) => received.push(String(data)) })
    const port = await bindUdp(socket)
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

    // Their digests begin with the same three bytes.
    received.length = 0
    for (const data of ['pay 417', 'pay 469']) {
      await ada.send(request(5, data), port)
      await ada.receive()
    }
    expect(received, 'what was handed on, of data whose digests differ in the last byte').toEqual([
      'pay 417',
      'pay 469',
    ])

    // Ids that differ in one byte, most of which is no text.
    received.length = 0
    const ids = [0x7fffffff, 0x7effffff, 0x7fffff7f, 0x7ffffffe, 0x7ffeffff, 0x00ff, 0x00fe, 0x007f, 0x0100ff, 0x100]
    for (const id of ids) {
      await ada.send(request(id, 'x'), port)
      await ada.receive()
    }
    expect(received.length, `requests handed on, of ids ${ids.map((id) => id.toString(16)).join(', ')}`).toBe(
      ids.length,
    )

    // Two machines that use the same port: no packet of the second one is needed to ask.
    received.length = 0
    socket.on('error', () => {}) // where 127.0.0.2 is no address of this machine, its reply cannot be sent
    for (const address of ['127.0.0.1', '127.0.0.2']) {
      socket.emit('message', request(3, 'x'), { address, family: 'IPv4', port: ada.port, size: 5 })
    }
    expect(received.length, 'requests handed on, of the same port on 127.0.0.1 and 127.0.0.2').toBe(2)
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
      expect(`${(await acknowledged(ack, 'the request')).attempts}`, 'attempts').toBe('1')
    }
    expect(ids.size, 'different ids of three requests').toBe(3)
  },
)

/** The id is another one in each run, so it is not told. */
function expectId({ id }: Ack, requested: Buffer, what: string): void {
  if (id % 2 ** 31 !== idOf(requested))
    expect.fail(`the acknowledgement of ${what} request has another id than the request`)
}

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
    expectId(await acknowledged(second.ack, 'the second request'), two.bytes, 'the second')
    expect(first.state, 'the first request, when only the second was answered').toBe('waiting')
    await peer.send(reply(one.bytes), one.port)
    expectId(await acknowledged(first.ack, 'the first request'), one.bytes, 'the first')
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
    const start = performance.now()
    const acks = [ours.send('hello'), ours.send('and another')]
    for (const ack of acks) ack.catch(() => {})
    // Both go unanswered, and come again: the attempts of each one by its data.
    const attempts = new Map<string, Buffer[]>()
    const times = (data: string): number => attempts.get(data)?.length ?? 0
    let port = 0
    while (times('hello') < 3 || times('and another') < 3) {
      const { bytes, port: from } = await peer.receiveFrom()
      port = from
      const data = String(bytes.subarray(4))
      attempts.set(data, [...(attempts.get(data) ?? []), bytes])
    }
    for (const [data, [first, ...more]] of attempts) {
      for (const again of more) expect(again).toBeBytes(first!, { action: `let "${data}" go unanswered` })
      await peer.send(reply(first!), port)
    }
    for (const ack of await Promise.all(acks.map((ack) => acknowledged(ack, 'the request')))) {
      expect(ack.attempts, 'attempts').toBeGreaterThanOrEqual(3)
      // From the first attempt on: 20 + 40 ms at the least, in a clock that a timer may be a little ahead of.
      const took = performance.now() - start
      if (!(ack.time > 20 + 40 - 5))
        expect.fail(`time: want the milliseconds since the first attempt, got less than 55`)
      if (ack.time > took) expect.fail('time: want the milliseconds since the first attempt, got more than have passed')
    }
  },
)

check(
  'backoff',
  'each attempt waits twice as long as the one before, and the last one ends in ETIMEDOUT',
  { todo: 4, anchor: 'ask-again', rule: 'RFC 8085 §3.1.1' },
  async () => {
    const sends = watchSends()
    const { client: ours } = await client({ timeout: 20, retries: 3 })
    const first = await patience(sends, ours)
    expect(first.code, 'code of the error').toBe('ETIMEDOUT')
    expect(first.attempts, 'attempts with retries: 3').toBe(4)
    await patience(sends, ours, 2) // another request begins anew
    ours.close()

    const { client: single } = await client({ timeout: 20, retries: 0 })
    expect((await patience(sends, single)).attempts, 'attempts with retries: 0').toBe(1)
  },
)

/** Who wants to know of each datagram. */
interface Sends {
  /** at the moment of `send`, before the lab goes on */
  before(): void
  /** when the lab has done what it does together with the `send` */
  after(): void
}

/** Looks at every socket's `send` until the check ends. */
function watchSends(): Sends {
  const sends: Sends = { before: () => {}, after: () => {} }
  const send = DatagramSocket.prototype.send
  DatagramSocket.prototype.send = function (this: DatagramSocket, ...what: unknown[]) {
    sends.before()
    Reflect.apply(send, this, what)
    process.nextTick(() => sends.after())
  } as typeof send
  cleanup(() => {
    DatagramSocket.prototype.send = send
  })
  return sends
}

/**
 * Lets a request with a timeout of 20 ms go unanswered. Each attempt has to wait longer than a timer of ours that begins before it, and
 * less than one that begins after it: of timers of one program the one that is due first is over first, however busy the machine is.
 *
 * @param enough attempts, after which nobody waits for the rest
 * @returns how many attempts there were, and the code of the error
 */
async function patience(
  sends: Sends,
  ours: AckClient,
  enough = Infinity,
): Promise<{ code?: string; attempts: number }> {
  let attempts = 0
  let early = false
  let shorter: NodeJS.Timeout | undefined
  let longer: NodeJS.Timeout | undefined
  const said = await new Promise<{ code?: string; fault?: string }>((resolve) => {
    const wait = (): number => 20 * 2 ** (attempts - 1)
    const over = (): void => {
      if (early) resolve({ fault: 'less' })
      clearTimeout(shorter)
      clearTimeout(longer)
    }
    sends.before = () => {
      over()
      attempts++
      if (attempts === enough) return resolve({})
      early = true
      shorter = setTimeout(() => {
        early = false
      }, 0.9 * wait())
    }
    sends.after = () => {
      clearTimeout(longer)
      longer = setTimeout(() => resolve({ fault: 'longer' }), 1.6 * wait())
    }
    ours.send('hello').then(
      () => resolve({ code: 'none: it was acknowledged' }),
      (error: NodeJS.ErrnoException) => {
        over()
        resolve({ code: error.code ?? `none: ${error.message}` })
      },
    )
  })
  sends.before = sends.after = () => {}
  clearTimeout(shorter)
  clearTimeout(longer)
  if (said.fault) expect.fail(`the attempts wait 20, 40, 80 and 160 ms, and one waited ${said.fault}`)
  return { code: said.code, attempts }
}

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

    // A server that starts after the first attempt is heard.
    const patient = createAckClient({ host: '127.0.0.1', port, timeout: 20, retries: 5 })
    cleanup(() => patient.close())
    const ack = patient.send('are you up?')
    ack.catch(() => {})
    await new Promise((resolve) => setTimeout(resolve, 10))
    const late = createSocket('udp4')
    cleanup(() => late.close())
    late.on('message', (bytes, from) => late.send(reply(bytes), from.port, from.address))
    late.bind(port, '127.0.0.1')
    await acknowledged(ack, 'a request to a server that has just started')
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
    const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    const { peer, client: ours } = await client({ timeout: 60_000 })
    const before = timers()
    for (let i = 0; i < 20; i++) {
      const ack = ours.send(`${i}`)
      ack.catch(() => {})
      const { bytes, port } = await peer.receiveFrom()
      await peer.send(reply(bytes), port)
      await acknowledged(ack, 'the request')
    }
    // Others have timers too, and some of them end meanwhile.
    if (timers() >= before + 10) expect.fail('20 requests were acknowledged, and their timers still run')

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
discard		9/udp		sink null
9pfs            564/tcp                         # plan 9 file service
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
      ['null', 'udp', 9],
      ['9pfs', 'tcp', 564],
      ['51500', 'udp', 51_500],
      ['1', 'tcp', 1],
      ['65535', 'udp', 65_535],
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
      ['tft', 'udp'],
      ['ftp', 'udp'],
      ['9pfs', 'udp'],
      ['53/udp', 'udp'],
      ['7x', 'udp'],
      ['0x35', 'udp'],
      ['1e3', 'udp'],
      ['0', 'udp'],
      ['65536', 'udp'],
    ] as const) {
      const said = outcomeOf(() => portOf(service, protocol, table))
      expect(said.split(':')[0], `portOf('${service}', '${protocol}')`).toBe('an error')
      if (!said.includes(service))
        expect.fail(`portOf('${service}', '${protocol}'): the error does not name the service`)
    }
    expect(outcomeOf(() => portOf('', 'udp', table)).split(':')[0], "portOf('', 'udp')").toBe('an error')
  },
)

/** What a call gives, in words. */
function outcomeOf(call: () => unknown): string {
  try {
    return `the port ${call()}`
  } catch (error) {
    return `an error: ${(error as Error).message}`
  }
}

check(
  'port-of-this-machine',
  'without a table, this machine’s own is asked',
  { todo: 5, anchor: 'a-port-by-name', rule: 'services(5)' },
  () => {
    expect(portOf('domain', 'udp'), "portOf('domain', 'udp')").toBe(53)
  },
)
