import { connect, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { cleanup, timedOut, withTimeout } from '../lifetime.ts'
import { otherPorts } from '../program.ts'
import { Timeline } from '../timeline.ts'
import { BytePeer, type PeerOptions, turn } from './byte-peer.ts'

export interface TcpOptions extends PeerOptions {
  /** default 127.0.0.1 */
  host?: string
  /** keep our side open after the lab's FIN; otherwise we end it too, as most programs do */
  halfOpen?: boolean
}

export interface TlsOptions extends PeerOptions, Pick<ConnectionOptions, 'ca' | 'servername' | 'ALPNProtocols'> {
  host?: string
}

/** Connects to a lab's server over TCP. */
export function tcp(
  port: number,
  { host = '127.0.0.1', halfOpen = false, ...options }: TcpOptions = {},
): Promise<BytePeer> {
  const socket = connect({ port, host, noDelay: true, allowHalfOpen: halfOpen })
  return opened(socket, 'connect', port, host, options)
}

/** Connects to a lab's server over TLS, and trusts `ca` alone. */
export function tlsPeer(port: number, { host = '127.0.0.1', name, timeout, ...tls }: TlsOptions): Promise<BytePeer> {
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
): Promise<BytePeer> {
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
  const peer = new BytePeer(socket, options, timeline)
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
