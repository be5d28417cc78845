import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { connect as connectTcp, createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ConnectionOptions, connect, createServer, type TLSSocket } from 'node:tls'
import { certificates, makeCertificates } from '#lab/09-tls-echo/certificates.ts'
import { connectTls, messagesOf } from '#lab/09-tls-echo/client.ts'
import { explainTlsError } from '#lab/09-tls-echo/errors.ts'
import { createTlsEcho, createWrappedEcho } from '#lab/09-tls-echo/server.ts'
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
  tcp,
  tlsPeer,
} from '../../workbook/grade/checks/check.ts'
import { leftTimers } from '../../workbook/grade/checks/left-timers.ts'

const made = await makeCertificates()
const { authority, localhost, otherName } = made
const hello = framed('hello')
const MiB = 1024 * 1024
// Every byte there is: as text it would come back as something else.
const binary = Buffer.from(Array.from({ length: 256 }, (_, i) => i))
/** Who a certificate belongs to, by its bytes: several have the same names. */
const owners = new Map(
  Object.entries({ localhost, otherName, selfSigned: made.selfSigned }).map(([owner, { cert }]) => [
    new X509Certificate(cert).fingerprint256,
    owner,
  ]),
)

check(
  'certificates',
  'the certificates stay in a folder, their keys are for this user alone, and the next program finds the same',
  { anchor: 'a-certificate-of-your-own', rule: 'Node.js: fs' },
  async () => {
    const parent = mkdtempSync(join(tmpdir(), 'wirebook-'))
    cleanup(() => rmSync(parent, { recursive: true, force: true }))
    const folder = join(parent, 'certificates')
    const first = await certificates(folder)
    expect(await certificates(folder), 'the second call finds what the first has made').toEqual(first)
    expect(readFileSync(join(folder, 'authority.pem'), 'utf8'), 'authority.pem').toBe(first.authority)
    if (process.platform !== 'win32') {
      expect(statSync(join(folder, 'localhost-key.pem')).mode & 0o777, 'mode of localhost-key.pem').toBe(0o600)
    }
  },
)

check(
  'wrapped',
  'wrapSocket speaks TLS over an accepted socket',
  { todo: 1, anchor: 'wrap-a-socket', rule: 'Node.js: tls' },
  async () => {
    const peer = await open(createWrappedEcho(localhost), 'a TLS handshake with wrapSocket')
    await peer.send(hello)
    expect(await peer.read(hello.length)).toBeBytes(hello, { action: 'sent the message "hello" to the wrapped echo' })
    const version = (peer.socket as TLSSocket).getProtocol()
    expect(version, 'the version agreed on with a client of today').toBe('TLSv1.3')
    const second = await listen(createWrappedEcho(otherName))
    const shown = await certificateOf(second, { rejectUnauthorized: false })
    expect(shown, 'certificate of a second server, which has that of other.test').toBe('otherName')
    const types = await recordsUntilEnd(await listen(createWrappedEcho(localhost)), hello)
    expect(closing(types), 'among the records before FIN').toBe('close_notify, an alert')
  },
)

check(
  'one-context',
  'wrapSocket reads the certificate once, so a client that comes back resumes its session',
  { todo: 1, anchor: 'wrap-a-socket', rule: 'RFC 8446 §2.2' },
  async () => {
    expect(await comesBack(await listen(createWrappedEcho(localhost))), 'session resumed on the second visit').toBe(
      true,
    )
  },
)

check(
  'silent',
  'a client that connects and says nothing delays nobody',
  { todo: 1, anchor: 'a-silent-client', rule: 'Node.js: tls' },
  async () => {
    for (const server of [createTlsEcho(localhost), createWrappedEcho(localhost)]) {
      const port = await listen(server)
      await misbehave.silent(port)
      await misbehave.silent(port)
      const done = open(port, 'a TLS handshake beside two silent clients').then(async (peer) => {
        await peer.send(hello)
        return peer.read(hello.length)
      })
      // Longer than the handshake itself may take, which has more to say.
      const echoed = await deadline(done, 3000, 'the echo beside two silent clients')
      expect(echoed).toBeBytes(hello, { action: 'sent "hello" while two clients were silent' })
    }
  },
)

