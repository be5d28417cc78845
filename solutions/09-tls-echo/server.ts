import { createServer as createTcpServer, type Socket, type Server as TcpServer } from 'node:net'
import {
  createSecureContext,
  createServer,
  type SecureContext,
  type Server,
  TLSSocket,
  type TlsOptions,
} from 'node:tls'
import { encodeLengthPrefixed, LengthPrefixedDecoder } from '../02-tcp-vs-udp/framing.ts'
import { isMain, serve } from '../run.ts'
import { type Credentials, certificates } from './certificates.ts'

/** The other names of a server, and its patience. */
export interface EchoOptions {
  /** other certificates of this port, by the server name (SNI) that a client asks for */
  names?: Record<string, Credentials>
  /** milliseconds that a client may take for its handshake. Default 10,000 */
  handshakeTimeout?: number
}

/** The application protocol of this server, for ALPN (RFC 7301). */
export const protocol = 'echo'

const contexts = new WeakMap<Credentials, SecureContext>()

/** The certificate and key as OpenSSL wants them; read once, since it also holds the keys of session tickets. */
function contextOf(credentials: Credentials): SecureContext {
  const context = contexts.get(credentials) ?? createSecureContext({ ...credentials, minVersion: 'TLSv1.2' })
  contexts.set(credentials, context)
  return context
}

/**
 * Speaks TLS, as the server, over a connection that was accepted already. Returns at once: the handshake happens later,
 * when the client's bytes come, and what is written before it waits until then.
 *
 * @returns the socket on which the plain text is read and written
 */
export function wrapSocket(socket: Socket, credentials: Credentials): TLSSocket {
  // #region wrap
  // TODO 1: Return a TLSSocket over `socket` that is the server's side and uses contextOf(credentials).
  // starter: return socket as TLSSocket

  return new TLSSocket(socket, { isServer: true, secureContext: contextOf(credentials) })
  // #endregion
}

/** The echo over TLS, wrapped by hand. @returns a server that is not yet listening */
export function createWrappedEcho(credentials: Credentials): TcpServer {
  return createTcpServer({ noDelay: true }, (socket) => echo(wrapSocket(socket, credentials)))
}

/** The echo over TLS, as Node does it. @returns a server that is not yet listening */
export function createTlsEcho(credentials: Credentials, options: EchoOptions = {}): Server {
  const server = createServer({ ...credentials, noDelay: true, ...settings(options) }, echo)
  // #region names
  // TODO 3: Give the server a context for each of options.names, so that one port shows several certificates. Destroy
  // the socket of a 'tlsClientError'.
  // starter:

  for (const [name, other] of Object.entries(options.names ?? {})) server.addContext(name, contextOf(other))
  // After a handshake that took too long Node emits this, and leaves the connection open.
  server.on('tlsClientError', (_, socket) => socket.destroy())
  // #endregion
  return server
}

/** What `tls.createServer` offers over `wrapSocket`. */
function settings({ handshakeTimeout = 10_000 }: EchoOptions): TlsOptions {
  // #region settings
  // TODO 3: Require TLS 1.2 at least, offer `protocol` alone by ALPN, and pass the handshakeTimeout on.
  // starter: return {}

  return { minVersion: 'TLSv1.2', ALPNProtocols: [protocol], handshakeTimeout }
  // #endregion
}

/**
 * Sends every message back, framed as in lab 02. A broken handshake or a reset destroys the socket and no more: unlike
 * a `net.Socket`, a `TLSSocket` comes with a listener for 'error'.
 */
function echo(socket: TLSSocket): void {
  limitHandshake(socket)
  // #region echo
  // TODO 2: Send back whole messages only. When the client ends between two messages, end too; when it ends inside
  // one, or announces too much, destroy the socket: what came may be cut. LengthPrefixedDecoder throws in both cases.
  // starter: socket.pipe(socket)

  const decoder = new LengthPrefixedDecoder()
  socket.on('data', (chunk) => {
    try {
      for (const message of decoder.push(chunk)) socket.write(encodeLengthPrefixed(message))
    } catch {
      socket.destroy() // it announces too much, and where the next message begins nobody knows
    }
    // While the client does not read, neither do we.
    if (socket.writableNeedDrain) socket.pause()
  })
  socket.on('drain', () => socket.resume())
  socket.on('end', () => {
    try {
      decoder.end()
      // Writes close_notify, so the client knows that nothing is missing, and then FIN.
      socket.end()
    } catch {
      socket.destroy() // the end came inside a message
    }
  })
  // #endregion
}

/** Gives a socket that was wrapped by hand 10 seconds for its handshake, as `tls.createServer` does by itself. */
function limitHandshake(socket: TLSSocket): void {
  const timer = setTimeout(() => {
    // The starter's socket is not wrapped yet, and has no such method.
    if (!socket.getPeerFinished?.()) socket.destroy()
  }, 10_000)
  socket.once('close', () => clearTimeout(timer))
}

if (isMain(import.meta.url)) {
  const { localhost } = await certificates()
  serve(process.argv[4] === 'by-hand' ? createWrappedEcho(localhost) : createTlsEcho(localhost), 7009)
}
