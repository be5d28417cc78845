import type { Chunk, Direction } from '../model/chunk.ts'
import { sentence } from '../model/sentence.ts'
import type { Unit } from '../model/unit.ts'
import { BytesReader } from '../plain/reader.ts'
import { expected } from '../protocols.ts'
import { ByteStream } from './byte-stream.ts'
import { Detection } from './detection.ts'
import type { Reader } from './reader.ts'

export interface ConversationOptions {
  /**
   * What the connection speaks, as far as that is known: a protocol by its name, or several of which the first bytes
   * tell. `detect`, the default, is every protocol that can be recognised by its bytes.
   */
  start?: string | readonly string[]
}

/**
 * Turns the chunks of one tapped connection into units: what its protocol has (heads, frames, records, lines), other
 * bytes, and the ends. However the bytes are cut into chunks, the units are the same; only plain bytes are one unit a
 * chunk. Broken rules are problems of a unit, never exceptions.
 */
export class Conversation {
  readonly #detection: Detection
  readonly #streams: Record<Direction, ByteStream> = { c2s: new ByteStream('c2s'), s2c: new ByteStream('s2c') }
  readonly #readers: Record<Direction, Reader>
  #count = 0

  /** @throws {RangeError} when `start` names a protocol that is not there */
  constructor({ start = 'detect' }: ConversationOptions = {}) {
    const protocols = expected(start)
    this.#detection = new Detection(protocols)
    const begin = (direction: Direction) =>
      typeof start === 'string' && start !== 'detect'
        ? this.#detection.open(protocols[0]!, direction)
        : this.#detection.detect(direction)
    this.#readers = { c2s: begin('c2s'), s2c: begin('s2c') }
  }

  /** @returns the units that this chunk completed, in the order in which they were understood */
  push({ direction, bytes, sequence, time, end }: Chunk): Unit[] {
    const units: Unit[] = []
    this.#streams[direction].push(bytes, sequence, time)
    this.#read(direction, units)
    // What one side says may decide how the bytes of the other are read, which wait for it.
    this.#read(otherThan(direction), units)
    if (end) this.#end(direction, sequence, time, end, units)
    return units
  }

  /** The unit of this direction that has begun and is not complete, as far as it has arrived. */
  pending(direction: Direction): Unit | undefined {
    const stream = this.#streams[direction]
    const index = this.#count
    if (stream.arriving.length > 0) return { ...this.#readers[direction].incomplete(stream), index }
    if (!stream.oldest()) return undefined
    return { kind: 'bytes', ...stream.describeUnread(), why: sentence('bytes.open-line'), index }
  }

  #read(direction: Direction, units: Unit[]): void {
    const stream = this.#streams[direction]
    while (stream.oldest()) {
      const step = this.#readers[direction].read(stream, this.#count)
      if (step === 'more') return
      if (step.unit) this.#add(units, step.unit)
      if (step.next) this.#readers[direction] = step.next
    }
  }

  #end(direction: Direction, sequence: number, time: number, end: 'fin' | 'rst', units: Unit[]): void {
    const stream = this.#streams[direction]
    const reader = this.#readers[direction]
    if (stream.arriving.length > 0) this.#add(units, cutShort(reader, stream))
    if (stream.oldest()) {
      this.#readers[direction] = new BytesReader(sentence('bytes.unclear'))
      this.#read(direction, units)
    }
    this.#readers[direction] = new BytesReader(sentence('bytes.after-end'))
    const problems = reader.onEnd?.() ?? []
    const pieces = [{ sequence, start: 0 }]
    this.#add(units, { kind: 'end', ...stream.describe(), pieces, time, completed: time, problems, end })
    this.#detection.end(direction)
    this.#read(otherThan(direction), units)
  }

  #add(units: Unit[], unit: Unit): void {
    unit.index = this.#count++
    units.push(unit)
  }
}

function cutShort(reader: Reader, stream: ByteStream): Unit {
  const unit = reader.incomplete(stream)
  stream.finish()
  if (unit.missing === undefined || !reader.cutShort) return unit
  const text = sentence('bytes.cut-short', { missing: unit.missing })
  return { ...unit, problems: [...unit.problems, { ...reader.cutShort, text, severity: 'broken' }] }
}

function otherThan(direction: Direction): Direction {
  return direction === 'c2s' ? 's2c' : 'c2s'
}
