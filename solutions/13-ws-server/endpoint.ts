import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import type { Connection, ConnectionEvent } from './connection.ts'
import { isOutOfMemory } from './memory.ts'

export interface EndpointOptions {
  /** milliseconds for the other end to finish closing. Default 5000 */
  closeTimeout?: number
  /** bytes that may wait for a slow reader before it is cut off. Default 16 MiB */
  maxBuffered?: number
}

interface EndpointEvents {
  message: [data: string | Buffer]
  ping: [data: Buffer]
  pong: [data: Buffer]
  /** TCP is closed. Code 1005 came without a code, 1006 without a close frame */
  close: [code: number, reason: string]
}

/** Those that have something to send when this turn of the event loop is over. */
const unsent: WebSocketEndpoint[] = []

function flushAll(): void {
  for (const endpoint of unsent.splice(0)) endpoint.flush()
}

/** Where the last words begin: the close event, and our close frame before it. After all others when nobody says goodbye. */
function goodbyeAt(events: ConnectionEvent[]): number {
  const last = events.length - 1
  if (events[last]?.type !== 'close') return events.length
  return events[last - 1]?.type === 'write' ? last - 1 : last
}

/**
 * Lets everybody who awaits a message answer it before we say goodbye: a tick that begins in a microtask comes after all
 * microtasks, and before the next chunk.
 */
function afterAwaiting(act: () => void): void {
  queueMicrotask(() => process.nextTick(act))
}

function destroy(this: Socket): void {
  this.destroy()
}

/** A socket and the {@link Connection} that says what its bytes mean. */
export class WebSocketEndpoint extends EventEmitter<EndpointEvents> {
  readonly #socket: Socket
  readonly #connection: Connection
  readonly #options: EndpointOptions
  #closing: NodeJS.Timeout | undefined
  #code = 1006
  #reason = ''
  #open = true
  /** bytes that were written in this turn of the event loop */
  #outbox: Uint8Array[] | undefined
  #outboxLength = 0
  #held = false

  /** @param role a server ends TCP after closing, a client waits for that (RFC 6455 §7.1.1) */
  constructor(socket: Socket, connection: Connection, role: 'server' | 'client', options: EndpointOptions = {}) {
    super()
    this.#socket = socket
    this.#connection = connection
    this.#options = options
    socket.on('data', (chunk: Buffer) => this.#receive(chunk, role))
    socket.on('drain', () => this.#held || socket.resume())
    // Without a listener a reset would end the process.
    socket.on('error', destroy)
    socket.on('close', () => {
      this.#open = false
      clearTimeout(this.#closing)
      this.emit('close', this.#code, this.#reason)
    })
  }

  /** `closing` when a close frame was sent or has come, and TCP is still there */
  get state(): 'open' | 'closing' | 'closed' {
    if (this.#open) return 'open'
    return this.#socket.closed ? 'closed' : 'closing'
  }

  /** Bytes that the system has not taken yet, since the other end reads slowly or not at all. */
  get bufferedAmount(): number {
    return this.#outboxLength + this.#socket.writableLength
  }

  /** Bytes that have come, whatever they were. */
  get bytesRead(): number {
    return this.#socket.bytesRead
  }

  /**
   * Sends a message. When we are closing, it is dropped: the other end would not take it.
   *
   * @param fragment most bytes in one frame
   * @throws {RangeError} for fragments of less than a byte
   */
  send(data: string | Uint8Array, fragment?: number): void {
    if (this.state !== 'open') return
    try {
      this.write(this.#connection.send(data, fragment))
    } catch (error) {
      this.#runOut(error)
    }
  }

  /** Sends a ping. @throws {RangeError} for more than 125 bytes of data */
  ping(data?: string | Uint8Array): void {
    if (this.state === 'open') this.write(this.#connection.ping(data))
  }

  /** Begins to close. @throws {RangeError} for a code that may not be sent */
  close(code?: number, reason?: string): void {
    if (this.state !== 'open') return
    this.write(this.#connection.close(code, reason))
    this.#giveUpLater()
  }

  /** Stops reading, until `resume`: whoever sends faster than we can use it has to wait. */
  pause(): void {
    this.#held = true
    this.#socket.pause()
  }

  resume(): void {
    this.#held = false
    if (!this.#socket.writableNeedDrain) this.#socket.resume()
  }

  /** Ends it at once, without a close frame. */
  destroy(): void {
    this.#open = false
    this.#socket.destroy()
  }

  /** Sends encoded frames, together with all that is sent in this turn of the event loop: one system call, not many. */
  write(bytes: Uint8Array): void {
    if (this.bufferedAmount > (this.#options.maxBuffered ?? 16 * 1024 * 1024)) return this.destroy()
    this.#outboxLength += bytes.length
    if (this.#outbox) {
      this.#outbox.push(bytes)
    } else {
      this.#outbox = [bytes]
      if (unsent.push(this) === 1) process.nextTick(flushAll)
    }
  }

  /** Gives what was written in this turn to the socket. */
  flush(): void {
    const outbox = this.#outbox
    if (!outbox) return
    this.#outbox = undefined
    this.#outboxLength = 0
    try {
      if (this.#socket.writable) this.#socket.write(outbox.length === 1 ? outbox[0]! : Buffer.concat(outbox))
    } catch (error) {
      this.#runOut(error)
    }
  }

  /** Memory that is not to be had ends this connection, and not the server with all others. */
  #runOut(error: unknown): void {
    if (!isOutOfMemory(error)) throw error
    this.destroy()
  }

  #receive(chunk: Buffer, role: 'server' | 'client'): void {
    const events = this.#connection.receive(chunk)
    const goodbye = events.splice(goodbyeAt(events))
    for (const event of events) if (!this.#socket.destroyed) this.#handle(event, role)
    if (goodbye.length > 0) {
      afterAwaiting(() => {
        for (const event of goodbye) if (!this.#socket.destroyed) this.#handle(event, role)
      })
    }
    this.flush()
    // #region backpressure
    // TODO 7: When the other end does not read what we write (the socket's writableNeedDrain), stop reading until `drain`, so
    // that it cannot make us keep ever more answers. After `end` no `drain` comes: read on. See the Node documentation of stream.
    // starter: if (this.#socket.isPaused()) this.#socket.resume()

    if (this.#socket.writableNeedDrain && !this.#socket.writableEnded) this.#socket.pause()
    // #endregion
  }

  #handle(event: ConnectionEvent, role: 'server' | 'client'): void {
    switch (event.type) {
      case 'write':
        return this.write(event.bytes)
      case 'message':
        this.emit('message', event.data)
        return
      case 'close':
        this.#code = event.code
        this.#reason = event.reason
        this.flush()
        if (role === 'server') this.#socket.end()
        // What still comes is read and dropped, also when we had paused: unread bytes would turn FIN into a reset, and
        // after `end` there is no `drain` that resumes.
        this.#socket.resume()
        return this.#giveUpLater()
      default:
        this.emit(event.type, event.data)
    }
  }

  #giveUpLater(): void {
    this.#open = false
    this.#closing ??= setTimeout(() => this.#socket.destroy(), this.#options.closeTimeout ?? 5000)
  }
}
