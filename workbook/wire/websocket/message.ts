import { concat } from '../bytes/bytes.ts'
import { decodeText } from '../bytes/text.ts'
import { Utf8Check } from '../bytes/utf8.ts'
import type { Problem } from '../model/problem.ts'
import { type Sentence, sentence } from '../model/sentence.ts'
import { type Close, checkClose, readClose } from './close.ts'
import type { FrameHeader } from './frame-header.ts'
import { isControl, isReserved, Opcode } from './opcode.ts'

/** What the application gets: one frame, or several fragments joined (RFC 6455 §5.4). It grows until `complete`. */
export interface Message {
  /** the opcode of the first frame */
  opcode: number
  /** RSV1 of the first frame: the joined payload is to be inflated (RFC 7692) */
  compressed: boolean
  /** `index` of its frames */
  frames: number[]
  /** length of the joined payload, in bytes */
  length: number
  /** the unmasked payload, up to `maxKept`; complete only when its length is `length` */
  payload: Uint8Array
  complete: boolean
  /** the text of a message that is complete, kept whole and not compressed */
  text?: string
  /** what a close frame carries */
  close?: Close
}

/** What a frame did to the messages of its direction. */
interface Joined {
  message?: Message
  problems: Problem[]
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
    const length = header.payloadLength
    const message: Message = {
      opcode: header.opcode,
      compressed: false,
      frames: [index],
      length,
      payload,
      complete: true,
    }
    if (header.opcode !== Opcode.close) return { message, problems: [] }
    this.closed = true
    return { message: { ...message, close: readClose(payload) }, problems: checkClose(payload) }
  }

  #fragment(header: FrameHeader, payload: Uint8Array, index: number): Joined {
    const { message, parts, utf8, kept } = this.#open!
    const problems: Problem[] = []
    if (message.frames.length < maxFrames) message.frames.push(index)
    message.length += header.payloadLength
    const part = payload.subarray(0, this.#limit - kept)
    if (part.length > 0) parts.push(part)
    this.#open!.kept += part.length
    if (utf8 && payload.length === header.payloadLength) problems.push(...checkText(utf8, payload, header.fin))
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

function begin({ opcode, rsv1 }: FrameHeader): OpenMessage {
  const payload = new Uint8Array()
  const message: Message = { opcode, compressed: rsv1, frames: [], length: 0, payload, complete: false }
  return { message, parts: [], kept: 0, utf8: opcode === Opcode.text && !rsv1 ? new Utf8Check() : undefined }
}

function finish(message: Message, parts: Uint8Array[]): void {
  message.complete = true
  message.payload = parts.length === 1 ? parts[0]! : concat(parts)
  const whole = message.payload.length === message.length
  if (message.opcode === Opcode.text && !message.compressed && whole) message.text = decodeText(message.payload)
}

function checkText(utf8: Utf8Check, payload: Uint8Array, fin: boolean): Problem[] {
  const before = utf8.checked
  if (utf8.badAt !== undefined) return []
  utf8.push(payload)
  if (utf8.badAt !== undefined) return [badText(sentence('websocket.text-not-utf8', { at: utf8.badAt - before }))]
  if (fin && utf8.missing > 0) return [badText(sentence('websocket.text-cut', { missing: utf8.missing }))]
  return []
}

/** The text of a compressed message, once it is inflated, and what is wrong with it. */
export function readInflated(message: Message, bytes: Uint8Array): { text?: string; problems: Problem[] } {
  if (message.opcode !== Opcode.text) return { problems: [] }
  return { text: decodeText(bytes), problems: checkText(new Utf8Check(), bytes, true) }
}

function badText(text: Sentence): Problem {
  return { field: 'payloadData', text, rfc: 'RFC 6455 §8.1', severity: 'broken', answer: 1007 }
}
