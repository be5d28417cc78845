import type { Problem } from '../model/problem.ts'
import type { Unit } from '../model/unit.ts'
import type { ByteStream } from './byte-stream.ts'

/** What one step gave: more bytes are needed first; or a unit, and who reads on. */
export type Step = 'more' | { unit?: Unit; next?: Reader }

/** Reads one protocol in one direction of a connection. */
export interface Reader {
  /** Reads on by one step, from at least one unread byte. @param index that the next unit will get */
  read(stream: ByteStream, index: number): Step
  /** The unit that has begun, as far as it has arrived. */
  incomplete(stream: ByteStream): Unit
  /** the rule that an end in the middle of a unit breaks */
  readonly cutShort?: { field: string; rfc: string }
  /** What is odd about an end here. */
  onEnd?(): Problem[]
}
