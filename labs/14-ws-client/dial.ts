import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { HeadReader } from '../11-ws-handshake/handshake.ts'
import { ConnectError } from './handshake.ts'

/** Opens TCP, with TLS for `wss:`. @throws {ConnectError} with a sentence for a person */
export function dial(url: URL, signal: AbortSignal, ca?: string): Promise<Socket> {
  if (url.protocol !== 'ws:' && url.protocol !== 'wss:') {
    throw new ConnectError(`url: expected ws: or wss:, received ${url.protocol}`)
  }
  const secure = url.protocol === 'wss:'
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const port = Number(url.port || (secure ? 443 : 80))
  const socket = secure
    ? connectTls({ host, port, ca, servername: /^[\d.]+$|:/.test(host) ? '' : host })
    : connectTcp({ host, port })
  socket.setNoDelay(true)
  return waitFor(socket, signal, `${url.host}`, (done) =>
    socket.once(secure ? 'secureConnect' : 'connect', () => done(socket)),
  )
}

/**
 * Reads the head of the answer. The socket is paused, so nothing behind the head is lost. An interim answer (103 Early
 * Hints) only says that the real one is still to come, so it is read over (RFC 9110 §15.2).
 *
 * @throws {HandshakeError} 431 when the head is too long
 * @throws {ConnectError} when the connection ends before it
 */
export function readHead(socket: Socket, signal: AbortSignal): Promise<{ head: string; rest: Buffer }> {
  let reader = new HeadReader()
  let onData = (_: Buffer): void => {}
  const read = waitFor<{ head: string; rest: Buffer }>(socket, signal, 'answer', (done, failed) => {
    onData = (chunk) => {
      try {
        let result = reader.push(chunk)
        while (result && isInterim(result.head)) {
          reader = new HeadReader()
          result = reader.push(result.rest)
        }
        if (!result) return
        socket.pause()
        done(result)
      } catch (error) {
        failed(error)
      }
    }
    socket.on('data', onData)
    socket.once('end', () => failed(new ConnectError('answer: expected a head, but the server closed the connection')))
  })
  return read.finally(() => socket.off('data', onData))
}

/** Whether the status is 100 to 199, and not the 101 that ends HTTP. */
function isInterim(head: string): boolean {
  return /^HTTP\/1\.1 1\d\d[ \r]/.test(head) && !head.startsWith('HTTP/1.1 101')
}

type Start<T> = (done: (value: T) => void, failed: (error: unknown) => void) => void

/** Waits for something on a socket, unless it fails first, or the signal is aborted. */
function waitFor<T>(socket: Socket, signal: AbortSignal, what: string, start: Start<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const abort = () => {
      socket.destroy()
      const late = signal.reason?.name === 'TimeoutError'
      reject(late ? new ConnectError(`${what}: expected it in time, but nothing came`) : signal.reason)
    }
    const failed = (error: unknown) => {
      signal.removeEventListener('abort', abort)
      reject(error)
    }
    socket.once('error', (error: NodeJS.ErrnoException) => failed(new ConnectError(explain(error, what))))
    if (signal.aborted) return abort()
    signal.addEventListener('abort', abort)
    start((value) => {
      signal.removeEventListener('abort', abort)
      resolve(value)
    }, failed)
  })
}

function explain(error: NodeJS.ErrnoException, what: string): string {
  const code = error instanceof AggregateError ? (error.errors[0] as NodeJS.ErrnoException).code : error.code
  if (code === 'ECONNREFUSED') return `${what}: nobody listens there. Start the server first.`
  if (code === 'ECONNRESET') return `${what}: the server closed the connection without a word`
  if (code === 'ENOTFOUND') return `${what}: no such host`
  // The first byte of a TLS record says what it is; `H` of `HTTP/1.1` is no such kind.
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER')
    return `${what}: the server does not speak TLS there. Try ws: instead of wss:.`
  // The message of OpenSSL's errors has numbers and names of its source files in it, `reason` has words.
  const { reason } = error as { reason?: string }
  return `${what}: ${code?.startsWith('ERR_SSL_') && reason ? `TLS failed, ${reason}` : error.message}`
}
