import type { Recording } from '../wire/formats/recording.ts'
import { LineReader, type Said, type SaidReader } from '../wire/lines/reader.ts'
import type { Chunk, Direction } from '../wire/model/chunk.ts'
import { RelayReader } from '../wire/relay/reader.ts'

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
export class TerminalLog {
  /** the chunks of all clients, oldest first */
  passed: Passed[] = []
  /** the lines of each client, oldest first */
  lines: Line[][]
  readonly #protocol: Protocol
  readonly #changed: () => void
  readonly #reading: Record<Direction, SaidReader>[]
  #keys = 0

  /** @param clients how many there are; they are counted from 0 @param changed called when something was said */
  constructor(clients: number, protocol: Protocol, changed: () => void) {
    this.#protocol = protocol
    this.#changed = changed
    this.lines = Array.from({ length: clients }, () => [])
    this.#reading = Array.from({ length: clients }, () => this.#bothWays())
  }

  /** @param time milliseconds since the first of the clients connected */
  push(client: number, chunk: Chunk, time: number): void {
    const { direction } = chunk
    this.passed = [...this.passed, { key: this.#keys++, client, chunk, time }].slice(-maxChunksKept)
    const said = this.#reading[client]![direction].push(chunk)
    const lines = said.map((one): Line => ({ ...one, direction, key: this.#keys++ }))
    const kept = [...this.lines[client]!, ...lines].slice(-maxLinesKept)
    if (lines.length > 0) this.lines = this.lines.with(client, kept)
    this.#changed()
  }

  /** Forgets one client, whose next chunk is the first of another connection. */
  clear(client: number): void {
    this.lines = this.lines.with(client, [])
    this.#reading[client] = this.#bothWays()
    this.passed = this.passed.filter((one) => one.client !== client)
    this.#changed()
  }

  /** Shows a recording: one connection for each client. */
  play({ connections, opened = [] }: Recording): void {
    const all = connections.flatMap((chunks, client) =>
      chunks.map((chunk) => ({ client, chunk, time: (opened[client] ?? 0) + chunk.time })),
    )
    all.sort((a, b) => a.time - b.time)
    for (const { client, chunk, time } of all) this.push(client, chunk, time)
  }

  #bothWays(): Record<Direction, SaidReader> {
    return { c2s: readers[this.#protocol](), s2c: readers[this.#protocol]() }
  }
}
