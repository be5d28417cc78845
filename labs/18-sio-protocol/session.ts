import { EventEmitter } from 'node:events'

/** How packets travel: text packets as they are, bytes as bytes. */
export interface Transport extends EventEmitter<{ packet: [string | Buffer]; close: [string] }> {
  send(packet: string | Uint8Array): void
  /** Ends it, and emits `close`. @param silent whether the client has fallen silent, so that nothing is kept for it */
  close(silent?: boolean): void
  /** keeps no request of the client waiting while `on`; only for a transport that can be left behind */
  drain?(on: boolean): void
  /** packets that it could not send any more */
  takeQueue?(): (string | Uint8Array)[]
}

export interface SessionOptions {
  /** milliseconds between two pings of the server */
  pingInterval: number
  /** milliseconds that a pong may take */
  pingTimeout: number
  /** most bytes of a message */
  maxPayload: number
}

/** Ends that the server did not wish for, or after which the client may come back. */
const accidents = [
  'transport close',
  'transport error',
  'ping timeout',
  'parse error',
  'connect timeout',
  'server shutting down',
]

/**
 * One Engine.IO connection, whatever carries it. Emits `message` for each message, and `close` once, with a
 * reason. Before an end that the server wishes for it emits `farewell`, when there is still time for last words.
 */
export class Session extends EventEmitter<{ message: [string | Buffer]; farewell: []; close: [string] }> {
  transport: Transport
  readonly #options: SessionOptions
  #timer: NodeJS.Timeout | undefined
  #candidate: Transport | undefined
  #upgrading = false
  #closed = false

  constructor(transport: Transport, options: SessionOptions) {
    super()
    this.transport = transport
    this.#options = options
    this.#listen(transport)
  }

  /** Sends a message. */
  send(message: string | Uint8Array): void {
    if (!this.#closed) this.transport.send(typeof message === 'string' ? `4${message}` : message)
  }

  close(reason = 'forced close'): void {
    const isWished = !accidents.includes(reason)
    if (isWished && !this.#closed) this.emit('farewell')
    if (this.#closed) return
    this.#closed = true
    clearTimeout(this.#timer)
    this.transport.close(!isWished)
    this.#letGo()
    this.emit('close', reason)
  }

  /** The server pings; a client that does not answer in time is gone, and nobody else would notice. */
  startHeartbeat(): void {
    // TODO 2: After `pingInterval` send a ping, `2`. If no pong comes in `pingTimeout`, close with the reason
    // `ping timeout`. A pong (in `#receive`) starts this anew. Use `this.#timer`.
  }

  /** A WebSocket has come for this session. It takes over after `2probe`, `3probe`, `5`. */
  probe(candidate: Transport): void {
    const isLate = this.#closed || this.transport.constructor === candidate.constructor
    if (isLate || this.#upgrading) return candidate.close()
    this.#candidate = candidate
    const late = setTimeout(() => this.#letGo(), this.#options.pingTimeout)
    candidate.once('close', () => clearTimeout(late))
    // TODO 10: Answer `2probe` with `3probe`, and end a poll that is pending with a noop, `6` (`drain(true)`). At `5`
    // make the candidate the transport: what the old one still keeps goes out through it. Anything else closes it.
    // When it is closed before its `5`, the old transport goes on (`drain(false)`), and another one may come.
    candidate.close()
  }

  /** Closes the candidate, unless it has taken over. */
  #letGo(): void {
    if (this.#candidate !== this.transport) this.#candidate?.close()
  }

  #listen(transport: Transport): void {
    transport.on('packet', (packet) => {
      if (transport === this.transport && !this.#closed) this.#receive(packet)
    })
    transport.on('close', (reason) => this.close(reason))
  }

  #receive(packet: string | Buffer): void {
    if (typeof packet !== 'string') return void this.emit('message', packet)
    const type = packet[0]
    if (type === '4') this.emit('message', packet.slice(1))
    else if (type === '3') this.startHeartbeat()
    else if (type === '1') this.close('transport close')
    // The upgrade packet arrives here once more, from the transport that it made the current one.
    else if (packet !== '5') this.close('parse error')
  }
}
