import { decodeMirrorChunk } from '../wire/formats/mirror-chunk.ts'
import type { MirrorEvent } from '../wire/formats/mirror-messages.ts'
import type { Limits } from './limits.ts'
import { RingBuffer } from './ring-buffer.ts'

/** Who looks at the log: a page, through the mirror. */
export interface Observer {
  /** about the lab server as a whole, or about one target */
  event(event: MirrorEvent): void
  /** one chunk of a target, encoded (workbook/wire/formats/mirror-chunk.ts); belongs to the log and is not changed */
  chunk(target: string, encoded: Uint8Array): void
}

type Opened = Extract<MirrorEvent, { type: 'opened' }>
type Closed = Extract<MirrorEvent, { type: 'closed' }>

/** What happened on the taps: remembered for pages that come late, and told to those that are there. */
export class EventLog {
  readonly #limits: Limits
  readonly #observers = new Set<Observer>()
  readonly #buffers = new Map<string, RingBuffer>()
  /** connections by number; each is forgotten with its last chunk */
  readonly #connections = new Map<number, { opened: Opened; closed?: Closed }>()

  constructor(limits: Limits) {
    this.#limits = limits
  }

  /** Adds an observer. @returns what removes it */
  observe(observer: Observer): () => void {
    this.#observers.add(observer)
    return () => this.#observers.delete(observer)
  }

  /** Tells an event to the observers, and remembers which connections there are. */
  tell(event: MirrorEvent): void {
    if (event.type === 'opened') {
      if (this.#connections.size > this.#limits.keptChunks) this.#forgetConnections()
      this.#connections.set(event.connection, { opened: event })
    }
    if (event.type === 'closed') {
      const connection = this.#connections.get(event.connection)
      if (connection) connection.closed = event
    }
    for (const observer of this.#observers) observer.event(event)
  }

  /** Keeps a chunk of a target, encoded, and tells it to the observers. */
  record(target: string, encoded: Uint8Array): void {
    this.#buffer(target).push(encoded)
    for (const observer of this.#observers) observer.chunk(target, encoded)
  }

  /** Tells one observer what is remembered of a target. */
  replay(target: string, observer: Observer): void {
    const buffer = this.#buffer(target)
    this.#forgetConnections()
    const connections = [...this.#connections.values()].filter(({ opened }) => opened.target === target)

    observer.event({ type: 'watching', target, forgotten: buffer.forgotten })
    for (const { opened } of connections) observer.event(opened)
    for (const encoded of buffer.chunks()) observer.chunk(target, encoded)
    for (const { closed } of connections) if (closed) observer.event(closed)
  }

  #forgetConnections(): void {
    const chunks = [...this.#buffers.values()].flatMap((buffer) => buffer.chunks())
    const remembered = new Set(chunks.map((encoded) => decodeMirrorChunk(encoded).connection))
    for (const [number, { closed }] of this.#connections) {
      if (closed && !remembered.has(number)) this.#connections.delete(number)
    }
  }

  #buffer(target: string): RingBuffer {
    const buffer = this.#buffers.get(target) ?? new RingBuffer(this.#limits.keptChunks, this.#limits.keptBytes)
    this.#buffers.set(target, buffer)
    return buffer
  }
}
