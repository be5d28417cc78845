import { type Frame, FrameError, opcodes } from '../12-ws-frames/frame.ts'
import { Utf8Checker } from './utf8.ts'

const nothing = Buffer.alloc(0)

/** Joins the data frames of one message after the other (RFC 6455 §5.4). */
export class MessageReader {
  readonly #maxPayload: number
  /** opcode of the message that is arriving: text, binary, or 0 between messages */
  #opcode = 0
  #utf8: Utf8Checker | undefined
  #joined = nothing
  #length = 0
  /** bytes of the current frame that were looked at while it arrived; undefined between frames */
  #seen: number | undefined

  /** @param maxPayload longest message, all fragments together, in bytes */
  constructor(maxPayload: number) {
    this.#maxPayload = maxPayload
  }

  /** Looks at a data frame that is still arriving. @throws {FrameError} as soon as it cannot become right */
  look(frame: Frame): void {
    if (this.#seen === undefined) this.#begin(frame)
    const seen = this.#seen ?? 0
    this.#seen = frame.payload.length
    if (this.#length + frame.payload.length > this.#maxPayload) throw tooBig(this.#maxPayload)
    const fresh = seen === 0 ? frame.payload : frame.payload.subarray(seen)
    // TODO 5: When the message is text, give `fresh` to #utf8 (made when needed), and throw a FrameError with 1007 when it is not UTF-8.
    // Waiting for the end would be allowed; failing now is better. See RFC 6455 §8.1.
    if (fresh.length > this.#maxPayload) throw invalidUtf8()
  }

  /** Takes a data frame. @returns the message that it completes @throws {FrameError} when it breaks a rule */
  take(frame: Frame): string | Buffer | undefined {
    this.look(frame)
    this.#seen = undefined
    // TODO 1: Return undefined until a frame with FIN comes; then the payloads of all frames of the message, joined, and
    // be ready for the next message. See RFC 6455 §5.4.
    const payload = frame.payload
    const text = this.#opcode === opcodes.text
    this.#opcode = 0
    if (!text) return payload
    if (this.#utf8?.complete === false) throw invalidUtf8()
    return payload.toString()
  }

  #begin({ opcode }: Frame): void {
    // TODO 3: Throw a FrameError with 1002 for a continuation when no message has begun, and for a text or binary frame
    // before the last message is complete (use unexpected). See RFC 6455 §5.4.
    if (opcode > 0xf) throw unexpected(opcode, 'four bits')
    if (opcode !== opcodes.continuation) this.#opcode = opcode
  }

  /** Grows by doubling: a million fragments of one byte cost a few copies, not a million. */
  #append(payload: Buffer): void {
    const length = this.#length + payload.length
    if (length > this.#joined.length) {
      const grown = Buffer.allocUnsafe(Math.max(length, this.#joined.length * 2))
      this.#joined.copy(grown, 0, 0, this.#length)
      this.#joined = grown
    }
    payload.copy(this.#joined, this.#length)
    this.#length = length
  }
}

function invalidUtf8(): FrameError {
  return new FrameError(1007, 'payloadData', 'UTF-8 in a text message', 'other bytes', 'RFC 6455 §8.1')
}

function unexpected(opcode: number, expected: string): FrameError {
  return new FrameError(1002, 'opcode', expected, opcode, 'RFC 6455 §5.4')
}

function tooBig(maxPayload: number): FrameError {
  return new FrameError(1009, 'payloadData', `a message of at most ${maxPayload} bytes`, 'more', 'RFC 6455 §10.4')
}
