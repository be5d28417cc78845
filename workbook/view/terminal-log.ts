import type { Recording } from '../wire/formats/recording.ts'
import { lineOf } from '../wire/lines/unit.ts'
import type { Chunk, Direction } from '../wire/model/chunk.ts'
import type { Unit } from '../wire/model/unit.ts'
import { relayContents } from '../wire/relay/unit.ts'
import { Conversation } from '../wire/stream/conversation.ts'

/** The most that a page keeps: the oldest go first. */
const maxChunksKept = 500
const maxLinesKept = 200

/** The protocols that a terminal can speak. */
export type TerminalProtocol = 'lines' | 'relay'

/** A chunk, and which of the clients it belongs to. */
export interface Passed {
  key: number
  client: number
  chunk: Chunk
  /** milliseconds since the first of the clients connected */
  time: number
}

/** A line of a terminal: something that its client said or heard. */
export interface Line {
  key: number
  direction: Direction
  /** without what frames it; of a very long one only the first part */
  data: Uint8Array
  /** how many chunks brought it */
  chunks: number
  /** whom a frame of the relay names */
  name?: string
}

/** What some clients and their server said to each other: the chunks, and what each client said and heard. */
export class TerminalLog {
  /** the chunks of all clients, oldest first */
  passed: Passed[] = []
  /** the lines of each client, oldest first */
  lines: Line[][]
  readonly #protocol: TerminalProtocol
  readonly #changed: () => void
  readonly #conversations: Conversation[]
  #keys = 0

  /** @param clients how many there are; they are counted from 0 @param changed called when something was said */
  constructor(clients: number, protocol: TerminalProtocol, changed: () => void) {
    this.#protocol = protocol
    this.#changed = changed
    this.lines = Array.from({ length: clients }, () => [])
    this.#conversations = Array.from({ length: clients }, () => this.#begin())
  }

  /** @param time milliseconds since the first of the clients connected */
  push(client: number, chunk: Chunk, time: number): void {
    this.passed = [...this.passed, { key: this.#keys++, client, chunk, time }].slice(-maxChunksKept)
    const units = this.#conversations[client]!.push(chunk)
    const lines = units.flatMap((unit) => this.#lineOf(unit))
    const kept = [...this.lines[client]!, ...lines].slice(-maxLinesKept)
    if (lines.length > 0) this.lines = this.lines.with(client, kept)
    this.#changed()
  }

  /** Forgets one client, whose next chunk is the first of another connection. */
  clear(client: number): void {
    this.lines = this.lines.with(client, [])
    this.#conversations[client] = this.#begin()
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

  #begin(): Conversation {
    return new Conversation({ start: this.#protocol })
  }

  /** What a unit says, when it is complete. */
  #lineOf(unit: Unit): Line[] {
    if ((unit.kind !== 'line' && unit.kind !== 'relayFrame') || unit.missing !== undefined) return []
    const said = unit.kind === 'line' ? { data: lineOf(unit.bytes) } : relayContents(unit)
    return [{ ...said, key: this.#keys++, direction: unit.direction, chunks: unit.pieces.length }]
  }
}
