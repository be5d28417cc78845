import type { Reader } from '../stream/reader.ts'
import type { Direction } from './chunk.ts'
import type { Explanation } from './explanation.ts'
import type { Field } from './field.ts'
import type { Layer } from './layer.ts'
import type { Words } from './sentence.ts'
import type { Unit } from './unit.ts'

/** Whether bytes begin a protocol: `more` while they may. */
export type Recognition = 'yes' | 'no' | 'more'

/** The readers of the two directions of one connection. What they share is theirs. */
export interface Dialogue extends Record<Direction, Reader> {
  /** The reader of a direction that has not begun yet, when what the other said decides it, whatever its bytes are. */
  follow?(direction: Direction): Reader | undefined
}

/** What a protocol is told when it begins to read a connection. */
export interface Opening {
  /** Finds out anew what a direction speaks: after a message, or after an upgrade. */
  detect(direction: Direction): Reader
  /** the protocol that a direction was found to speak; `undefined` while nothing has told */
  spoken(direction: Direction): string | undefined
  hasEnded(direction: Direction): boolean
}

/** One protocol: how it is recognised, read and shown. `protocols.ts` lists them all. */
export interface Protocol<U extends Unit = Unit> {
  /** `tls`; the name to begin a conversation with */
  readonly name: string
  /** the kinds of the units that its readers give */
  readonly kinds: readonly U['kind'][]
  /**
   * Whether the first bytes of a direction, or those after a message, are of this protocol. Left out where a handshake
   * leads to it.
   */
  recognise?(bytes: Uint8Array, direction: Direction): Recognition
  /** Its first bytes may also be something else, so they tell only where it is expected by its name. */
  readonly onlyWhenNamed?: true
  open(opening: Opening): Dialogue
  /** What a list calls a unit: `TLS record`. */
  title(unit: U): string
  /** The fields of a unit in wire order; what has not arrived or was not kept is not among them. */
  fields(unit: U): Field[]
  /** A unit in a few words, for a row of the list. Left out: its kind, and its first bytes as text. */
  brief?(unit: U, inflated?: Uint8Array): Brief
  /** The layers above the chunk that brought a unit, lowest first. Left out: the unit itself, with its fields. */
  layers?(unit: U, inflated?: Uint8Array): Layer[]
  /** What a field means, which rule it follows, and why there is such a rule. */
  explain?(field: Field, unit: U): Explanation | undefined
}

/** A unit in a few words. */
export interface Brief {
  /** `ping`, `request`, `PSUBSCRIBE` */
  kind: string
  /** the first part of what it holds */
  preview: Words
}

/** The first part of a unit that a list has room for, in bytes. */
export const previewBytes = 80
