import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { bindUdp } from '../free-port.ts'
import { timedOut, withTimeout } from '../lifetime.ts'
import { show, Timeline } from '../timeline.ts'
import type { PeerOptions } from './tcp-peer.ts'

interface Datagram {
  bytes: Buffer
  /** the sender's address, `127.0.0.1` */
  address: string
  port: number
}

/** A socket that speaks UDP with a lab, bound to a free port of 127.0.0.1. */
export async function udp(options: PeerOptions & { host?: string } = {}): Promise<UdpPeer> {
  const host = options.host ?? '127.0.0.1'
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4')
  const peer = new UdpPeer(socket, options)
  await bindUdp(socket, host)
  return peer
}

/** A datagram socket of ours. Every wait has a deadline, and throws a {@link CheckFailure} with the time line. */
export class UdpPeer {
  readonly socket: Socket
  readonly timeline: Timeline
  readonly #timeout: number
  readonly #arrived: Datagram[] = []
  #waiting: (() => void)[] = []

  constructor(socket: Socket, { name, timeout = 2000 }: PeerOptions = {}) {
    this.socket = socket
    this.#timeout = timeout
    this.timeline = new Timeline(name)
    socket.on('error', (error) => this.timeline.add('you', error.message))
    socket.on('message', (bytes: Buffer, from: RemoteInfo) => {
      this.timeline.add('you', `${show(bytes)} from port ${from.port}`)
      this.#arrived.push({ bytes, address: from.address, port: from.port })
      for (const wake of this.#waiting.splice(0)) wake()
    })
  }

  get port(): number {
    return this.socket.address().port
  }

  /** Sends one datagram. */
  async send(data: Uint8Array | string, port: number, host = '127.0.0.1'): Promise<void> {
    this.timeline.add('we', `${show(Buffer.from(data as Uint8Array))} to port ${port}`)
    await new Promise<void>((resolve, reject) => {
      this.socket.send(data, port, host, (error) => (error ? reject(error) : resolve()))
    })
  }

  /** The next datagram's bytes. */
  async receive(): Promise<Buffer> {
    return (await this.receiveFrom()).bytes
  }

  /** The next datagram, with its sender. */
  async receiveFrom(): Promise<Datagram> {
    if (this.#arrived.length === 0) {
      const something = new Promise<void>((resolve) => this.#waiting.push(resolve))
      const reached = await withTimeout(something, this.#timeout, 'a datagram')
      if (reached === timedOut) this.timeline.fail('waited for a datagram', `no datagram within ${this.#timeout} ms`)
    }
    return this.#arrived.shift()!
  }

  /** Nothing may arrive until `event` has happened, such as an answer to a later datagram. */
  async expectNothingUntil(event: PromiseLike<unknown>): Promise<void> {
    await withTimeout(event, this.#timeout, 'silence to be over')
    await new Promise((resolve) => setImmediate(resolve))
    const first = this.#arrived[0]
    if (first) this.timeline.fail('expected no datagram', `nothing was to come, got ${show(first.bytes)}`)
  }

  close(): void {
    this.socket.close()
  }
}
