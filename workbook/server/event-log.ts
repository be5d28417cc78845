import { decodeMirrorChunk } from '../wire/formats/mirror-chunk.ts'
import type { MirrorEvent } from '../wire/formats/mirror-messages.ts'
import type { Limits } from './limits.ts'
import { RingBuffer } from './ring-buffer.ts'

/** Who looks at the log: a page, through the mirror. */
export interface Observer {
  /** about the lab server as a whole, or about one target */
  event(event: MirrorEvent): void
  /** one chunk of a target (workbook/wire/formats/mirror-chunk.ts); belongs to the log and is not changed */
  record(target: string, record: Uint8Array): void
}

type Opened = Extract<MirrorEvent, { type: 'opened' }>
type Closed = Extract<MirrorEvent, { type: 'closed' }>

/** What happened on the taps: remembered for pages that come late, and told to those that are there. */
export class EventLog {
  readonly #limits: Limits
  readonly #observers = new Set<Observer>()
  readonly #rings = new Map<string, RingBuffer>()
  /** by number of the connection; forgotten with its last record */
  readonly #connections = new Map<number, { opened: Opened; closed?: Closed }>()

  constructor(limits: Limits) {
    this.#limits = limits
  }

  /** @returns what ends it */
  observe(observer: Observer): () => void {
    this.#observers.add(observer)
    return () => this.#observers.delete(observer)
  }

  tell(event: MirrorEvent): void {
    if (event.type === 'opened') {
      if (this.#connections.size > this.#limits.ringChunks) this.#forgetConnections()
      this.#connections.set(event.connection, { opened: event })
    }
    if (event.type === 'closed') {
      const connection = this.#connections.get(event.connection)
      if (connection) connection.closed = event
    }
    for (const observer of this.#observers) observer.event(event)
  }

  record(target: string, record: Uint8Array): void {
    this.#ring(target).push(record)
    for (const observer of this.#observers) observer.record(target, record)
  }

  /** Tells one observer what is remembered of a target. */
  replay(target: string, observer: Observer): void {
    const ring = this.#ring(target)
    this.#forgetConnections()
    const connections = [...this.#connections.values()].filter(({ opened }) => opened.target === target)

    observer.event({ type: 'watching', target, forgotten: ring.forgotten })
    for (const { opened } of connections) observer.event(opened)
    for (const record of ring.records()) observer.record(target, record)
    for (const { closed } of connections) if (closed) observer.event(closed)
  }

  #forgetConnections(): void {
    const records = [...this.#rings.values()].flatMap((ring) => ring.records())
    const remembered = new Set(records.map((record) => decodeMirrorChunk(record).connection))
    for (const [number, { closed }] of this.#connections) {
      if (closed && !remembered.has(number)) this.#connections.delete(number)
    }
  }

  #ring(target: string): RingBuffer {
    const ring = this.#rings.get(target) ?? new RingBuffer(this.#limits.ringChunks, this.#limits.ringBytes)
    this.#rings.set(target, ring)
    return ring
  }
}
