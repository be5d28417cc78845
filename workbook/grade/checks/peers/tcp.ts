import { connect, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { cleanup, timedOut, withTimeout } from '../lifetime.ts'
import { otherPorts } from '../program.ts'
import { Timeline } from '../timeline.ts'
import { type PeerOptions, TcpPeer, turn } from './tcp-peer.ts'

interface TcpOptions extends PeerOptions {
  /** default 127.0.0.1 */
  host?: string
  /** keep our side open after the lab's FIN; otherwise we end it too, as most programs do */
  halfOpen?: boolean
}

interface TlsOptions extends PeerOptions, Pick<ConnectionOptions, 'ca' | 'servername' | 'ALPNProtocols'> {
  host?: string
}

/** Connects to a lab's server over TCP. @throws {CheckFailure} when there is no connection in time */
export function tcp(
  port: number,
  { host = '127.0.0.1', halfOpen = false, ...options }: TcpOptions = {},
): Promise<TcpPeer> {
  const socket = connect({ port, host, noDelay: true, allowHalfOpen: halfOpen })
  return opened(socket, 'connect', port, host, options)
}

/** Connects to a lab's server over TLS, and trusts `ca` alone. @throws {CheckFailure} when there is no handshake in time */
export function tlsPeer(port: number, { host = '127.0.0.1', name, timeout, ...tls }: TlsOptions): Promise<TcpPeer> {
  const socket = connectTls({ port, host, ...tls })
  socket.setNoDelay(true)
  return opened(socket, 'secureConnect', port, host, { name, timeout })
}

async function opened(
  socket: Socket,
  event: 'connect' | 'secureConnect',
  port: number,
  host: string,
  options: PeerOptions,
): Promise<TcpPeer> {
  const { timeout = 2000, name } = options
  const timeline = new Timeline(name)
  const what = `a ${event === 'connect' ? 'TCP connection' : 'TLS handshake'} with ${host}:${port}`
  timeline.add('we', event === 'connect' ? `connect to port ${port}` : `connect to port ${port}, TLS handshake`)
  cleanup(() => socket.destroy())

  const outcome = new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    socket.once(event, () => resolve(undefined))
    socket.once('error', resolve)
    socket.once('close', () => resolve(new Error('closed')))
  })
  const error = await withTimeout(outcome, timeout, what)
  if (error === timedOut) return timeline.fail(`waited for ${what}`, `no ${what} within ${timeout} ms`)
  if (error) timeline.fail(`waited for ${what}`, whyNot(error, host, port))
  const peer = new TcpPeer(socket, options, timeline)
  await turn()
  return peer
}

function whyNot(error: NodeJS.ErrnoException, host: string, port: number): string {
  if (error.code === 'ECONNREFUSED') {
    const others = otherPorts(port)
    const hint = others.length > 0 ? `; your program listens on ${others.join(' and ')}` : ''
    return `connection refused: nothing listens on ${host}:${port}${hint}`
  }
  if (error.code === 'ECONNRESET') return 'reset (RST) while connecting'
  return `${error.code ?? 'error'}: ${error.message}`
}
