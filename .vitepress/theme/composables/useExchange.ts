import { shallowReactive } from 'vue'
import type { Recording } from '../../../workbook/wire/formats/recording.ts'
import { LineReader, type Said, type SaidReader } from '../../../workbook/wire/lines/reader.ts'
import type { Chunk, Direction } from '../../../workbook/wire/model/chunk.ts'
import { RelayReader } from '../../../workbook/wire/relay/reader.ts'

/** The most that a page keeps: the oldest go first. */
const maxChunksKept = 500
const maxLinesKept = 200

/** What lies above the chunks. */
export type Protocol = 'lines' | 'relay'

/** A chunk, and which of the clients it belongs to. */
export interface Passed {
  key: number
  client: number
  chunk: Chunk
  /** milliseconds since the first of the clients connected */
  time: number
}

/** A line of a terminal: something that its client said or heard. */
export interface Line extends Said {
  key: number
  direction: Direction
}

const readers: Record<Protocol, () => SaidReader> = {
  lines: () => new LineReader(),
  relay: () => new RelayReader(),
}

/** What some clients and their server said to each other: the chunks, and what each client said and heard. */
export function useExchange(clients: number, protocol: Protocol) {
  const passed = shallowReactive<Passed[]>([])
  /** of each client */
  const lines = Array.from({ length: clients }, () => shallowReactive<Line[]>([]))
  const reading = Array.from({ length: clients }, bothWays)
  let keys = 0

  function bothWays(): Record<Direction, SaidReader> {
    return { c2s: readers[protocol](), s2c: readers[protocol]() }
  }

  function push(client: number, chunk: Chunk, time: number): void {
    passed.push({ key: keys++, client, chunk, time })
    if (passed.length > maxChunksKept) passed.shift()
    const { direction } = chunk
    const own = lines[client]!
    for (const said of reading[client]![direction].push(chunk)) own.push({ ...said, direction, key: keys++ })
    if (own.length > maxLinesKept) own.splice(0, own.length - maxLinesKept)
  }

  /** Forgets one client, whose next chunk is the first of another connection. */
  function clear(client: number): void {
    lines[client]!.length = 0
    reading[client] = bothWays()
    passed.splice(0, passed.length, ...passed.filter((one) => one.client !== client))
  }

  /** Shows a recording: one connection for each client. */
  function play({ connections, opened = [] }: Recording): void {
    const all = connections.flatMap((chunks, client) =>
      chunks.map((chunk) => ({ client, chunk, time: (opened[client] ?? 0) + chunk.time })),
    )
    all.sort((a, b) => a.time - b.time)
    for (const { client, chunk, time } of all) push(client, chunk, time)
  }

  return { passed, lines, push, clear, play }
}
