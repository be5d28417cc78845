import type { Direction } from './chunk.ts'
import type { Problem } from './problem.ts'
import type { Sentence } from './sentence.ts'

/** Where the bytes of a unit came from: the chunk, and the offset in the unit at which its share begins. */
export interface Piece {
  sequence: number
  start: number
}

/** What every unit has, whatever its protocol. */
export interface UnitParts {
  /** position among the units of the connection, counted from 0 */
  index: number
  direction: Direction
  /** offset of its first byte in the stream of its direction, in bytes */
  offset: number
  /** length on the wire, in bytes; `bytes` holds less when the unit is cut short or too large to keep */
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

/** Bytes of no protocol that is known here; one unit a chunk. `why` says what came before. */
export type BytesUnit = UnitParts & { kind: 'bytes'; why: Sentence }
/** One side finished sending (`fin`) or the connection was reset (`rst`). */
export type EndUnit = UnitParts & { kind: 'end'; end: 'fin' | 'rst' }

/** The units by their kind. Each protocol adds its own here, from its own folder (`declare module`). */
export interface UnitKinds {
  bytes: BytesUnit
  end: EndUnit
}

/** One thing on the wire. The bytes of a direction are exactly the bytes of its units, one after another. */
export type Unit = UnitKinds[keyof UnitKinds]

/** The most that is kept of one unit, in bytes; more is counted. */
export const maxKept = 1024 * 1024
/** The most pieces that are kept of one unit. */
export const maxPieces = 2000
