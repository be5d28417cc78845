import { toBase64 } from '../wire/bytes/base64.ts'
import type { MirrorEvent, Target } from '../wire/formats/mirror-messages.ts'
import type { Chunk } from '../wire/model/chunk.ts'
import type { LabDoor } from './lab-channel.ts'
import { MirrorClient, type MirrorRequest } from './mirror-client.ts'
import { RawClient } from './raw-client.ts'

export interface TapClientsListener {
  /** A client begins anew. */
  begin(client: number): void
  /** @param time milliseconds since the first of the clients connected */
  chunk(client: number, chunk: Chunk, time: number): void
  /** What the clients say of themselves is not what it was. */
  changed(): void
}

/** What a client writes. */
export interface Writing {
  bytes: Uint8Array
  /** offsets at which a new write begins */
  cuts: number[]
  /** milliseconds between two writes */
  delay: number
}

/**
 * Clients of one target that are nothing but bytes: the lab server opens their connections through its tap, and the page
 * writes. They are counted from 0.
 */
export class TapClients {
  readonly mirror: MirrorClient
  /** one sentence about what the server refused or could not do */
  trouble = ''
  readonly #targetId: string
  readonly #clients: RawClient[]
  readonly #listener: TapClientsListener
  readonly #openedAt = new Map<number, number>()
  #began: number | undefined
  #isWatching = false

  /** @param targetId id of the target in the mirror */
  constructor(door: LabDoor, targetId: string, count: number, listener: TapClientsListener) {
    this.#targetId = targetId
    this.#listener = listener
    this.mirror = new MirrorClient(door, {
      chunk: (chunk) => this.#receive(chunk),
      event: (event) => this.#hear(event),
      changed: () => this.#mirrorChanged(),
    })
    this.#clients = Array.from({ length: count }, () => new RawClient(this.mirror, () => listener.changed()))
  }

  get target(): Target | undefined {
    return this.mirror.target(this.#targetId)
  }

  /** true for each client that is connected */
  get open(): boolean[] {
    return this.#clients.map(({ connection }) => connection !== undefined)
  }

  /** Opens a new connection for a client. */
  connect(client: number): Promise<void> {
    return this.#attempt(async () => {
      this.#listener.begin(client)
      if (!this.open.includes(true)) this.#began = undefined
      // Once is enough: each time, what is remembered would be told again.
      if (!this.#isWatching) await this.mirror.command({ type: 'watch', target: this.#targetId })
      this.#isWatching = true
      await this.#clients[client]!.open(this.target!, false)
    })
  }

  send(client: number, { bytes, cuts, delay }: Writing): Promise<void> {
    const data = toBase64(bytes)
    return this.#attempt(() => this.#command(client, (connection) => ({ type: 'send', connection, data, cuts, delay })))
  }

  /** Sends FIN: the client has said everything, and still hears. */
  end(client: number): Promise<void> {
    return this.#attempt(() => this.#finish(client))
  }

  /** Sends RST: the connection is torn down. */
  reset(client: number): Promise<void> {
    return this.#attempt(() => this.#command(client, (connection) => ({ type: 'reset', connection })))
  }

  #finish(client: number): Promise<unknown> {
    return this.#command(client, (connection) => ({ type: 'cut', connection, direction: 'c2s' }))
  }

  async #command(client: number, of: (connection: number) => MirrorRequest): Promise<unknown> {
    const { connection } = this.#clients[client]!
    return connection === undefined ? undefined : this.mirror.command(of(connection))
  }

  #receive(chunk: Chunk): void {
    const client = this.#clients.findIndex(({ connection }) => connection === chunk.connection)
    const opened = this.#openedAt.get(chunk.connection)
    if (client < 0 || opened === undefined) return
    this.#began ??= opened
    this.#listener.chunk(client, chunk, opened - this.#began + chunk.time)
    // As most programs do when the other side has finished. A client that has ended already is not told twice.
    if (chunk.direction === 's2c' && chunk.end === 'fin') void this.#finish(client).catch(() => undefined)
  }

  #hear(event: MirrorEvent): void {
    if (event.type === 'opened' && event.by === 'page') this.#openedAt.set(event.connection, event.openedAt)
    if (event.type === 'closed') for (const client of this.#clients) client.closed(event.connection)
    if (event.type === 'dropped') this.#tell(`This page was too slow: ${event.chunks} chunks were left out.`)
  }

  /** The connections end with the lab server that held them. */
  #mirrorChanged(): void {
    if (this.mirror.channel.state !== 'live') {
      this.#isWatching = false
      for (const client of this.#clients) client.forget()
    }
    this.#listener.changed()
  }

  #tell(trouble: string): void {
    this.trouble = trouble
    this.#listener.changed()
  }

  /** Does something that a person asked for; what went wrong is told in `trouble`. */
  async #attempt(act: () => Promise<unknown>): Promise<void> {
    this.#tell('')
    try {
      await act()
    } catch (error) {
      this.#tell((error as Error).message)
    }
  }
}
