import { computed, shallowRef } from 'vue'
import { groupRows, keyOf, type ListRow, type Read, type UnitRow } from '../../../workbook/view/list-rows.ts'
import { type Payload, PayloadReader } from '../../../workbook/view/payload-reader.ts'
import type { Chunk, Direction } from '../../../workbook/wire/model/chunk.ts'
import type { Unit } from '../../../workbook/wire/model/unit.ts'
import { Conversation, type ConversationOptions } from '../../../workbook/wire/stream/conversation.ts'
import type { Extension } from '../../../workbook/wire/websocket/extensions.ts'
import { extensions } from '../../../workbook/wire/websocket/handshake.ts'

/** The most that a page keeps: the oldest chunks go first, with their units. */
export const maxChunksKept = 2000
export const maxBytesKept = 4 * 1024 * 1024
/** Rows of the list; two-byte frames could otherwise be millions. */
export const maxRowsKept = 20_000

/** Nobody reads a list that moves with every image; less often leaves the page its time. */
const showEveryMs = 100

interface Watched {
  conversation: Conversation
  carried: PayloadReader
  numbers: Record<Direction, number>
  /** reads of a direction that completed no unit yet */
  waiting: Record<Direction, Read[]>
  last: Partial<Record<Direction, Read>>
  /** how many of its chunks are kept */
  kept: number
  ended: Set<Direction>
}

/**
 * The chunks that were seen, and the rows of the list that they make. The data is not reactive: one counter is
 * raised a few times a second, however many chunks came.
 */
export function useCapture() {
  const version = shallowRef(0)
  let watched = new Map<number, Watched>()
  let chunks = new Map<string, Read>()
  let list: ListRow[] = []
  let bytes = 0
  let frames = 0
  let dropped = 0
  let order = 0
  let options: ConversationOptions = {}
  let planned = false
  let shownAt = 0

  /** Plans to show what came: with the next image, or a moment later where images follow each other. */
  function changed(): void {
    if (planned || typeof requestAnimationFrame !== 'function') return
    planned = true
    const show = (now: number) => {
      planned = false
      shownAt = now
      version.value++
    }
    const wait = shownAt + showEveryMs - performance.now()
    if (wait > 0) setTimeout(requestAnimationFrame, wait, show)
    else requestAnimationFrame(show)
  }

  /** Shows at once what came. */
  function refresh(): void {
    version.value++
  }

  /** Forgets everything. @param next how the bytes of the next capture begin */
  function clear(next: ConversationOptions = {}): void {
    watched = new Map()
    options = next
    empty()
  }

  /** Empties the list. What is known of connections that go on stays, or their next bytes could not be read. */
  function empty(): void {
    for (const one of watched.values()) one.kept = 0
    chunks = new Map()
    list = []
    bytes = frames = dropped = 0
    refresh()
  }

  /** Counts chunks that the lab server could not keep for this page. */
  function miss(count: number): void {
    dropped += count
    changed()
  }

  /** Shows these chunks and nothing else, at once. */
  function fill(all: Chunk[], next: ConversationOptions = {}): void {
    clear(next)
    for (const chunk of all) push(chunk)
    refresh()
  }

  function push(chunk: Chunk): void {
    const one = watch(chunk.connection)
    const read: Read = { chunk, number: ++one.numbers[chunk.direction], order: ++order }
    const units = one.conversation.push(chunk)
    for (const unit of units) one.carried.push(unit)
    chunks.set(keyOf(chunk), read)
    bytes += chunk.bytes.length
    one.kept++
    if (chunk.end) one.ended.add(chunk.direction)
    if (chunk.end === 'rst') one.ended.add('c2s').add('s2c')
    one.last[chunk.direction] = read
    one.waiting[chunk.direction].push(read)
    for (const direction of ['c2s', 's2c'] as const) {
      const own = units.filter((unit) => unit.direction === direction)
      const reads = one.waiting[direction]
      if (own.length === 0 || reads.length === 0) continue
      list.push(...groupRows(reads, own, frames))
      frames += own.filter((unit) => unit.kind === 'frame').length
      one.waiting[direction] = []
    }
    while (chunks.size > maxChunksKept || bytes > maxBytesKept) dropOldest()
    if (list.length > maxRowsKept) list = list.slice(-maxRowsKept)
    changed()
  }

  function watch(connection: number): Watched {
    let one = watched.get(connection)
    if (!one) {
      const conversation = new Conversation(options)
      one = {
        conversation,
        carried: new PayloadReader(changed),
        numbers: { c2s: 0, s2c: 0 },
        waiting: { c2s: [], s2c: [] },
        last: {},
        kept: 0,
        ended: new Set(),
      }
      watched.set(connection, one)
    }
    return one
  }

  function dropOldest(): void {
    const [key, oldest] = chunks.entries().next().value!
    chunks.delete(key)
    bytes -= oldest.chunk.bytes.length
    dropped++
    const { connection } = oldest.chunk
    const one = watched.get(connection)
    if (one && --one.kept === 0 && one.ended.size === 2) watched.delete(connection)
    const kept = list.findIndex((row) => row.order > oldest.order)
    const gone = kept === 0 ? [] : list.splice(0, kept < 0 ? list.length : kept)
    for (const row of gone) if (row.type === 'unit') watched.get(row.connection)?.carried.forget(row.unit)
  }

  /** The rows that are complete, then what is still arriving. */
  const rows = computed<ListRow[]>(() => {
    void version.value
    return [...list, ...arriving()]
  })

  function arriving(): ListRow[] {
    return [...watched.values()].flatMap(({ conversation, waiting, last }) =>
      (['c2s', 's2c'] as const).flatMap((direction) => {
        const unit = conversation.pending(direction)
        const reads = waiting[direction].length > 0 ? waiting[direction] : [last[direction]!]
        return unit ? groupRows(reads, [unit], frames, ' …') : []
      }),
    )
  }

  const units = computed(() => rows.value.filter((row): row is UnitRow => row.type === 'unit'))

  /** Where the reads ended inside a unit: offsets in its bytes. */
  const cutsOf = (unit: Unit) => unit.pieces.map((piece) => piece.start).filter((start) => start > 0)

  /** The chunks that brought a unit, as far as they are kept. */
  const chunksOf = ({ connection, unit }: UnitRow) =>
    unit.pieces.map(({ sequence }) => chunks.get(keyOf({ connection, sequence }))).filter((read) => read !== undefined)

  /** Everything that is kept, in the order in which it came. */
  const allChunks = () => [...chunks.values()].map(({ chunk }) => chunk)

  const counts = computed(() => {
    void version.value
    return { chunks: chunks.size, frames, connections: watched.size, dropped }
  })

  /** The two heads of a connection's handshake. */
  const handshakeOf = (connection: number) => watched.get(connection)?.carried.handshake

  /** What a unit carries one layer up, as far as it is known by now. */
  function carriedBy({ connection, unit }: UnitRow): Payload | undefined {
    void version.value
    return watched.get(connection)?.carried.of(unit)
  }

  /** What the handshake of a connection agreed on. */
  function extensionsOf(connection: number): Extension[] {
    void version.value
    const response = handshakeOf(connection)?.response
    return response ? extensions(response) : []
  }

  return {
    version,
    rows,
    units,
    counts,
    push,
    fill,
    clear,
    empty,
    refresh,
    miss,
    cutsOf,
    chunksOf,
    allChunks,
    carriedBy,
    extensionsOf,
    handshakeOf,
  }
}

export type Capture = ReturnType<typeof useCapture>
