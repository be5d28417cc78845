import { Truncated } from '../bytes/bits.ts'
import { type Head, headFields } from '../http/head.ts'
import { recordFields, type TlsRecord } from '../tls/record.ts'
import { frameFields, withProblem } from '../websocket/fields.ts'
import { type FrameHeader, unmask } from '../websocket/frame-header.ts'
import type { Message } from '../websocket/message.ts'
import type { Direction } from './chunk.ts'
import type { Field } from './field.ts'
import type { Problem } from './problem.ts'

/** Where the bytes of a unit came from: the chunk, and the offset in the unit at which its share begins. */
export interface Piece {
  sequence: number
  start: number
}

interface UnitParts {
  /** position among the units of the connection, counted from 0 */
  index: number
  direction: Direction
  /** of its first byte, in the stream of its direction, in bytes */
  offset: number
  /** on the wire, in bytes; `bytes` holds less when the unit is cut short or too large to keep */
  length: number
  bytes: Uint8Array
  /** the chunks that it spans, at most `maxPieces` */
  pieces: Piece[]
  /** when its first byte arrived, in milliseconds since the connection was opened */
  time: number
  /** when its last byte arrived */
  completed: number
  problems: Problem[]
  /** bytes that are still to come, or that never came when the connection ended first; at least */
  missing?: number
}

/** The head of an HTTP request or response. */
export type HeadUnit = UnitParts & { kind: 'head'; head: Head }
/** The content of an HTTP message; `chunked` when sizes stand between its parts, see `joinChunked`. */
export type BodyUnit = UnitParts & { kind: 'body'; chunked: boolean }
/** `header` is undefined while not even that has arrived. */
export type FrameUnit = UnitParts & { kind: 'frame'; header?: FrameHeader; message?: Message }
/** A TLS record. */
export type RecordUnit = UnitParts & { kind: 'record'; record: TlsRecord }
/** Bytes of no protocol that is known here; one unit a chunk. `why` says what came before. */
export type BytesUnit = UnitParts & { kind: 'bytes'; why: string }
/** One side finished sending (`fin`) or the connection was reset (`rst`). */
export type EndUnit = UnitParts & { kind: 'end'; end: 'fin' | 'rst' }

/** One thing on the wire. The bytes of a direction are exactly the bytes of its units, one after another. */
export type Unit = HeadUnit | BodyUnit | FrameUnit | RecordUnit | BytesUnit | EndUnit

/** The most that is kept of one unit, in bytes; more is counted. */
export const maxKept = 1024 * 1024
/** The most pieces that are kept of one unit. */
export const maxPieces = 2000

/** The payload of a frame as the application sees it: what was kept of it, unmasked. */
export function framePayload(unit: Pick<FrameUnit, 'header' | 'bytes'>): Uint8Array {
  if (!unit.header) return new Uint8Array()
  return unmask(unit.bytes.subarray(unit.header.headerLength), unit.header.maskingKey)
}

/** The fields of a unit in wire order; what has not arrived or was not kept is not among them. */
export function unitFields(unit: Unit): Field[] {
  if (unit.kind === 'head') return [...headFields(unit.head)]
  if (unit.kind === 'frame') return untilTruncated(frameFields(unit.bytes, unit.problems))
  if (unit.kind === 'record')
    return untilTruncated(recordFields(unit.bytes, unit.record)).map((field) => withProblem(field, unit.problems))
  if (unit.bytes.length === 0) return []
  return [{ name: 'data', start: 0, length: unit.bytes.length * 8, value: unit.bytes }]
}

function untilTruncated(fields: Iterable<Field>): Field[] {
  const seen: Field[] = []
  try {
    for (const field of fields) seen.push(field)
  } catch (error) {
    if (!(error instanceof Truncated)) throw error
  }
  return seen
}
