import type { Socket } from 'node:net'
import { encodeMirrorChunk } from '../wire/formats/mirror-chunk.ts'
import type { Chunk, Direction } from '../wire/model/chunk.ts'
import type { EventLog } from './event-log.ts'

interface ConnectionOptions {
  number: number
  /** the id of its target */
  target: string
  by: 'program' | 'page'
  eventLog: EventLog
  /** silence after which it is closed, in milliseconds */
  idleTimeoutMs: number
  /** Hears that both directions are over and both sockets closed. */
  onClose(): void
}

/**
 * One connection through a tap: what a side sends is recorded, then written to the other side. FIN is copied as FIN,
 * and leaves the other direction open; RST is copied as RST; a side that does not read stops the side that writes.
 * When a page is the client, there is no client socket: the page's bytes enter where the socket's would.
 */
export class Connection {
  readonly number: number
  readonly target: string
  readonly #options: ConnectionOptions
  /** the socket that a direction writes to */
  readonly #to: Partial<Record<Direction, Socket>> = {}
  readonly #began = performance.now()
  readonly #ended = new Set<Direction>()
  #sequence = 0
  #open = 0
  #why: string | undefined

  constructor(options: ConnectionOptions) {
    this.#options = options
    this.number = options.number
    this.target = options.target
    options.eventLog.tell({
      type: 'opened',
      target: this.target,
      connection: this.number,
      by: options.by,
      openedAt: Date.now(),
    })
  }

  /** How much the socket at the end of a direction has not taken yet, in bytes. */
  backlog(direction: Direction): number {
    return this.#to[direction]?.writableLength ?? 0
  }

  /** Whether something can still be sent in this direction. */
  canSend(direction: Direction): boolean {
    return this.#to[direction]?.writable === true && !this.#ended.has(direction)
  }

  /** Adds the socket that `direction` writes to, and copies FIN and RST from it to the other direction. */
  add(direction: Direction, socket: Socket): void {
    this.#to[direction] = socket
    this.#open++
    const back = other(direction)
    socket.setNoDelay(true)
    socket.setTimeout(this.#options.idleTimeoutMs, () => this.#idle())
    socket.on('error', () => this.reset(back))
    socket.on('close', () => this.#socketClosed(back))
  }

  /** Copies what the server sends, with backpressure. (What the client sends is copied by whoever guards it.) */
  copyFromServer(): void {
    const server = this.#to.c2s
    server?.on('data', (bytes: Buffer) => {
      if (!this.write('s2c', bytes)) server.pause()
    })
    server?.on('end', () => this.endOf(server, 's2c'))
    this.#to.s2c?.on('drain', () => server?.resume())
  }

  /** Copies the end of what a source said: FIN, or the RST that looks like one. */
  endOf(source: Socket, direction: Direction): void {
    if (wasReset(source) && !this.#ended.has(other(direction))) this.reset(direction)
    else this.end(direction)
  }

  /** @param listener called each time the destination of a direction has taken everything */
  whenDrained(direction: Direction, listener: () => void): void {
    this.#to[direction]?.on('drain', listener)
  }

  /** Records the bytes and writes them. @returns whether the destination keeps up */
  write(direction: Direction, bytes: Uint8Array): boolean {
    if (this.#ended.has(direction)) return true
    this.#record(direction, bytes)
    return this.#to[direction]?.write(bytes) ?? true
  }

  /** Copies FIN: the source of the direction has said everything. */
  end(direction: Direction): void {
    if (this.#ended.has(direction)) return
    this.#ended.add(direction)
    this.#record(direction, empty, 'fin')
    this.#to[direction]?.end()
  }

  /** Sends RST to both ends. @param direction whose source reset the connection */
  reset(direction: Direction): void {
    if (this.#ended.size < 2) this.#record(direction, empty, 'rst')
    this.#ended.add('c2s').add('s2c')
    this.#to.c2s?.resetAndDestroy()
    this.#to.s2c?.resetAndDestroy()
  }

  /** Ends both directions without telling the ends more than that. @param why one sentence for the page */
  destroy(why?: string): void {
    this.#why ??= why
    this.#ended.add('c2s').add('s2c')
    this.#to.c2s?.destroy()
    this.#to.s2c?.destroy()
  }

  #idle(): void {
    this.destroy(
      `Nothing was sent for ${this.#options.idleTimeoutMs / 1000} seconds, so the tap closed the connection.`,
    )
  }

  #socketClosed(back: Direction): void {
    this.#open--
    // Closed without FIN or RST, by one of us: the other side must not wait for more.
    if (!this.#ended.has(back)) this.end(back)
    // A direction that a page has cut goes on at its source, which nobody hears: that socket has only to flush.
    if (this.#ended.size === 2) this.#to[back]?.destroySoon()
    if (this.#open > 0) return
    this.#options.eventLog.tell({
      type: 'closed',
      target: this.target,
      connection: this.number,
      ...(this.#why ? { why: this.#why } : {}),
    })
    this.#options.onClose()
  }

  #record(direction: Direction, bytes: Uint8Array, end?: Chunk['end']): void {
    const chunk: Chunk = {
      connection: this.number,
      direction,
      sequence: this.#sequence++,
      time: performance.now() - this.#began,
      bytes,
    }
    if (end) chunk.end = end
    this.#options.eventLog.record(this.target, encodeMirrorChunk(chunk, Buffer.allocUnsafe))
  }
}

function other(direction: Direction): Direction {
  return direction === 'c2s' ? 's2c' : 'c2s'
}

/**
 * Whether a socket that has just ended was reset. Up to Node 22, an RST right behind data is told as an end when the event
 * loop was busy; but then the connection has no peer any more. That is so after a FIN on both sides, too: ask only
 * while the other direction is open. (`remoteAddress` must not have been asked before: it is remembered.)
 */
function wasReset(socket: Socket): boolean {
  return socket.remoteAddress === undefined
}

const empty = new Uint8Array(0)
