// Given: every way for a TLS connection to succeed or fail, tried for real on this machine; with a word, those about it.
import { once } from 'node:events'
import { createServer as createHttpServer, get } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { connect, createServer, type TLSSocket, type TlsOptions } from 'node:tls'
import { encodeLengthPrefixed } from '../02-tcp-vs-udp/framing.ts'
import { isMain, stop } from '../run.ts'
import { type Certificates, type Credentials, makeCertificates } from './certificates.ts'
import { connectTls, messagesOf, type TlsTarget } from './client.ts'
import { createTlsEcho, wrapSocket } from './server.ts'

/** One experiment: its name, and what client and server said. */
type Row = [what: string, run: () => Promise<string[]>]

function rows(made: Certificates): Row[] {
  const { authority, localhost, expired, otherName, commonName, selfSigned } = made
  /** Connects to a server that shows `credentials`. */
  const shows = (credentials: Credentials, client: Partial<TlsTarget> = {}, options: TlsOptions = {}) =>
    meet(createServer({ ...credentials, ...options }), { ca: authority, ...client })
  return [
    ['the authority is trusted', () => shows(localhost)],
    ['the authority is not known', () => shows(localhost, { ca: undefined })],
    ['signed by itself', () => shows(selfSigned)],
    ['signed by itself, and trusted as such', () => shows(selfSigned, { ca: selfSigned.cert })],
    ['signed by itself, with rejectUnauthorized: false', () => unproven(made)],
    ['expired', () => shows(expired)],
    ['for another name', () => shows(otherName)],
    ['common name localhost, names other.test', () => shows(commonName)],
    ['for another name, and asked for by it', () => shows(otherName, { servername: 'other.test' })],
    [
      'client at most TLS 1.2, server at least 1.3',
      () => shows(localhost, { maxVersion: 'TLSv1.2' }, { minVersion: 'TLSv1.3' }),
    ],
    ['ALPN: nothing in common', () => shows(localhost, { ALPNProtocols: ['foo'] }, { ALPNProtocols: ['echo'] })],
    ['ALPN: the client offers nothing', () => shows(localhost, {}, { ALPNProtocols: ['echo'] })],
    ['TLS to a server without TLS', () => meet(createHttpServer(), { ca: authority })],
    ['plain HTTP to a server with TLS', () => plain(createServer(localhost))],
    ['a name for each certificate', () => twoNames(made)],
    ['the session of the first visit, again', () => resumed(made)],
    ['FIN inside a message', () => cut(made)],
  ]
}

async function meet(server: Server, target: Partial<TlsTarget>): Promise<string[]> {
  const said = listener(server)
  const client = await attempt({ host: 'localhost', port: await open(server), ...target })
  return [client, ...(await said())]
}

/** Connects, and puts the outcome in words. */
async function attempt(target: TlsTarget): Promise<string> {
  try {
    const socket = await connectTls(target)
    // A connectTls that is not finished may resolve too early.
    if (!socket.getPeerFinished()) throw new Error('connectTls resolved, and there was no handshake')
    const alpn = socket.alpnProtocol ? `, ${socket.alpnProtocol}` : ''
    const shown = `connected: authorized ${socket.authorized}, ${socket.getProtocol()}${alpn}`
    socket.destroy()
    return shown
  } catch (error) {
    const { cause, message } = error as Error & { cause?: NodeJS.ErrnoException }
    return [cause?.code ?? [], message.replace(/localhost:\d+: /, '').trim()].flat().join('\n')
  }
}

