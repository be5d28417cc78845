import { type ClientOptions, WebSocket } from 'ws'
import { cleanup, timedOut, withTimeout } from '../lifetime.ts'
import { show, Timeline } from '../timeline.ts'
import type { PeerOptions } from './tcp-peer.ts'

interface WsMessage {
  data: Buffer
  binary: boolean
}

interface WsClose {
  code: number
  reason: string
}

/** A WebSocket client of `ws` that speaks with a lab. @param url `ws://127.0.0.1:PORT/chat` */
export async function wsPeer(
  url: string,
  options: PeerOptions & ClientOptions & { protocols?: string[] } = {},
): Promise<WsPeer> {
  const { name, timeout = 2000, protocols, ...client } = options
  const timeline = new Timeline(name)
  timeline.add('we', `connect to ${url}`)
  const socket = new WebSocket(url, protocols ?? [], client)
  const peer = new WsPeer(socket, { name, timeout }, timeline)
  const opened = new Promise<string | undefined>((resolve) => {
    socket.once('open', () => resolve(undefined))
    socket.once('error', (error: NodeJS.ErrnoException) => {
      resolve(
        error.code === 'ECONNREFUSED'
          ? `connection refused: nothing listens at ${url}`
          : `handshake failed: ${error.message}`,
      )
    })
  })
  const refusal = await withTimeout(opened, timeout, 'the WebSocket handshake')
  if (refusal === timedOut) return timeline.fail('waited for the WebSocket handshake', `no 101 within ${timeout} ms`)
  if (refusal) timeline.fail('waited for the WebSocket handshake', refusal)
  return peer
}

/** A client of ours. Every wait has a deadline, and throws a {@link CheckFailure} with the time line. */
class WsPeer {
  readonly socket: WebSocket
  /** settles when the connection is gone; code 1006 when there was no Close frame */
  readonly closed: Promise<WsClose>
  readonly timeline: Timeline
  readonly #timeout: number
  readonly #arrived: WsMessage[] = []
  #over: WsClose | undefined
  #waiting: (() => void)[] = []

  constructor(socket: WebSocket, { name, timeout = 2000 }: PeerOptions = {}, timeline = new Timeline(name)) {
    this.socket = socket
    this.#timeout = timeout
    this.timeline = timeline
    socket.on('message', (data: Buffer, binary: boolean) => {
      timeline.add('you', `${binary ? 'binary' : 'text'} ${show(data)}`)
      this.#arrived.push({ data, binary })
      this.#wake()
    })
    socket.on('ping', (data) => timeline.add('you', `ping ${show(data)}`))
    socket.on('pong', (data) => timeline.add('you', `pong ${show(data)}`))
    socket.on('error', (error) => timeline.add('you', error.message))
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => {
        this.#over = { code, reason: String(reason) }
        timeline.add('you', `closed with ${code}${this.#over.reason && ` ${JSON.stringify(this.#over.reason)}`}`)
        this.#wake()
        resolve(this.#over)
      })
    })
    cleanup(() => socket.terminate())
  }

  /** Text when `data` is a string, binary otherwise. */
  async send(data: Uint8Array | string, options: { fin?: boolean; binary?: boolean } = {}): Promise<void> {
    this.timeline.add('we', show(Buffer.from(data as Uint8Array)))
    await new Promise<void>((resolve) => this.socket.send(data, options, () => resolve()))
  }

  /** The next message. */
  async receive(): Promise<WsMessage> {
    await this.#wait('a message', () => this.#arrived.length > 0 || this.#over !== undefined)
    const message = this.#arrived.shift()
    if (message) return message
    const over = this.#over
    const summary = over ? `closed with ${over.code}: waited for a message` : `no message within ${this.#timeout} ms`
    return this.timeline.fail('waited for a message', summary)
  }

  /** The next message, which must be text. */
  async receiveText(): Promise<string> {
    const { data, binary } = await this.receive()
    if (binary) this.timeline.fail('waited for a text message', `got a binary message: ${show(data)}`)
    return String(data)
  }

  /** Sends a ping and waits for its pong. */
  async ping(data: Uint8Array | string = ''): Promise<Buffer> {
    const pong = new Promise<Buffer>((resolve) => this.socket.once('pong', resolve))
    this.timeline.add('we', `ping ${show(Buffer.from(data as Uint8Array))}`)
    this.socket.ping(data)
    const reached = await withTimeout(pong, this.#timeout, 'a pong')
    if (reached === timedOut) return this.timeline.fail('waited for a pong', `no pong within ${this.#timeout} ms`)
    return reached
  }

  /** Nothing may arrive, and the connection stays, until `event` has happened. */
  async expectSilence(event: PromiseLike<unknown>): Promise<void> {
    await withTimeout(event, this.#timeout, 'silence to be over')
    await new Promise((resolve) => setImmediate(resolve))
    const first = this.#arrived[0]
    if (first) this.timeline.fail('expected silence', `nothing was to come, got ${show(first.data)}`)
    if (this.#over) this.timeline.fail('expected silence', `the connection was to stay, got close ${this.#over.code}`)
  }

  /** Waits for the end of the connection. @param code of the Close frame (RFC 6455 §7.4.1); any when left out */
  async expectClose(code?: number): Promise<WsClose> {
    await this.#wait('a close', () => this.#over !== undefined)
    const over = this.#over
    if (over === undefined) return this.timeline.fail('waited for a close', `no close within ${this.#timeout} ms`)
    if (code !== undefined && over.code !== code) {
      return this.timeline.fail('waited for a close', `want close code ${code}, got ${over.code}`)
    }
    return over
  }

  /** Closes with a Close frame, and waits for the answer. */
  close(code = 1000, reason = ''): Promise<WsClose> {
    this.timeline.add('we', `close ${code}`)
    this.socket.close(code, reason)
    return this.expectClose()
  }

  async #wait(what: string, ready: () => boolean): Promise<void> {
    const reached = new Promise<void>((resolve) => {
      const look = () => (ready() ? resolve() : this.#waiting.push(look))
      look()
    })
    await withTimeout(reached, this.#timeout, what)
  }

  #wake(): void {
    for (const look of this.#waiting.splice(0)) look()
  }
}