check(
  'whole-messages',
  'sends whole messages back, from any cut of the stream',
  { todo: 2, anchor: 'whole-messages', rule: 'RFC 8446 §5.1' },
  async () => {
    const port = await listen(createTlsEcho(localhost))
    const half = await open(port, 'a TLS handshake')
    await half.send(hello.subarray(0, 7))
    const other = await open(port, 'a TLS handshake')
    await other.send([...hello].map((byte) => Buffer.of(byte)))
    await half.expectSilence(other.read(hello.length))
    await half.send(hello.subarray(7))
    expect(await half.read(hello.length)).toBeBytes(hello, { action: 'sent the second half of "hello"' })
    const stream = Buffer.concat([framed('你好'), framed(''), framed(binary), framed('x'.repeat(20_000)), hello])
    for (const { name, chunks } of chunkings(stream).filter(({ chunks }) => chunks.length < 100)) {
      const peer = await open(port, 'a TLS handshake')
      await peer.send(chunks)
      expect(await peer.read(stream.length)).toBeBytes(stream, { action: `sent five messages ${name}` })
    }
    // Each of them fills the socket again, while the client reads nothing: the echo must go on after every pause.
    const large = Buffer.concat([MiB, 100_000, 100_000].map((length) => framed(Buffer.alloc(length, binary))))
    for (const server of [port, await listen(createWrappedEcho(localhost))]) {
      const late = await open(server, 'a TLS handshake')
      late.pause()
      late.socket.write(large)
      late.socket.write(hello)
      late.resume()
      const all = await late.read(large.length + hello.length)
      expect(all).toBeBytes(Buffer.concat([large, hello]), {
        action: 'sent 1 MiB, 100 kB, 100 kB and "hello", then read',
      })
    }
  },
)

check(
  'too-long',
  'ends a connection that announces 4 GiB, and no other',
  { todo: 2, anchor: 'whole-messages', rule: 'Node.js: tls' },
  async () => {
    const port = await listen(createTlsEcho(localhost))
    const greedy = await open(port, 'a TLS handshake')
    await greedy.send(Buffer.from('ffffffff00', 'hex'))
    await greedy.expectEnd({ orReset: true })
    const peer = await open(port, 'a TLS handshake')
    await peer.send(hello)
    expect(await peer.read(hello.length)).toBeBytes(hello, { action: 'sent "hello" after somebody announced 4 GiB' })
    const types = await recordsUntilEnd(port, Buffer.from('ffffffff00', 'hex'), { ends: false })
    expect(closing(types), 'among the records after an announcement of 4 GiB').toBe('no alert')
  },
)

check(
  'close-notify',
  'a client that ends between two messages is told that nothing is missing: close_notify, then FIN',
  { anchor: 'the-end-and-the-cut', rule: 'RFC 8446 §6.1' },
  async () => {
    const types = await recordsUntilEnd(await listen(createTlsEcho(localhost)), hello)
    expect(closing(types), 'among the records before FIN').toBe('close_notify, an alert')
  },
)

check(
  'cut',
  'a client that ends inside a message gets no close_notify, which would say that all is well',
  { todo: 2, anchor: 'the-end-and-the-cut', rule: 'RFC 8446 §6.1' },
  async () => {
    const port = await listen(createTlsEcho(localhost))
    for (const [what, bytes] of [
      ['half a message', hello.subarray(0, 7)],
      ['half a length', hello.subarray(0, 2)],
      ['a message and half a length', Buffer.concat([hello, hello.subarray(0, 3)])],
    ] as const) {
      const types = await recordsUntilEnd(port, bytes)
      expect(closing(types), `among the records after ${what}`).toBe('no alert')
    }
  },
)

