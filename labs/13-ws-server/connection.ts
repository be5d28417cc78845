import { encodeFrame, type Frame, FrameDecoder, FrameError, opcodes, type Role } from '../12-ws-frames/frame.ts'
import { closePayload, maySend, parseClose } from './close.ts'
import { isOutOfMemory } from './memory.ts'
import { MessageReader } from './message.ts'

/** What bytes from the other end lead to, in order. */
export type ConnectionEvent =
  | { type: 'message'; data: string | Buffer }
  | { type: 'ping' | 'pong'; data: Buffer }
  /** bytes that must be sent */
  | { type: 'write'; bytes: Buffer }
  /** the last event: nothing is to be read or written after it, and the server ends TCP */
  | { type: 'close'; code: number; reason: string }

export interface ConnectionOptions {
  /** which end we are. Default `server` */
  role?: Role
  /** longest message, in bytes. Default 1 MiB */
  maxPayload?: number
  /** 4 fresh random bytes for each frame; given by a client */
  maskingKey?: () => Uint8Array
}

/**
 * One end of a WebSocket after the handshake, without a socket: bytes come in as arguments and go out as values, so every
 * case can be tested without a network.
 */
export class Connection {
  readonly #decoder: FrameDecoder
  readonly #messages: MessageReader
  readonly #maskingKey: (() => Uint8Array) | undefined
  /** `closing` when we have sent a close frame, and wait for theirs */
  #state: 'open' | 'closing' | 'closed' = 'open'

  constructor({ role = 'server', maxPayload = 1024 * 1024, maskingKey }: ConnectionOptions = {}) {
    this.#decoder = new FrameDecoder({ role, maxPayload })
    this.#messages = new MessageReader(maxPayload)
    this.#maskingKey = maskingKey
  }

  get state(): 'open' | 'closing' | 'closed' {
    return this.#state
  }

  /** Takes what TCP delivered, however it is cut. Never throws because of it. */
  receive(chunk: Uint8Array): ConnectionEvent[] {
    const events: ConnectionEvent[] = []
    // Nothing counts after a close frame (RFC 6455 §1.4).
    if (this.#state === 'closed') return events
    try {
      const { frames, error } = this.#decode(chunk)
      for (const frame of frames) if (!this.#isClosed()) this.#take(frame, events)
      if (error) throw error
      this.#lookAhead()
    } catch (error) {
      const failure = isOutOfMemory(error) ? doesNotFit() : error
      if (!(failure instanceof FrameError)) throw error
      if (!this.#isClosed()) this.#fail(failure, events)
    }
    return events
  }

  /** The frames of a chunk, and the error of the broken frame behind them, if there is one. */
  #decode(chunk: Uint8Array): { frames: Frame[]; error?: FrameError } {
    try {
      return { frames: this.#decoder.push(chunk) }
    } catch (error) {
      if (!(error instanceof FrameError)) throw error
      return { frames: error.frames, error }
    }
  }

  #isClosed(): boolean {
    return this.#state === 'closed'
  }

  #take({ fin, opcode, payload }: Frame, events: ConnectionEvent[]): void {
    switch (opcode) {
      case opcodes.ping:
        events.push({ type: 'ping', data: payload })
        // TODO 2: Answer with a pong that has the same payload, also when we have said goodbye and wait for theirs: push a
        // `write` event with what #encode gives. See RFC 6455 §5.5.2.
        break
      case opcodes.pong:
        events.push({ type: 'pong', data: payload })
        break
      case opcodes.close:
        this.#takeClose(payload, events)
        break
      default: {
        const data = this.#messages.take({ fin, opcode, payload })
        if (data !== undefined) events.push({ type: 'message', data })
      }
    }
  }

  #takeClose(payload: Buffer, events: ConnectionEvent[]): void {
    const { code, reason } = parseClose(payload)
    // TODO 4: Unless we have already sent a close frame, answer with one that has the same code (no payload for 1005): push a
    // `write` event. Then nothing counts any more: the state is closed. See RFC 6455 §5.5.1 and §1.4.
    events.push({ type: 'close', code, reason })
  }

  /** Bad UTF-8 is refused before the frame, or even the message, is complete. */
  #lookAhead(): void {
    const { arriving } = this.#decoder
    if (arriving && arriving.opcode < 0x8 && !this.#isClosed()) this.#messages.look(arriving)
  }

  /** Fails the connection: says why, and is over (RFC 6455 §7.1.7). */
  #fail({ closeCode, message }: FrameError, events: ConnectionEvent[]): void {
    if (this.#state === 'open') {
      events.push({ type: 'write', bytes: this.#encode(opcodes.close, closePayload(closeCode, message)) })
    }
    this.#state = 'closed'
    events.push({ type: 'close', code: closeCode, reason: message })
  }

  /**
   * Encodes a message.
   *
   * @param fragment most bytes in one frame; a longer message is sent in fragments. Default: one frame
   * @returns the bytes to send
   * @throws {RangeError} for fragments of less than a byte
   * @throws {Error} when a close frame was sent
   */
  send(message: string | Uint8Array, fragment = Number.POSITIVE_INFINITY): Buffer {
    this.#mustNotBeClosing()
    if (!(fragment >= 1)) throw new RangeError(`send: expected fragments of at least 1 byte, received ${fragment}`)
    const payload = typeof message === 'string' ? Buffer.from(message) : message
    const opcode = typeof message === 'string' ? opcodes.text : opcodes.binary
    const frames: Buffer[] = []
    let at = 0
    do {
      const end = Math.min(at + fragment, payload.length)
      frames.push(
        this.#encode(at === 0 ? opcode : opcodes.continuation, payload.subarray(at, end), end === payload.length),
      )
      at = end
    } while (at < payload.length)
    return frames.length === 1 ? frames[0]! : Buffer.concat(frames)
  }

  /**
   * Encodes a ping.
   *
   * @param data at most 125 bytes
   * @returns the bytes to send
   * @throws {RangeError} for longer data
   * @throws {Error} when a close frame was sent
   */
  ping(data: string | Uint8Array = ''): Buffer {
    this.#mustNotBeClosing()
    const payload = Buffer.from(data as Uint8Array)
    if (payload.length > 125) throw new RangeError(`ping: expected at most 125 bytes, received ${payload.length}`)
    return this.#encode(opcodes.ping, payload)
  }

  /**
   * Begins to close.
   *
   * @returns the bytes to send, none when that was done before
   * @throws {RangeError} for a code that may not be sent
   */
  close(code = 1000, reason = ''): Buffer {
    if (code !== 1005 && !maySend(code))
      throw new RangeError(`close: expected a code that may be sent, received ${code}`)
    if (this.#state !== 'open') return Buffer.alloc(0)
    this.#state = 'closing'
    return this.#encode(opcodes.close, closePayload(code, reason))
  }

  /** Answers to messages that came before a close event in the same chunk are still in time, so closed is no reason. */
  #mustNotBeClosing(): void {
    if (this.#state === 'closing') throw new Error('expected an open connection, but a close frame was sent')
  }

  #encode(opcode: number, payload: Uint8Array, fin = true): Buffer {
    return encodeFrame({ fin, opcode, payload, maskingKey: this.#maskingKey?.() })
  }
}

/** A message within maxPayload may still be more than is left: that ends its connection, and no other one. */
function doesNotFit(): FrameError {
  return new FrameError(1009, 'payloadData', 'a message that fits into memory', 'more', 'RFC 6455 §7.4.1')
}
