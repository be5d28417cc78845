import { concat } from '../bytes/bytes.ts'
import { decodeText } from '../bytes/text.ts'
import { Utf8Check } from '../bytes/utf8.ts'
import type { Problem } from '../model/problem.ts'
import { type Sentence, sentence } from '../model/sentence.ts'
import { type Close, checkClose, readClose } from './close.ts'
import type { FrameHeader } from './frame-header.ts'
import { isControl, isReserved, Opcode } from './opcode.ts'

/** What the application gets: one frame, or several fragments joined (RFC 6455 §5.4). It grows until `complete`. */
export class Message {
  /** opcode of the first frame */
  readonly opcode: number
  /** RSV1 of the first frame: the joined payload is to be inflated (RFC 7692) */
  readonly compressed: boolean
  /** `index` of its frames */
  readonly frames: number[] = []
  /** length of the joined payload, in bytes */
  length = 0
  /** the unmasked payload, up to `maxKept`; complete only when its length is `length` */
  payload = none
  complete = false
  /** what a close frame says */
  close: Close | undefined

  constructor({ opcode, rsv1 }: Pick<FrameHeader, 'opcode' | 'rsv1'>) {
    this.opcode = opcode
    this.compressed = rsv1 && !isControl(opcode)
  }

  /** The text of a text message that is complete, kept whole and not compressed. Most messages are never read. */
  get text(): string | undefined {
    const isWhole = this.complete && this.payload.length === this.length
    return isWhole && this.opcode === Opcode.text && !this.compressed ? decodeText(this.payload) : undefined
  }
}

const none: Uint8Array = new Uint8Array()

/** What a frame did to the messages of its direction. */
interface Joined {
  message?: Message
  /** not to be changed */
  problems: readonly Problem[]
}

/** Joins the frames of one direction. Control frames pass between fragments and are messages of their own. */
export class MessageJoiner {
  /** a close frame was seen */
  closed = false
  #open: OpenMessage | undefined
  readonly #limit: number

  /** @param limit the most that is kept of one message, in bytes */
  constructor(limit: number) {
    this.#limit = limit
  }

  get messageOpen(): boolean {
    return this.#open !== undefined
  }

  /** @param payload unmasked; may be shorter than the header says, when the frame was too large to keep */
  push(header: FrameHeader, payload: Uint8Array, index: number): Joined {
    if (isReserved(header.opcode)) return { problems: [] }
    if (isControl(header.opcode)) return this.#control(header, payload, index)
    if (header.opcode === Opcode.continuation && !this.#open) return { problems: [] }
    if (header.opcode !== Opcode.continuation) this.#open = begin(header)
    return this.#fragment(header, payload, index)
  }

  #control(header: FrameHeader, payload: Uint8Array, index: number): Joined {
    const message = new Message(header)
    message.frames.push(index)
    message.length = header.payloadLength
    message.payload = payload
    message.complete = true
    if (header.opcode !== Opcode.close) return { message, problems: noProblems }
    this.closed = true
    message.close = readClose(payload)
    return { message, problems: checkClose(payload) }
  }

  #fragment(header: FrameHeader, payload: Uint8Array, index: number): Joined {
    const { message, parts, utf8, kept } = this.#open!
    if (message.frames.length < maxFrames) message.frames.push(index)
    message.length += header.payloadLength
    const room = this.#limit - kept
    const part = payload.length > room ? payload.subarray(0, room) : payload
    if (part.length > 0) parts.push(part)
    this.#open!.kept += part.length
    const isWhole = payload.length === header.payloadLength
    const problems = utf8 && isWhole ? checkText(utf8, payload, header.fin) : noProblems
    if (header.fin) {
      this.#open = undefined
      finish(message, parts)
    }
    return { message, problems }
  }
}

/** The most frames whose index a message remembers. */
const maxFrames = 10_000

interface OpenMessage {
  message: Message
  parts: Uint8Array[]
  /** length of the parts, in bytes */
  kept: number
  utf8?: Utf8Check
}

function begin(header: FrameHeader): OpenMessage {
  const message = new Message(header)
  const isText = header.opcode === Opcode.text && !header.rsv1
  return { message, parts: [], kept: 0, utf8: isText ? new Utf8Check() : undefined }
}

function finish(message: Message, parts: Uint8Array[]): void {
  message.complete = true
  message.payload = parts.length === 1 ? parts[0]! : concat(parts)
}

const noProblems: readonly Problem[] = []

function checkText(utf8: Utf8Check, payload: Uint8Array, fin: boolean): readonly Problem[] {
  const before = utf8.checked
  if (utf8.badAt !== undefined) return noProblems
  utf8.push(payload)
  if (utf8.badAt !== undefined) return [badText(sentence('websocket.text-not-utf8', { at: utf8.badAt - before }))]
  if (fin && utf8.missing > 0) return [badText(sentence('websocket.text-cut', { missing: utf8.missing }))]
  return noProblems
}

/** The text of a compressed message, once it is inflated, and what is wrong with it. */
export function readInflated(message: Message, bytes: Uint8Array): { text?: string; problems: readonly Problem[] } {
  if (message.opcode !== Opcode.text) return { problems: [] }
  return { text: decodeText(bytes), problems: checkText(new Utf8Check(), bytes, true) }
}

function badText(text: Sentence): Problem {
  return { field: 'payloadData', text, rfc: 'RFC 6455 §8.1', severity: 'broken', answer: 1007 }
}
