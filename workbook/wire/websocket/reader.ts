import type { Direction } from '../model/chunk.ts'
import type { Problem } from '../model/problem.ts'
import type { Dialogue } from '../model/protocol.ts'
import { sentence } from '../model/sentence.ts'
import { maxKept, type Unit } from '../model/unit.ts'
import { BytesReader } from '../plain/reader.ts'
import type { ByteStream } from '../stream/byte-stream.ts'
import type { Reader, Step } from '../stream/reader.ts'
import { type FrameHeader, frameLength, readHeader } from './frame-header.ts'
import { MessageJoiner } from './message.ts'
import { PingLog } from './pings.ts'
import { checkFrame, isCountable } from './rules.ts'
import { type FrameUnit, framePayload } from './unit.ts'

/** What the handshake agreed on. */
interface FrameOptions {
  /** permessage-deflate (RFC 7692) */
  deflate?: boolean
}

/** The readers of both directions of a WebSocket. */
export function openFrames({ deflate = false }: FrameOptions = {}): Dialogue {
  const pings = new PingLog()
  return { c2s: new FrameReader('c2s', deflate, pings), s2c: new FrameReader('s2c', deflate, pings) }
}

/** Reads frames (RFC 6455 §5.2), and joins them to messages. */
class FrameReader implements Reader {
  readonly cutShort = { field: 'payloadData', rfc: 'RFC 6455 §7.1.7' }
  readonly #direction: Direction
  readonly #deflate: boolean
  readonly #pings: PingLog
  readonly #joiner = new MessageJoiner(maxKept)

  constructor(direction: Direction, deflate: boolean, pings: PingLog) {
    this.#direction = direction
    this.#deflate = deflate
    this.#pings = pings
  }

  read(stream: ByteStream, index: number): Step {
    for (let length = 2; ; length = stream.arriving.look(frameLength)) {
      if (!stream.takeTo(length)) return 'more'
      if (length === stream.arriving.look(frameLength)) return this.#finish(stream, index)
    }
  }

  incomplete(stream: ByteStream): Unit {
    const missing = stream.arriving.look(frameLength) - stream.arriving.length
    return { kind: 'frame', ...stream.describe(), header: stream.arriving.look(headerOf), missing }
  }

  onEnd(): Problem[] {
    return this.#joiner.closed ? [] : [noClose]
  }

  #finish(stream: ByteStream, index: number): Step {
    const header = stream.arriving.look(readHeader)!
    const { messageOpen, closed } = this.#joiner
    const problems = checkFrame(header, { direction: this.#direction, deflate: this.#deflate, messageOpen, closed })
    const unit: FrameUnit = Object.assign(stream.finish(), {
      kind: 'frame' as const,
      header,
      problems,
      message: undefined,
    })
    if (isCountable(header)) {
      const joined = this.#joiner.push(header, framePayload(unit), index)
      unit.message = joined.message
      problems.push(...joined.problems)
    }
    const odd = this.#pings.note(unit)
    if (odd) problems.push(odd)
    return isCountable(header) ? { unit } : { unit, next: afterUncountable() }
  }
}

/** The header of what has arrived; `undefined` while it is arriving itself. */
function headerOf(bytes: Uint8Array, at: number, end: number): FrameHeader | undefined {
  return readHeader(end === bytes.length ? bytes : bytes.subarray(0, end), at)
}

function afterUncountable(): Reader {
  return new BytesReader(sentence('websocket.after-uncountable'))
}

const noClose: Problem = {
  field: 'end',
  text: sentence('websocket.no-close'),
  rfc: 'RFC 6455 §7.1.5',
  severity: 'odd',
}
