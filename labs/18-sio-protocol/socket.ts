import { checkName } from './data.ts'
import { ACK, EVENT, type Packet } from './packet.ts'
import type { Emitter, Rooms } from './rooms.ts'

export interface Handshake {
  /** data that the client sent with CONNECT */
  auth: Record<string, unknown>
  headers: Record<string, string | string[] | undefined>
  query: Record<string, string>
}

/** What a socket needs of the namespace that it is in. */
export interface HomeNamespace extends Omit<Emitter, 'emit'> {
  readonly name: string
  /** the sockets that are in it, by id */
  readonly sockets: Map<string, MiniSocket>
  readonly rooms: Rooms
}

type Handler = (...args: unknown[]) => void

/** One client in one namespace. */
export class MiniSocket {
  readonly id: string
  readonly handshake: Handshake
  readonly namespace: HomeNamespace
  readonly data: Record<string, unknown> = {}
  connected = true
  readonly #transmit: (packet: Packet) => void
  readonly #leaveNamespace: (close: boolean) => void
  readonly #handlers = new Map<string, Handler[]>()
  readonly #acks = new Map<number, Handler>()
  /** rooms that were asked for before the client was let in */
  readonly #early = new Set<string>()
  #nextAck = 0

  /**
   * @param transmit function that sends a packet to this client
   * @param leaveNamespace function that says goodbye to the client, and ends its whole connection if `close`
   */
  constructor(
    id: string,
    handshake: Handshake,
    namespace: HomeNamespace,
    transmit: (packet: Packet) => void,
    leaveNamespace: (close: boolean) => void,
  ) {
    this.id = id
    this.handshake = handshake
    this.namespace = namespace
    this.#transmit = transmit
    this.#leaveNamespace = leaveNamespace
  }

  get rooms(): Set<string> {
    return new Set(this.namespace.rooms.joined.get(this.id) ?? this.#early)
  }

  /** Hears an event of the client. `disconnecting` and `disconnect` come from here, with a reason. */
  on(event: string, handler: Handler): this {
    this.#handlers.set(event, [...(this.#handlers.get(event) ?? []), handler])
    return this
  }

  /** Sends an event; a function as the last argument is called with the client's answer. */
  emit(event: string, ...args: unknown[]): void {
    checkName(event)
    const ack = args.at(-1)
    if (typeof ack !== 'function')
      return this.#transmit({ type: EVENT, namespace: this.namespace.name, data: [event, ...args] })
    const id = this.#nextAck++
    this.#transmit({ type: EVENT, namespace: this.namespace.name, id, data: [event, ...args.slice(0, -1)] })
    this.#acks.set(id, ack as Handler)
  }

  /**
   * Joins a room; once the client has gone, nothing. In a middleware the room waits until the client is let in, since a
   * client that is refused never goes, and nobody would take it out again.
   */
  join(room: string): void {
    if (!this.connected) return
    this.#early.add(room)
    if (this.namespace.sockets.get(this.id) !== this) return
    for (const one of this.#early) this.namespace.rooms.join(this.id, one)
    this.#early.clear()
  }

  leave(room: string): void {
    this.#early.delete(room)
    this.namespace.rooms.leave(this.id, room)
  }

  /** An emit to rooms, without this client. */
  to(...rooms: string[]): Emitter {
    return this.namespace.to(...rooms).except(this.id)
  }

  /** An emit to everybody in the namespace, without this client. */
  get broadcast(): Emitter {
    return this.namespace.except(this.id)
  }

  /** Says goodbye to the client. @param close whether to end the whole connection, with all its namespaces */
  disconnect(close = false): void {
    if (this.connected) this.#leaveNamespace(close)
  }

  /** Takes an EVENT of the client. */
  heard({ id, data }: Packet): void {
    const [event, ...args] = data as [string, ...unknown[]]
    // TODO 5: When the client asks for an acknowledgement (there is an id; 0 is one), add a function to the
    // arguments that sends an ACK with that id and its own arguments, once.
    void id
    this.#call(event, args)
  }

  /** Takes an ACK of the client. One that nobody asked for is ignored. */
  acknowledged({ id, data }: Packet): void {
    // TODO 5: Call the function that waits for this id, with the values of the answer, and forget it.
    void id; void data
  }

  /** Leaves the rooms and the namespace; while `disconnecting` is told, the rooms are still there. */
  gone(reason: string): void {
    if (!this.connected) return
    this.connected = false
    this.#call('disconnecting', [reason])
    // TODO 6: Leave all rooms, take the socket out of `namespace.sockets`, forget the waiting acks, and then tell
    // `disconnect` the reason.
  }

  #call(event: string, args: unknown[]): void {
    for (const handler of this.#handlers.get(event) ?? []) handler(...args)
  }
}
