import type { Reader } from '../stream/reader.ts'
import type { Direction } from './chunk.ts'
import type { Field } from './field.ts'
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
  /** The fields of a unit in wire order; what has not arrived or was not kept is not among them. */
  fields(unit: U): Field[]
}
