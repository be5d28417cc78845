import type { Direction } from '../model/chunk.ts'
import type { Problem } from '../model/problem.ts'
import { sentence } from '../model/sentence.ts'
import { Opcode } from './opcode.ts'
import type { FrameUnit } from './unit.ts'

/** Pings of one direction whose pong is still expected; older ones are forgotten. */
const maxPings = 64

/** Pairs each pong with a ping of the other side that had the same payload (RFC 6455 §5.5.3). */
export class PingLog {
  readonly #pings: Record<Direction, string[]> = { c2s: [], s2c: [] }

  /** @returns what is odd about a pong that answers nothing */
  note({ direction, header, message }: FrameUnit): Problem | undefined {
    const opcode = header?.opcode
    if (opcode !== Opcode.ping && opcode !== Opcode.pong) return undefined
    const payload = String(message?.payload.subarray(0, 125))
    if (opcode === Opcode.ping) {
      const sent = this.#pings[direction]
      sent.push(payload)
      if (sent.length > maxPings) sent.shift()
      return undefined
    }
    const asked = this.#pings[direction === 'c2s' ? 's2c' : 'c2s']
    const found = asked.indexOf(payload)
    // A pong may answer the latest of several pings alone.
    if (found < 0) return unasked
    asked.splice(0, found + 1)
    return undefined
  }
}

const unasked: Problem = {
  field: 'opcode',
  text: sentence('websocket.pong-unasked'),
  rfc: 'RFC 6455 §5.5.3',
  severity: 'odd',
}