check(
  'names',
  'shows the certificate of the name that the client asks for',
  { todo: 3, anchor: 'one-port-two-names', rule: 'RFC 6066 §3' },
  async () => {
    const names = { 'other.test': otherName, 'self.test': made.selfSigned }
    const port = await listen(createTlsEcho(localhost, { names }))
    for (const [servername, wanted] of [
      ['localhost', 'localhost'],
      ['other.test', 'otherName'],
      ['self.test', 'selfSigned'],
      ['stranger.test', 'localhost'],
      ['another.test', 'localhost'],
      ['www.other.test', 'localhost'],
      ['other.test.example', 'localhost'],
      [undefined, 'localhost'],
    ] as const) {
      const shown = await certificateOf(port, { servername, rejectUnauthorized: false })
      expect(shown, `whose certificate ${servername ?? 'a client that sends no name'} gets`).toBe(wanted)
    }
  },
)

check(
  'alpn',
  'speaks echo, and refuses a client that offers only other protocols',
  { todo: 3, anchor: 'one-port-two-names', rule: 'RFC 7301 §3.2' },
  async () => {
    const port = await listen(createTlsEcho(localhost))
    const agreed = await handshake(port, { ALPNProtocols: ['h2', 'echo'] })
    expect(agreed.alpnProtocol, 'protocol for a client that offers h2 and echo').toBe('echo')
    expect((await handshake(port, {})).alpnProtocol, 'protocol for a client that offers none').toBe(false)
    expect(agreed.getProtocol(), 'the version agreed on with a client of today').toBe('TLSv1.3')
    const old = await handshake(port, { maxVersion: 'TLSv1.2', ALPNProtocols: ['echo'] })
    expect(old.getProtocol(), 'the version agreed on with a client of TLS 1.2').toBe('TLSv1.2')
    for (const others of [['foo'], ['h2', 'http/1.1'], ['Echo'], ['echo2', 'ech']]) {
      const end = await outcome(port, { ALPNProtocols: others })
      expect(end, `a client that offers only ${others.join(' and ')}`).toBe('refused')
    }
  },
)

check(
  'slow-handshake',
  'gives up on a handshake after handshakeTimeout',
  { todo: 3, anchor: 'a-silent-client', rule: 'Node.js: tls' },
  async () => {
    const patient = await misbehave.silent(await listen(createTlsEcho(localhost)))
    const server = createTlsEcho(localhost, { handshakeTimeout: 100 })
    const port = await listen(server)
    const silent = await misbehave.silent(port)
    // Its own side stays open: a server that only says FIN keeps the connection for ever.
    const stubborn = await tcp(port, { name: 'a client that says half a hello and stays', halfOpen: true })
    await stubborn.send(Buffer.from('160301', 'hex'))
    const gaveUp = deadline(silent.closed, 2000, 'the server to hang up on a silent client after 100 ms')
    // Who has the default of ten seconds is still there.
    await patient.expectSilence(gaveUp.catch(() => {}))
    await gaveUp
    await deadline(stubborn.closed, 2000, 'the server to hang up on a second slow client')
    const closed = until(async () => (await connections(server)) === 0)
    await deadline(closed, 2000, 'the server to close its side of both connections')
  },
)