/** What the advice that one finds does: it encrypts, for whoever answered. */
async function unproven({ selfSigned }: Certificates): Promise<string[]> {
  const port = await open(createServer(selfSigned))
  const socket = connect({ host: 'localhost', port, rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  const seen = `connected: authorized ${socket.authorized}, ${socket.authorizationError}`
  socket.destroy()
  return [seen]
}

async function plain(server: Server): Promise<string[]> {
  const said = listener(server)
  const request = get({ port: await open(server), host: 'localhost' })
  const [error] = (await once(request, 'error')) as [NodeJS.ErrnoException]
  return [`${error.code}: ${error.message}`, ...(await said())]
}

async function twoNames({ authority, localhost, otherName }: Certificates): Promise<string[]> {
  const server = createTlsEcho(localhost, { names: { 'other.test': otherName } })
  const port = await open(server)
  const seen: string[] = []
  for (const servername of ['localhost', 'other.test']) {
    const socket = await connectTls({ host: 'localhost', port, ca: authority, servername })
    seen.push(`${servername}: ${socket.getPeerCertificate().subjectaltname}`)
    socket.destroy()
  }
  return [seen.join('\n')]
}

async function resumed({ authority, localhost }: Certificates): Promise<string[]> {
  const port = await open(createTlsEcho(localhost))
  const target = { host: 'localhost', port, ca: authority }
  const first = await connectTls(target)
  // In TLS 1.3 the ticket comes after the handshake.
  const [session] = (await once(first, 'session')) as [Buffer]
  first.destroy()
  const again = await connectTls({ ...target, session })
  const seen = `isSessionReused: ${Boolean(first.isSessionReused())}, then ${again.isSessionReused()}`
  again.destroy()
  return [seen]
}

/** Ends the connection under the wrapped socket: FIN without close_notify, as anybody on the way can. */
async function cut({ authority, localhost }: Certificates): Promise<string[]> {
  const server = createTcpServer((raw) => {
    const wrapped = wrapSocket(raw, localhost)
    const message = encodeLengthPrefixed(Buffer.from('thirty bytes, of which 16 come'))
    wrapped.write(message.subarray(0, 4 + 16), () => raw.end())
  })
  const socket = await connectTls({ host: 'localhost', port: await open(server), ca: authority })
  const events: string[] = []
  for (const event of ['error', 'end', 'close']) socket.on(event, () => events.push(event))
  const closed = new Promise((resolve) => socket.once('close', resolve))
  const told = await tell(socket)
  await closed
  return [`events of the socket: ${events.join(', ')}\n${told}`]
}

async function tell(socket: TLSSocket): Promise<string> {
  try {
    let messages = 0
    for await (const _ of messagesOf(socket)) messages++
    return `messagesOf: ${messages} messages, no error`
  } catch (error) {
    return `messagesOf: ${(error as Error).message}`
  }
}

const opened: Server[] = []

/** Listens on a free port. */
async function open(server: Server): Promise<number> {
  opened.push(server)
  server.listen(0, 'localhost')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

/** Listens to what a server says of a handshake. @returns a function that gives it, when there is something to say */
function listener(server: Server): () => Promise<string[]> {
  const said = new Promise<string | undefined>((resolve) => {
    server.on('secureConnection', () => resolve(undefined))
    server.on('tlsClientError', ({ code }: NodeJS.ErrnoException) => resolve(code))
    server.on('clientError', ({ code }: NodeJS.ErrnoException, socket: Socket) => {
      socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')
      resolve(code)
    })
    // A client may leave before the server has heard of it.
    server.on('listening', () => setTimeout(() => resolve(undefined), 1000).unref())
  })
  return async () => {
    const code = await said
    return code === undefined || code === 'ECONNRESET' ? [] : [`server: ${code}`]
  }
}

async function main(word = ''): Promise<void> {
  const all = rows(await makeCertificates())
  const wanted = all.filter(([what]) => what.toLowerCase().includes(word.toLowerCase()))
  if (wanted.length === 0) stop(`${word}: expected a word out of one of:\n${all.map(([what]) => what).join('\n')}`)
  for (const [what, run] of wanted) {
    // What is not written yet may throw; the rows after it are tried all the same.
    const said = await run().catch((error: Error) => [error.message.trim()])
    console.log(`${what}\n    ${said.join('\n').replaceAll('\n', '\n    ')}`)
    for (const server of opened.splice(0)) server.close()
  }
}

if (isMain(import.meta.url)) await main(process.argv[2])
