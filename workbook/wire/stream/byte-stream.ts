import type { Direction } from '../model/chunk.ts'
import { type FrameUnit, framePayload, maxKept, type Unit } from '../model/unit.ts'
import { RecordReader, recordHeader } from '../tls/record.ts'
import { type FrameHeader, headerLength, readHeader } from '../websocket/frame-header.ts'
import { MessageJoiner } from '../websocket/message.ts'
import { checkFrame, type FrameContext, isCountable } from '../websocket/rules.ts'
import { Collector, type Slice } from './collector.ts'
import type { Mode } from './reader.ts'

/** A unit whose place among the others is not known yet. */
export type NewUnit = Unit extends infer U ? (U extends Unit ? Omit<U, 'index'> : never) : never

/** One direction of a connection: what was not read yet, the unit that is arriving, and where both are in the stream. */
export class Lane {
  readonly direction: Direction
  readonly joiner = new MessageJoiner(maxKept)
  readonly records = new RecordReader()
  readonly input: Slice[] = []
  mode: Mode
  /** in the stream, of the unit that is arriving */
  offset = 0
  unit = new Collector()
  header: FrameHeader | undefined

  constructor(direction: Direction, mode: Mode) {
    this.direction = direction
    this.mode = mode
  }

  /** The slice to read from, or `undefined` when everything was read. */
  slice(): Slice | undefined {
    while (this.input[0] && this.input[0].at === this.input[0].bytes.length) this.input.shift()
    return this.input[0]
  }

  /** The unread bytes, at most `count`, as a copy. */
  peek(count: number): Uint8Array {
    const bytes = new Uint8Array(Math.min(count, this.unread()))
    let at = 0
    for (const slice of this.input) {
      const part = slice.bytes.subarray(slice.at, slice.at + bytes.length - at)
      bytes.set(part, at)
      at += part.length
    }
    return bytes
  }

  unread(): number {
    return this.input.reduce((sum, { bytes, at }) => sum + bytes.length - at, 0)
  }

  /** Whether something has arrived that is no unit yet. */
  begun(): boolean {
    return this.unit.length > 0 || this.unread() > 0
  }

  /** The parts that every unit has, from the bytes that were taken; begins a new unit. */
  finish(): Omit<NewUnit, 'kind'> {
    const parts = this.describe()
    this.offset += this.unit.length
    this.unit = new Collector()
    this.header = undefined
    return parts
  }

  describe(): Omit<NewUnit, 'kind'> {
    const { length, pieces, time, completed } = this.unit
    return {
      direction: this.direction,
      offset: this.offset,
      length,
      bytes: this.unit.bytes(),
      pieces,
      time,
      completed,
      problems: [],
    }
  }

  /** The unit that has begun, as far as it has arrived. */
  incomplete(): NewUnit {
    const { mode } = this
    const parts = this.describe()
    if (mode.name === 'frames')
      return { kind: 'frame', ...parts, header: this.header, missing: this.frameLength() - this.unit.length }
    if (mode.name === 'body') {
      const missing = mode.length - this.unit.length
      return { kind: 'body', ...parts, chunked: false, ...(Number.isFinite(missing) ? { missing } : {}) }
    }
    if (mode.name === 'chunked') return { kind: 'body', ...parts, chunked: true, missing: 1 }
    if (mode.name === 'records')
      return {
        kind: 'bytes',
        ...parts,
        why: 'a TLS record that has not ended',
        missing: this.recordLength() - this.unit.length,
      }
    return { kind: 'bytes', ...parts, why: 'a head that has not ended', missing: 1 }
  }

  /** Takes bytes of a frame. @returns true when the frame is complete, or cannot be followed to its end */
  takeFrame(slice: Slice): boolean {
    const want = this.frameLength()
    this.unit.take(slice, want - this.unit.length)
    if (!this.header) this.header = readHeader(this.unit.peek())
    if (!this.header) return false
    return !isCountable(this.header) || this.unit.length === this.frameLength()
  }

  /** How many bytes the frame has, or how many decide that: 2, then its header. */
  frameLength(): number {
    if (this.header) return this.header.headerLength + (isCountable(this.header) ? this.header.payloadLength : 0)
    return this.unit.length < 2 ? 2 : headerLength(this.unit.byte(1))
  }

  /** Takes bytes of a TLS record. @returns true when it is complete */
  takeRecord(slice: Slice): boolean {
    if (this.unit.length < recordHeader) this.unit.take(slice, recordHeader - this.unit.length)
    this.unit.take(slice, this.recordLength() - this.unit.length)
    return this.unit.length === this.recordLength()
  }

  recordLength(): number {
    if (this.unit.length < recordHeader) return recordHeader
    return recordHeader + this.unit.byte(3) * 256 + this.unit.byte(4)
  }

  /** What is known about the direction before its next frame. */
  context(deflate: boolean): FrameContext {
    return { direction: this.direction, deflate, messageOpen: this.joiner.messageOpen, closed: this.joiner.closed }
  }

  /** Ends the frame that has arrived, whole, and adds it to its message. @param index that the unit will get */
  finishFrame(index: number, deflate: boolean): Omit<FrameUnit, 'index'> {
    const header = this.header!
    const problems = checkFrame(header, this.context(deflate))
    const unit: Omit<FrameUnit, 'index'> = Object.assign(this.finish(), { kind: 'frame' as const, header, problems })
    if (!isCountable(header)) return unit
    const joined = this.joiner.push(header, framePayload(unit), index)
    unit.message = joined.message
    problems.push(...joined.problems)
    return unit
  }
}