check(
  'rude',
  'lives on after half a ClientHello, a reset, plain HTTP and TLS 1.1',
  { todo: 1, anchor: 'every-error-on-purpose', rule: 'RFC 8446 §4.2.1' },
  async () => {
    for (const server of [createTlsEcho(localhost), createWrappedEcho(localhost)]) {
      const port = await listen(server)
      await misbehave.reset(port, Buffer.from('160301', 'hex'))
      const http = await tcp(port, { name: 'a client that speaks plain HTTP' })
      await http.send('GET / HTTP/1.1\r\n\r\n')
      await http.expectEnd({ orReset: true })
      const old: ConnectionOptions = { maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' }
      expect(await outcome(port, old), 'a client of TLS 1.1').toBe('refused')
      const visitor = await handshake(port, {})
      visitor.destroy()
      const peer = await open(port, 'a TLS handshake after all of them')
      await peer.send(hello)
      expect(await peer.read(hello.length)).toBeBytes(hello, { action: 'sent "hello" after four rude clients' })
    }
  },
)

check(
  'connects',
  'connectTls resolves when the certificate is proven, and asks for the host by its name',
  { todo: 4, anchor: 'trust', rule: 'RFC 6066 §3' },
  async () => {
    const asked: unknown[] = []
    const server = createServer(localhost, (socket) => asked.push(socket.servername))
    const port = await listen(server)
    const socket = await connecting({ host: '127.0.0.1', port, servername: 'localhost', ca: authority })
    expect(socket.authorized, 'authorized, once connectTls has resolved').toBe(true)
    const byAddress = await connecting({ host: '127.0.0.1', port, ca: authority })
    expect(byAddress.authorized, 'authorized for host 127.0.0.1').toBe(true)
    // The server has seen both, at the latest when a third client has been served.
    await served(server, port)
    expect(asked.slice(0, 2), 'names that the server was asked for: localhost, and none for an address').toEqual([
      'localhost',
      false,
    ])
    const other = await listen(createServer(otherName))
    await connecting({ host: 'localhost', port: other, servername: 'other.test', ca: authority })
    await passesOn()
  },
)

const faults = [
  { name: 'an authority that is not known', shows: localhost, ca: undefined, code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' },
  { name: 'signed by itself', shows: made.selfSigned, ca: authority, code: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
  { name: 'expired', shows: made.expired, ca: authority, code: 'CERT_HAS_EXPIRED' },
  { name: 'for another name', shows: otherName, ca: authority, code: 'ERR_TLS_CERT_ALTNAME_INVALID' },
  { name: 'only a common name', shows: made.commonName, ca: authority, code: 'ERR_TLS_CERT_ALTNAME_INVALID' },
]

check(
  'refuses',
  'connectTls rejects a certificate that proves nothing, with the cause',
  { todo: 4, anchor: 'trust', rule: 'RFC 9525 §6' },
  async () => {
    for (const { name, shows, ca, code } of faults) {
      const error = await refused(await listen(createServer(shows)), `a certificate: ${name}`, { ca })
      expect(codeOf(error), `code of the cause for a certificate: ${name}`).toBe(code)
    }
    const elsewhere = createServer(otherName)
    const port = await listen(elsewhere)
    for (const target of [{ host: '127.0.0.1' }, { host: '127.0.0.1', servername: 'localhost' }]) {
      const error = await refused(port, `${target.servername ?? target.host} of the server other.test`, {
        ...target,
        ca: authority,
      })
      expect(codeOf(error), `code of the cause for ${JSON.stringify(target)} at other.test`).toBe(
        'ERR_TLS_CERT_ALTNAME_INVALID',
      )
    }
    const left = until(async () => (await connections(elsewhere)) === 0)
    await deadline(left, 2000, 'connectTls to leave a server whose certificate proves nothing')
  },
)

check(
  'in-time',
  'connectTls rejects when the server is silent, hangs up, or is not there',
  { todo: 4, anchor: 'every-error-on-purpose', rule: 'Node.js: tls' },
  async () => {
    const slow = createTcpServer(trickle)
    const waits = [
      ['a server that says nothing', createTcpServer((socket) => socket.on('error', () => {}).resume())],
      ['a server that says a byte now and then', slow],
    ] as const
    await Promise.all(
      waits.map(async ([what, server]) => {
        const error = await refused(await listen(server), `${what}, with a timeout of 100 ms`, { timeout: 100 })
        expect(codeOf(error), `code of the cause for ${what}`).toBe('ETIMEDOUT')
        const left = until(async () => (await connections(server)) === 0)
        await deadline(left, 2000, `connectTls to close its connection to ${what}`)
      }),
    )
    const closing = await listen(
      createTcpServer((socket) =>
        socket
          .on('error', () => {})
          .resume()
          .end(),
      ),
    )
    expect(codeOf(await refused(closing, 'a server that hangs up', {})), 'code for a server that hangs up').toBe(
      'ECONNRESET',
    )
    const gone = createTcpServer()
    const port = await listen(gone)
    await new Promise((resolve) => gone.close(resolve))
    const nobody = await refused(port, 'a port where nobody listens', { host: '127.0.0.1' })
    expect(codeOf(nobody), 'code for a port where nobody listens').toBe('ECONNREFUSED')
  },
)

check(
  'nothing-left',
  'connectTls leaves no timer behind, and an idle connection alone',
  { todo: 4, anchor: 'every-error-on-purpose', rule: 'Node.js: timers' },
  async () => {
    const port = await listen(createServer(localhost))
    const target = { host: '127.0.0.1', port, ca: authority }
    let socket: TLSSocket | undefined
    const connects = async () => {
      socket = await connecting(target)
    }
    const held = 'timers that still hold the program'
    expect((await leftTimers(connects, nothing)) || 'none', `${held}, once connectTls has resolved`).toBe('none')
    expect(socket!.timeout || 'never', 'milliseconds of silence that the socket of connectTls allows').toBe('never')
    const fails = () => refused(port, 'a certificate of an unknown authority', { ca: undefined })
    expect((await leftTimers(fails, nothing)) || 'none', `${held}, once connectTls has rejected`).toBe('none')
    await staysIdle(target)
  },
)

check(
  'explains',
  'the errors name the server and tell the causes apart, in words',
  { todo: [4, 5], anchor: 'every-error-on-purpose', rule: 'Node.js: tls' },
  async () => {
    const sentences = new Map<string, string>()
    const say = async (what: string, port: number, options: Partial<Parameters<typeof connectTls>[0]> = {}) => {
      const { message } = await refused(port, what, { ca: authority, ...options })
      expect(message, `the error for ${what} names localhost`).toContain('localhost')
      expect(message, `the error for ${what} is a sentence, not OpenSSL's record of it`).not.toMatch(
        /SSL routines|:error:|^[A-Z_]+$/,
      )
      const words = message.replaceAll(/:\d+/g, '')
      const letters = words.replaceAll(/localhost|\b[A-Z][A-Z\d_]{3,}\b/g, '').replaceAll(/\P{L}/gu, '')
      if (letters.length < 4)
        fail.state(what, message, `the error for ${what} is a name and a code, without words: ${words}`)
      expect(sentences.get(words), `the error for ${what} is one of its own`).toBeUndefined()
      sentences.set(words, what)
    }
    for (const { name, shows, ca } of faults.slice(0, 4)) await say(name, await listen(createServer(shows)), { ca })
    const modern = await listen(createServer({ ...localhost, minVersion: 'TLSv1.3' }))
    await say('a server that wants TLS 1.3', modern, { maxVersion: 'TLSv1.2' })
    const chat = await listen(createServer({ ...localhost, ALPNProtocols: ['echo'] }))
    await say('a server that speaks another protocol', chat, { ALPNProtocols: ['foo'] })
    const plain = createTcpServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n').on('error', () => {}))
    await say('a server without TLS', await listen(plain))
    await say('a silent server', await listen(createTcpServer()), { timeout: 100 })
    await say('a server that hangs up', await listen(createTcpServer((socket) => socket.resume().end())))
    const rare = Object.assign(new Error('the moon is in the way'), { code: 'EMOON' })
    for (const error of [rare, new Error('the moon is in the way')]) {
      const told = explainTlsError(error, { host: 'localhost', port: 7009 })
      expect(told, 'the sentence for an error that nobody has heard of').toContain('the moon is in the way')
      expect(told, 'the sentence for an error that nobody has heard of').toContain('localhost')
    }
  },
)

check(
  'truncation',
  'messagesOf yields whole messages, and throws when the stream ends inside one',
  { todo: 6, anchor: 'the-end-and-the-cut', rule: 'RFC 8446 §6.1' },
  async () => {
    const whole = Buffer.concat([framed('one'), framed(''), framed('two')])
    expect(await messagesFrom(whole), 'messages of a stream that ends after the third').toEqual(['one', '', 'two'])
    for (const [name, bytes, missing] of [
      ['inside the third message', whole.subarray(0, 16), 2],
      ['inside a length', Buffer.concat([framed('one'), Buffer.of(0)]), 3],
    ] as const) {
      const cut = await messagesFrom(bytes)
      expect(cut[0], `the first message of a stream that ends ${name}`).toBe('one')
      expect(cut.at(-1), `a stream that ends ${name}: an error that names the ${missing} missing bytes`).toMatch(
        new RegExp(`error: .*\\b${missing}\\b`),
      )
    }
    const tooMuch = await messagesFrom(Buffer.concat([framed('one'), Buffer.from('ffffffff00', 'hex')]))
    expect(tooMuch.at(-1) ?? 'a quiet end', 'the end of a stream that announces 4 GiB').toMatch(/^error: /)
    const reset = await messagesFrom(whole.subarray(0, 16), { resets: true })
    expect(reset.at(-1) ?? 'a quiet end', 'the end of a stream that is reset inside a message').toMatch(/^error: /)
    await comeAtOnce()
  },
)

check(
  'by-hand',
  'server.ts and client.ts talk to each other',
  { todo: 6, anchor: 'your-turn', rule: 'Node.js: tls', timeout: 20_000 },
  async () => {
    const server = runFile('09-tls-echo/server.ts', [0])
    const client = runFile('09-tls-echo/client.ts', [await server.port()], { stdin: 'hello\n你好\n' })
    const { code, stdout } = await client.ends()
    expect(stdout.replaceAll('\r', ''), 'what client.ts prints for the lines hello and 你好').toBe('hello\n你好\n')
    expect(code, 'exit code of client.ts').toBe(0)
  },
)

function framed(message: string | Uint8Array): Buffer {
  const bytes = Buffer.from(message as Uint8Array)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

/** A peer that trusts the authority. @param what stands in the message when there is no handshake */
async function open(server: Server | number, what: string) {
  const port = typeof server === 'number' ? server : await listen(server)
  try {
    return await tlsPeer(port, { ca: authority })
  } catch (error) {
    return fail.state(what, `no handshake: ${(error as Error).message.split('\n')[0]}`, 'the TLS handshake failed')
  }
}

/** A TLS connection whose options are the check's own. */
async function handshake(port: number, options: ConnectionOptions): Promise<TLSSocket> {
  const end = await attempt(port, options)
  if (!(end instanceof Error)) return end
  return fail.state('connected over TLS', end.message.split('\n')[0]!, 'the TLS handshake failed')
}

/** What becomes of a client whose options are the check's own. */
async function outcome(port: number, options: ConnectionOptions): Promise<'served' | 'refused'> {
  return (await attempt(port, options)) instanceof Error ? 'refused' : 'served'
}

async function attempt(port: number, options: ConnectionOptions): Promise<TLSSocket | Error> {
  const socket = connect({ host: '127.0.0.1', port, ca: authority, ...options })
  cleanup(() => socket.destroy())
  const end = new Promise<TLSSocket | Error>((resolve) => {
    socket.once('secureConnect', () => resolve(socket))
    socket.on('error', resolve)
    socket.on('close', () => resolve(new Error('closed during the handshake')))
  })
  return deadline(end, 2000, 'a TLS handshake with your server')
}

/** Visits twice, the second time with the session of the first. @returns whether it was resumed */
async function comesBack(port: number): Promise<boolean> {
  const first = await handshake(port, {})
  const ticket = new Promise<Buffer>((resolve) => first.once('session', resolve))
  const session = await deadline(ticket, 2000, 'a session ticket')
  return (await handshake(port, { session })).isSessionReused()
}

/**
 * Sends `bytes`, then ends if `ends`, in TLS 1.2, where the types of records can be read from outside.
 *
 * @returns the types of the records that the server sent
 */
async function recordsUntilEnd(port: number, bytes: Uint8Array, { ends = true } = {}): Promise<string[]> {
  const seen: Buffer[] = []
  const between = createTcpServer({ allowHalfOpen: true }, (client) => {
    const server = connectTcp(port, '127.0.0.1')
    cleanup(() => server.destroy())
    for (const socket of [client, server]) socket.on('error', () => client.destroy())
    server.on('data', (chunk) => seen.push(chunk))
    client.pipe(server)
    server.pipe(client)
  })
  const socket = await handshake(await listen(between), { maxVersion: 'TLSv1.2' })
  const closed = new Promise((resolve) => socket.on('close', resolve))
  socket.resume()
  socket.write(bytes)
  if (ends) socket.end()
  await deadline(closed, 2000, 'your server to end the connection')
  return recordTypes(Buffer.concat(seen))
}

function closing(types: string[]): string {
  return types.includes('alert') ? 'close_notify, an alert' : 'no alert'
}

function recordTypes(stream: Buffer): string[] {
  const types: string[] = []
  for (let at = 0; at + 5 <= stream.length; at += 5 + stream.readUInt16BE(at + 3)) {
    types.push({ 20: 'change_cipher_spec', 21: 'alert', 22: 'handshake', 23: 'application_data' }[stream[at]!] ?? '?')
  }
  return types
}

/** Connects with a short timeout, and waits longer than that. On a busy machine a handshake may need more, so it is doubled. */
async function staysIdle(target: Parameters<typeof connectTls>[0], timeout = 100): Promise<void> {
  const socket = await connectTls({ ...target, timeout }).catch(() => undefined)
  if (!socket && timeout < 4000) return staysIdle(target, timeout * 2)
  if (!socket)
    return fail.state(`connected with a timeout of ${timeout} ms`, 'connectTls rejected', 'no handshake in time')
  cleanup(() => socket.destroy())
  await new Promise((resolve) => setTimeout(resolve, timeout + 20))
  expect(socket.destroyed ? 'destroyed' : 'open', 'a good connection, when its timeout is over').toBe('open')
}

const nothing = async () => {}

/** Sends a record of 16 KiB that never ends, a byte at a time. */
function trickle(socket: Socket): void {
  socket.on('error', () => {}).resume()
  socket.write(Buffer.from('1603034000', 'hex'))
  const drip = setInterval(() => socket.write(Buffer.of(2)), 15)
  socket.on('close', () => clearInterval(drip))
  cleanup(() => clearInterval(drip))
}

function connections(server: Server): Promise<number> {
  return new Promise((resolve) => server.getConnections((_, count) => resolve(count)))
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 5))
}

function codeOf(error: Error): unknown {
  return (error.cause as NodeJS.ErrnoException | undefined)?.code
}

async function certificateOf(port: number, options: ConnectionOptions): Promise<string | undefined> {
  const { fingerprint256 } = (await handshake(port, options)).getPeerCertificate()
  return owners.get(fingerprint256)
}

async function connecting(target: Parameters<typeof connectTls>[0]): Promise<TLSSocket> {
  const socket = await deadline(connectTls(target), 2000, 'connectTls to resolve')
  cleanup(() => socket.destroy())
  return socket
}

/** Each of the options that a target may have arrives, and none that it has not. */
async function passesOn(): Promise<void> {
  const greeting = 'welcome'
  const server = createServer({ ...localhost, ALPNProtocols: ['echo'] }, (socket) => {
    socket.on('error', () => {}).write(greeting)
  })
  const target = { host: 'localhost', port: await listen(server), ca: authority }
  const first = await connecting(target)
  expect(first.alpnProtocol, 'protocol, when the target names none').toBe(false)
  expect(first.getProtocol(), 'version, when the target names none').toBe('TLSv1.3')
  const waits = until(async () => first.readableLength > 0)
  await deadline(waits, 2000, 'what the server says at once to be there on the socket of connectTls')
  const [said] = await once(first, 'data')
  expect(String(said), 'what the server said at once').toBe(greeting)
  const old = await connecting({ ...target, ALPNProtocols: ['echo'], maxVersion: 'TLSv1.2' })
  expect(old.alpnProtocol, 'protocol, when the target offers echo').toBe('echo')
  expect(old.getProtocol(), 'version, when the target wants TLS 1.2 at most').toBe('TLSv1.2')
  const again = await connecting({ ...target, maxVersion: 'TLSv1.2', session: old.getSession() })
  expect(again.isSessionReused(), 'session resumed, when the target has one').toBe(true)
}

/** The error of `connectTls`, or a failure when it connects. */
async function refused(port: number, what: string, options: Partial<Parameters<typeof connectTls>[0]>): Promise<Error> {
  const attempt = connectTls({ host: 'localhost', port, ...options }).then(
    (socket) => {
      cleanup(() => socket.destroy())
      return undefined
    },
    (error: Error) => error,
  )
  const error = await deadline(attempt, 2000, `connectTls to reject ${what}`)
  return error ?? fail.state(`connected to ${what}`, 'connectTls resolved', `connectTls accepts ${what}`)
}

/** Settles when one more client has been served, after all that came before it. */
async function served(server: Server, port: number): Promise<void> {
  const seen = new Promise<void>((resolve) => {
    server.on('secureConnection', (socket: TLSSocket) => socket.servername === 'last.test' && resolve())
  })
  await handshake(port, { servername: 'last.test', rejectUnauthorized: false })
  await deadline(seen, 2000, 'the server to have seen its clients')
}

/** The messages that `messagesOf` finds when a server sends `bytes` and FIN or RST; then its error, if there is one. */
async function messagesFrom(bytes: Uint8Array, { resets = false } = {}): Promise<string[]> {
  const accepted: Socket[] = []
  const server = createServer(localhost, (socket) => {
    socket.on('error', () => {})
    if (!resets) return socket.end(bytes)
    return socket.write(bytes)
  })
  server.on('connection', (socket) => accepted.push(socket))
  const socket = await handshake(await listen(server), {})
  if (resets) socket.once('readable', () => accepted[0]!.resetAndDestroy())
  const seen: string[] = []
  const reading = async () => {
    try {
      for await (const message of messagesOf(socket)) seen.push(String(message))
    } catch (error) {
      seen.push(`error: ${(error as Error).message}`)
    }
  }
  await deadline(reading(), 2000, 'messagesOf to end with the stream')
  return seen
}

/** Two streams at once that go on: each message comes when it is whole, with its own bytes. */
async function comeAtOnce(): Promise<void> {
  const sockets: TLSSocket[] = []
  const port = await listen(createServer(localhost, (socket) => sockets.push(socket.on('error', () => {}))))
  const streams = []
  for (let i = 0; i < 2; i++) streams.push(messagesOf(await handshake(port, {})))
  const next = streams.map((stream) => stream.next())
  await deadline(
    until(async () => sockets.length === 2),
    2000,
    'the server to have seen both clients',
  )
  const large = Buffer.alloc(MiB, binary)
  for (const socket of sockets) socket.write(framed(large).subarray(0, 100_000))
  for (const socket of sockets) socket.write(framed(large).subarray(100_000))
  for (const message of next) {
    const { value } = await deadline(message, 2000, 'messagesOf to give a message before the stream ends')
    expect(value).toBeBytes(large, { action: 'sent a message of 1 MiB on each of two connections' })
  }
}
