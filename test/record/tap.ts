import { EventEmitter, once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { listenNear } from '../../workbook/server/listen.ts'
import type { Chunk, Direction } from '../../workbook/wire/model/chunk.ts'
import type { Unit } from '../../workbook/wire/model/unit.ts'
import { Conversation } from '../../workbook/wire/stream/conversation.ts'

/** What passed on one connection: the chunks, and what they mean. */
export class Tapped {
  readonly chunks: Chunk[] = []
  readonly units: Unit[] = []
  readonly #conversation = new Conversation()
  /** sockets that are not closed yet */
  open = 2
  /** when it was opened, in milliseconds of `performance.now()` */
  readonly began = performance.now()
  readonly #number: number

  /** @param number counted from 1 */
  constructor(number: number) {
    this.#number = number
  }

  add(direction: Direction, bytes: Uint8Array, end?: Chunk['end']): void {
    const time = Math.round((performance.now() - this.began) * 1000) / 1000
    const place = { connection: this.#number, direction, sequence: this.chunks.length, time }
    const chunk: Chunk = { ...place, bytes: Uint8Array.from(bytes), ...(end ? { end } : {}) }
    this.chunks.push(chunk)
    this.units.push(...this.#conversation.push(chunk))
  }

  /** The server has opened a WebSocket. */
  get isOpen(): boolean {
    return this.units.some((unit) => unit.kind === 'head' && unit.head.type === 'response' && unit.head.status === 101)
  }

  /** Bytes so far. */
  length(direction: Direction): number {
    return this.chunks.reduce((sum, chunk) => sum + (chunk.direction === direction ? chunk.bytes.length : 0), 0)
  }

  /** What one side said after the handshake. */
  said(direction: Direction): Unit[] {
    return this.units.filter((unit) => unit.direction === direction && unit.kind !== 'head')
  }
}

/**
 * Stands between a server and its clients and keeps what passes. Unlike the lab server's tap it has no guard: the seed's
 * server must see half a handshake when half of it was sent.
 */
export class Tap {
  readonly connections: Tapped[] = []
  port = 0
  readonly #serverPort: number
  readonly #changes = new EventEmitter()
  readonly #sockets = new Set<Socket>()
  readonly #server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => this.#accept(client))

  /** @param serverPort where the server listens on 127.0.0.1 */
  static async open(serverPort: number): Promise<Tap> {
    const tap = new Tap(serverPort)
    tap.port = await listenNear(tap.#server, 0, 0)
    return tap
  }

  private constructor(serverPort: number) {
    this.#serverPort = serverPort
  }

  /** The first connection; most have only one. */
  get first(): Tapped {
    return this.connections[0]!
  }

  /** @throws {Error} when it does not hold within 10 seconds */
  async until(what: string, holds: () => boolean): Promise<void> {
    const signal = AbortSignal.timeout(10_000)
    while (!holds()) {
      await once(this.#changes, 'change', { signal }).catch(() => {
        throw new Error(`waited 10 seconds for ${what}`)
      })
    }
  }

  /** Waits until each connection has ended on both sides. */
  ended(): Promise<void> {
    return this.until('the end of each connection', () => this.connections.every(({ open }) => open === 0))
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
  }

  #accept(client: Socket): void {
    const server = connect({ port: this.#serverPort, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
    const tapped = new Tapped(this.connections.length + 1)
    this.connections.push(tapped)
    this.#copy(tapped, 'c2s', client, server)
    this.#copy(tapped, 's2c', server, client)
    this.#changes.emit('change')
  }

  #copy(tapped: Tapped, direction: Direction, from: Socket, to: Socket): void {
    this.#sockets.add(from)
    from.on('data', (bytes: Buffer) => {
      tapped.add(direction, bytes)
      to.write(bytes)
      this.#changes.emit('change')
    })
    from.on('end', () => {
      tapped.add(direction, new Uint8Array(), 'fin')
      to.end()
      this.#changes.emit('change')
    })
    from.on('error', () => {
      tapped.add(direction, new Uint8Array(), 'rst')
      to.resetAndDestroy()
    })
    from.on('close', () => {
      this.#sockets.delete(from)
      tapped.open--
      this.#changes.emit('change')
    })
  }
}
