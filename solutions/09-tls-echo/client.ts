import { once } from 'node:events'
import { isIP } from 'node:net'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import { encodeLengthPrefixed, LengthPrefixedDecoder } from '../02-tcp-vs-udp/framing.ts'
import { inputLines, isMain, stop } from '../run.ts'
import { certificates } from './certificates.ts'
import { explainTlsError, type Target } from './errors.ts'

/** Where to connect, and whom to trust there. */
export interface TlsTarget extends Target, Pick<ConnectionOptions, 'session' | 'ALPNProtocols' | 'maxVersion'> {
  /** the authority to trust, in PEM, and no other. Default: those that Node knows */
  ca?: string
  /** milliseconds for connection and handshake. Default 10,000 */
  timeout?: number
}

/**
 * Connects, and waits until the handshake is done and the certificate is proven. What was started for that is over then:
 * no timer holds the program, and a connection that came about stays as long as its two sides want.
 *
 * @throws {Error} with a sentence from `explainTlsError`; its `cause` is the error as Node gave it
 */
export async function connectTls(target: TlsTarget): Promise<TLSSocket> {
  const { timeout = 10_000, servername = target.host, ...options } = target
  // Node checks the certificate against `host` without being asked, but sends no name (SNI) that it was not given, and
  // an address is no name (RFC 6066 §3).
  const name = isIP(servername) ? undefined : servername
  // #region connect
  // TODO 4: Connect with `options` and `name`; resolve at 'secureConnect'. Destroy the socket and reject, with
  // explainTlsError and the cause, on 'error', on 'close' (code ECONNRESET), and after `timeout` (code ETIMEDOUT). In
  // either case clear what counts the time.
  // starter: const socket = connect({ host: target.host, port: target.port, rejectUnauthorized: false })
  // starter: await once(socket, 'secureConnect')
  // starter: return socket

  const socket = connect({ ...options, servername: name })
  return new Promise((resolve, reject) => {
    const fail = (cause: NodeJS.ErrnoException) => {
      clearTimeout(timer)
      socket.destroy()
      reject(new Error(explainTlsError(cause, target), { cause }))
    }
    const timer = setTimeout(() => fail(withCode('ETIMEDOUT')), timeout)
    socket.once('secureConnect', () => {
      clearTimeout(timer)
      resolve(socket)
    })
    // They stay: after the handshake the promise is settled, and an error without a listener would end the program.
    socket.on('error', fail)
    socket.on('close', () => fail(withCode('ECONNRESET')))
  })
  // #endregion
}

function withCode(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(code), { code })
}

/**
 * The messages that come on a socket, until it ends.
 *
 * @throws {Error} when it ends inside a message, with the number of bytes that are missing
 */
export async function* messagesOf(socket: TLSSocket): AsyncGenerator<Buffer, void> {
  // #region messages
  // TODO 6: Yield the messages that LengthPrefixedDecoder finds in the chunks. Tell it when the socket has ended: Node
  // does not say whether close_notify came before FIN, so only the framing knows that something is missing.
  // starter: for await (const chunk of socket) yield chunk as Buffer

  const decoder = new LengthPrefixedDecoder()
  for await (const chunk of socket) yield* decoder.push(chunk as Buffer)
  decoder.end()
  // #endregion
}

/** Sends each line as a message, and prints what comes back, until one of the two sides has ended. */
async function main(port: number, host: string): Promise<void> {
  const { authority } = await certificates()
  const socket = await connectTls({ host, port, ca: authority })
  const printed = print(socket)
  const first = await Promise.race([talk(socket), printed.then(() => 'server' as const)])
  if (first === 'server') stop(`${host}:${port}: the server has ended the connection.`)
  await printed
}

async function talk(socket: TLSSocket): Promise<'input'> {
  for await (const line of inputLines()) {
    if (!socket.write(encodeLengthPrefixed(Buffer.from(line)))) await once(socket, 'drain')
  }
  socket.end()
  return 'input'
}

async function print(socket: TLSSocket): Promise<void> {
  for await (const message of messagesOf(socket)) console.log(String(message))
}

if (isMain(import.meta.url)) {
  const [port = '7009', host = '127.0.0.1'] = process.argv.slice(2)
  main(Number(port), host).catch((error: Error) => stop(error.message))
}
