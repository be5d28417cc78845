import type { Chunk, Direction } from '../wire/model/chunk.ts'
import type { Unit } from '../wire/model/unit.ts'
import { Conversation, type ConversationOptions } from '../wire/stream/conversation.ts'
import type { Extension } from '../wire/websocket/extensions.ts'
import { extensions } from '../wire/websocket/handshake.ts'
import type { HandshakeLog } from '../wire/websocket/handshake-log.ts'
import { groupRows, keyOf, type ListRow, type Read, type UnitRow } from './list-rows.ts'
import { type Payload, PayloadReader } from './payload-reader.ts'

/** The most that a page keeps: the oldest chunks go first, with their units. */
export const maxChunksKept = 2000
export const maxBytesKept = 4 * 1024 * 1024
/** Rows of the list; two-byte frames could otherwise be millions. */
export const maxRowsKept = 20_000

const directions = ['c2s', 's2c'] as const

/** What is known of one connection. */
interface Watched {
  conversation: Conversation
  payloads: PayloadReader
  /** how many chunks came */
  numbers: Record<Direction, number>
  /** reads of a direction that completed no unit yet */
  waiting: Record<Direction, Read[]>
  last: Partial<Record<Direction, Read>>
  /** how many of its chunks are kept */
  kept: number
  ended: Set<Direction>
}

/** The chunks that were seen, as far as they are kept, and the rows of the list that they make. */
export class Capture {
  readonly #changed: () => void
  #watched = new Map<number, Watched>()
  #chunks = new Map<string, Read>()
  #rows: ListRow[] = []
  #bytes = 0
  #frames = 0
  #dropped = 0
  #order = 0
  #options: ConversationOptions = {}

  /** @param changed called for every chunk, and when something became known later; `clear`, `empty` and `fill` do not call it */
  constructor(changed: () => void) {
    this.#changed = changed
  }

  /** Forgets everything. @param next how the bytes of the next capture begin */
  clear(next: ConversationOptions = {}): void {
    this.#watched = new Map()
    this.#options = next
    this.empty()
  }

  /** Empties the list. What is known of connections that go on stays, or their next bytes could not be read. */
  empty(): void {
    for (const one of this.#watched.values()) one.kept = 0
    this.#chunks = new Map()
    this.#rows = []
    this.#bytes = this.#frames = this.#dropped = 0
  }

  /** Takes these chunks and nothing else. */
  fill(chunks: Chunk[], next: ConversationOptions = {}): void {
    this.clear(next)
    for (const chunk of chunks) this.#take(chunk)
  }

  push(chunk: Chunk): void {
    this.#take(chunk)
    this.#changed()
  }

  /** Counts chunks that the lab server could not keep for this page. */
  miss(count: number): void {
    this.#dropped += count
    this.#changed()
  }

  /** The rows that are complete, then what is still arriving. */
  rows(): ListRow[] {
    return [...this.#rows, ...[...this.#watched.values()].flatMap((one) => this.#arriving(one))]
  }

  counts(): { chunks: number; frames: number; connections: number; dropped: number } {
    return {
      chunks: this.#chunks.size,
      frames: this.#frames,
      connections: this.#watched.size,
      dropped: this.#dropped,
    }
  }

  /** The chunks that brought a unit, as far as they are kept. */
  chunksOf({ connection, unit }: UnitRow): Read[] {
    return unit.pieces
      .map(({ sequence }) => this.#chunks.get(keyOf({ connection, sequence })))
      .filter((read) => read !== undefined)
  }

  /** Everything that is kept, in the order in which it came. */
  allChunks(): Chunk[] {
    return [...this.#chunks.values()].map(({ chunk }) => chunk)
  }

  /** The two heads of a connection's handshake. */
  handshakeOf(connection: number): HandshakeLog | undefined {
    return this.#watched.get(connection)?.payloads.handshake
  }

  /** What a unit carries one layer up, as far as it is known by now. */
  carriedBy({ connection, unit }: UnitRow): Payload | undefined {
    return this.#watched.get(connection)?.payloads.of(unit)
  }

  /** What the handshake of a connection agreed on. */
  extensionsOf(connection: number): Extension[] {
    const response = this.handshakeOf(connection)?.response
    return response ? extensions(response) : []
  }

  #take(chunk: Chunk): void {
    const one = this.#connection(chunk.connection)
    const { direction, end } = chunk
    const read: Read = { chunk, number: ++one.numbers[direction], order: ++this.#order }
    const units = one.conversation.push(chunk)
    for (const unit of units) one.payloads.push(unit)
    this.#chunks.set(keyOf(chunk), read)
    this.#bytes += chunk.bytes.length
    one.kept++
    for (const ended of end === 'rst' ? directions : end ? [direction] : []) one.ended.add(ended)
    one.last[direction] = read
    one.waiting[direction].push(read)
    this.#addRows(one, units)
    this.#dropOldest()
  }

  #connection(number: number): Watched {
    const known = this.#watched.get(number)
    if (known) return known
    const conversation = new Conversation(this.#options)
    const one: Watched = {
      conversation,
      payloads: new PayloadReader(this.#changed),
      numbers: { c2s: 0, s2c: 0 },
      waiting: { c2s: [], s2c: [] },
      last: {},
      kept: 0,
      ended: new Set(),
    }
    this.#watched.set(number, one)
    return one
  }

  /** Lists the units under the reads that completed them. */
  #addRows({ waiting }: Watched, units: Unit[]): void {
    for (const direction of directions) {
      const own = units.filter((unit) => unit.direction === direction)
      if (own.length === 0 || waiting[direction].length === 0) continue
      // One by one: a read of tiny frames completes more units than a call takes arguments.
      for (const row of groupRows(waiting[direction], own, this.#frames)) this.#rows.push(row)
      this.#frames += own.filter((unit) => unit.kind === 'frame').length
      waiting[direction] = []
    }
  }

  #arriving({ conversation, waiting, last }: Watched): ListRow[] {
    return directions.flatMap((direction) => {
      const unit = conversation.pending(direction)
      const reads = waiting[direction].length > 0 ? waiting[direction] : [last[direction]!]
      return unit ? groupRows(reads, [unit], this.#frames, ' …') : []
    })
  }

  #dropOldest(): void {
    while (this.#chunks.size > maxChunksKept || this.#bytes > maxBytesKept) this.#dropOne()
    if (this.#rows.length > maxRowsKept) this.#rows = this.#rows.slice(-maxRowsKept)
  }

  /** Drops the oldest chunk, the rows that it completed, and a connection that has ended when this was its last. */
  #dropOne(): void {
    const [key, oldest] = this.#chunks.entries().next().value!
    this.#chunks.delete(key)
    this.#bytes -= oldest.chunk.bytes.length
    this.#dropped++
    const { connection } = oldest.chunk
    const one = this.#watched.get(connection)
    if (one && --one.kept === 0 && one.ended.size === directions.length) this.#watched.delete(connection)
    const kept = this.#rows.findIndex((row) => row.order > oldest.order)
    const gone = kept === 0 ? [] : this.#rows.splice(0, kept < 0 ? this.#rows.length : kept)
    for (const row of gone) if (row.type === 'unit') this.#watched.get(row.connection)?.payloads.forget(row.unit)
  }
}

/** Where the reads ended inside a unit: offsets in its bytes. */
export function cutsOf(unit: Unit): number[] {
  return unit.pieces.map((piece) => piece.start).filter((start) => start > 0)
}
