import { randomBytes } from 'node:crypto'
import type { Socket } from 'node:net'
import { HandshakeError } from '../11-ws-handshake/refuse.ts'
import { Connection } from '../13-ws-server/connection.ts'
import { WebSocketEndpoint } from '../13-ws-server/endpoint.ts'
import { dial, readHead } from './dial.ts'
import { ConnectError, checkResponse, newKey, type RequestOptions, upgradeRequest } from './handshake.ts'
import { Inbox } from './inbox.ts'

export interface ConnectOptions extends RequestOptions {
  /** milliseconds for TCP, TLS and handshake together. Default 10,000 */
  timeout?: number
  /** signal to give up connecting, and to end the connection later */
  signal?: AbortSignal
  /** longest message, in bytes. Default 1 MiB */
  maxPayload?: number
  /** bytes of messages that may wait for `receive` before we stop reading. Default 16 MiB */
  maxWaiting?: number
  /** milliseconds for the server to finish closing. Default 5000 */
  closeTimeout?: number
  /** certificate authorities for `wss:`, besides the system's */
  ca?: string
}

/**
 * Connects to a WebSocket server.
 *
 * @param url `ws://host:port/path` or `wss:`; with `name:password@` before the host they are sent, too
 * @throws {ConnectError} when there is none, or its answer is wrong
 * @throws {TypeError} for what is no URL, and for a header that is none
 */
export async function connect(url: string | URL, options: ConnectOptions = {}): Promise<WebSocketClient> {
  const target = new URL(url)
  if (target.hash) throw new ConnectError(`url: expected no #fragment, received ${target.hash}`)
  const { timeout = 10_000, signal } = options
  // #region give-up
  // TODO 6: Give up when the caller's signal is aborted, or after `timeout` milliseconds, whichever comes first.
  // See the Node documentation of AbortSignal.
  // starter: const giveUp = AbortSignal.timeout(Math.max(timeout, 2 ** 30))

  const late = AbortSignal.timeout(timeout)
  const giveUp = signal ? AbortSignal.any([signal, late]) : late
  // #endregion
  const socket = await dial(target, giveUp, options.ca)
  try {
    const key = newKey()
    socket.write(upgradeRequest(target, key, options))
    const { head, rest } = await readHead(socket, giveUp)
    signal?.throwIfAborted()
    const protocol = checkResponse(head, key, options.protocols)
    if (rest.length > 0) socket.unshift(rest)
    return new WebSocketClient(socket, protocol, options)
  } catch (error) {
    socket.destroy()
    // Heads are read by lab 11, whose errors know the status that a server would answer.
    throw error instanceof HandshakeError ? new ConnectError(`answer: ${error.message}`) : error
  }
}

/** A masking key: 4 bytes that nobody can foresee, other ones for every frame (RFC 6455 §5.3). */
export function newMaskingKey(): Uint8Array {
  // #region masking-key
  // TODO 2: Return 4 random bytes from node:crypto. Math.random can be foreseen. See RFC 6455 §10.3.
  // starter: return Buffer.from([1, 2, 3, 4])

  return randomBytes(4)
  // #endregion
}

/** An open connection. Messages wait in order until they are received. */
export class WebSocketClient {
  /** the subprotocol that the server chose */
  readonly protocol: string | undefined
  /** code and reason, once TCP is closed; code 1005 came without a code, 1006 without a close frame */
  readonly closed: Promise<{ code: number; reason: string }>
  readonly #endpoint: WebSocketEndpoint
  readonly #inbox = new Inbox()
  readonly #maxWaiting: number

  constructor(socket: Socket, protocol: string | undefined, options: ConnectOptions) {
    const { maxPayload, maxWaiting = 16 * 1024 * 1024, signal } = options
    const connection = new Connection({ role: 'client', maxPayload, maskingKey: newMaskingKey })
    const endpoint = new WebSocketEndpoint(socket, connection, 'client', options)
    this.protocol = protocol
    this.#endpoint = endpoint
    this.#maxWaiting = maxWaiting
    endpoint.on('message', (data) => this.#arrived(data))
    this.closed = new Promise((resolve) => {
      endpoint.once('close', (code, reason) => {
        this.#inbox.end()
        resolve({ code, reason })
      })
    })
    const abort = () => endpoint.destroy()
    signal?.addEventListener('abort', abort)
    endpoint.once('close', () => signal?.removeEventListener('abort', abort))
    // Frames may have come together with the answer to the handshake.
    socket.resume()
  }

  /**
   * Sends a text or binary message. Once the connection is closing it is dropped.
   *
   * @param fragment most bytes in one frame
   * @throws {RangeError} for fragments of less than a byte
   */
  send(message: string | Uint8Array, fragment?: number): void {
    this.#endpoint.send(message, fragment)
  }

  /** The next message; `null` when no more will come. */
  receive(): Promise<string | Buffer | null> {
    if (this.#inbox.size <= this.#maxWaiting) this.#endpoint.resume()
    return this.#inbox.take()
  }

  /**
   * Whether the other end answered with the same data; `false` when the connection ended first.
   *
   * @param data at most 125 bytes
   * @throws {RangeError} for longer data
   */
  async ping(data: string | Uint8Array = ''): Promise<boolean> {
    this.#endpoint.ping(data)
    const sent = Buffer.from(data as Uint8Array)
    const pong = new Promise<boolean>((resolve) => {
      const take = (payload: Buffer): void => {
        if (!payload.equals(sent)) return
        this.#endpoint.off('pong', take)
        resolve(true)
      }
      this.#endpoint.on('pong', take)
    })
    return Promise.race([pong, this.closed.then(() => false)])
  }

  /**
   * Says goodbye, and waits until TCP is closed. Messages that are on their way can still be received.
   *
   * @throws {RangeError} for a code that may not be sent
   */
  close(code?: number, reason?: string): Promise<{ code: number; reason: string }> {
    this.#endpoint.close(code, reason)
    this.#endpoint.resume()
    return this.closed
  }

  /** All messages, to the last. */
  async *[Symbol.asyncIterator](): AsyncGenerator<string | Buffer, void> {
    for (let message = await this.receive(); message !== null; message = await this.receive()) yield message
  }

  #arrived(data: string | Buffer): void {
    // After our close we must read on, for theirs; what does not fit is dropped then. Before it, nothing ever is.
    if (this.#inbox.size > this.#maxWaiting && this.#endpoint.state !== 'open') return
    this.#inbox.put(data)
    // #region bounded
    // TODO 8: Pause the endpoint when more than #maxWaiting bytes wait in the inbox: a server may send faster than anybody
    // receives. `receive` resumes it. See the Node documentation of stream.
    // starter: if (this.#inbox.size < 0) this.#endpoint.pause()

    if (this.#inbox.size > this.#maxWaiting && this.#endpoint.state === 'open') this.#endpoint.pause()
    // #endregion
  }
}
