import { EventEmitter } from 'node:events'
import { connect, type Socket } from 'node:net'
import { encodeLengthPrefixed, LengthPrefixedDecoder } from '../02-tcp-vs-udp/framing.ts'
import { type BusStatus, busStatus } from './bus-status.ts'
import { type BusMessage, decodeMessage, encodeMessage } from './message.ts'

export interface BusConnectionOptions {
  /** longest message in bytes. Default 4 MiB, as the relay's */
  maxFrame?: number
  /** bytes that may wait for a relay that does not read; with more we give this connection up. Default 16 MiB */
  maxQueue?: number
  /** milliseconds before the first try to connect again; each further try waits twice as long. Default 100 */
  retryDelay?: number
  /** longest wait before a try, in milliseconds. Default 5000 */
  maxRetryDelay?: number
  /** function that gets what a person should know, a sentence each. Default: standard error */
  tell?: (sentence: string) => void
}

/**
 * The connection of one process to the relay. Emits `up` whenever it has been made, and `message` for each message of
 * the others. While it is down, what is sent is lost: nobody keeps it, here or there.
 */
export class BusConnection extends EventEmitter<{ up: []; message: [BusMessage] }> {
  readonly #host: string
  readonly #port: number
  readonly #options: Required<BusConnectionOptions>
  readonly #address: string
  readonly #status: BusStatus
  #socket: Socket
  #state: 'up' | 'down' | 'closed' = 'down'
  #attempts = 0
  #retry: NodeJS.Timeout | undefined
  /** messages that were lost since the connection was last up */
  #lost = 0

  constructor(port: number, host: string, options: BusConnectionOptions = {}) {
    super()
    this.setMaxListeners(0) // one for each namespace
    this.#port = port
    this.#host = host
    this.#options = {
      maxFrame: 4 * 1024 * 1024,
      maxQueue: 16 * 1024 * 1024,
      retryDelay: 100,
      maxRetryDelay: 5000,
      tell: console.error,
      ...options,
    }
    this.#address = `relay://${host.includes(':') ? `[${host}]` : host}:${port}`
    this.#status = busStatus(this.#address, this.#options.tell)
    this.#socket = this.#connect()
  }

  /** Sends a message, or loses it while the relay is away. @throws {Error} when it has no bytes, or more than `maxFrame`; the relay would cut us off for it */
  send(message: BusMessage): void {
    const frame = this.#frameOf(message)
    if (this.#state !== 'up') {
      this.#lost += 1
      return
    }
    this.#socket.write(encodeLengthPrefixed(frame))
    if (this.#socket.writableLength > this.#options.maxQueue) this.#socket.destroy(new Error('it does not read'))
  }

  /** Sends what is still to be sent, and ends the connection. */
  async close(): Promise<void> {
    const wasUp = this.#state === 'up'
    this.#state = 'closed'
    clearTimeout(this.#retry)
    if (this.#socket.closed) return
    const closed = new Promise((resolve) => this.#socket.once('close', resolve))
    if (wasUp) this.#socket.end()
    else this.#socket.destroy()
    // A relay that does not answer our FIN does not keep us.
    const timer = setTimeout(() => this.#socket.destroy(), 500)
    await closed
    clearTimeout(timer)
  }

  #frameOf(message: BusMessage): Buffer {
    const { maxFrame, tell } = this.#options
    try {
      const frame = encodeMessage(message)
      if (frame.length > maxFrame) throw new RangeError(`expected at most ${maxFrame} bytes, received ${frame.length}`)
      return frame
    } catch (error) {
      // Whoever sends it drops the error without a word.
      tell(`A message stays in this process: ${(error as Error).message}`)
      throw error
    }
  }

  #connect(): Socket {
    const { maxFrame, tell } = this.#options
    const decoder = new LengthPrefixedDecoder({ maxLength: maxFrame })
    const socket = connect({ port: this.#port, host: this.#host, noDelay: true, keepAlive: true })
    let reason = new Error('it closed the connection')
    let understood = true
    socket.on('connect', () => this.#isUp())
    socket.on('data', (chunk) => {
      let frames: Buffer[]
      try {
        frames = decoder.push(chunk)
      } catch (error) {
        // After a length that cannot be, nobody knows where the next frame begins: start anew.
        socket.destroy(error as Error)
        return
      }
      for (const frame of frames) {
        const message = decodeMessage(frame)
        if (message !== undefined) this.emit('message', message)
        else if (understood) tell(`${this.#address} passes on what is no message of a node. We ignore it.`)
        understood &&= message !== undefined
      }
    })
    socket.on('error', (error) => {
      reason = error
    })
    socket.on('close', () => this.#isDown(reason))
    return socket
  }

  #isUp(): void {
    if (this.#state === 'closed') return
    this.#status.up(
      `${this.#lost === 1 ? '1 message' : `${this.#lost} messages`} did not leave this process meanwhile.`,
    )
    this.#state = 'up'
    this.#attempts = 0
    this.#lost = 0
    this.emit('up')
  }

  #isDown(reason: Error): void {
    if (this.#state === 'closed') return
    this.#status.down(reason)
    this.#state = 'down'
    // TODO 4: Set `this.#retry` to a timer that connects again and keeps the socket in `this.#socket`: first after
    // `retryDelay` milliseconds, then twice as long each time (`this.#attempts` counts), at most `maxRetryDelay`.
  }
}
