import { untilTruncated } from '../bytes/bits.ts'
import type { Layer } from '../model/layer.ts'
import { type Sentence, sentence } from '../model/sentence.ts'
import { closeMeaning } from './close.ts'
import { frameFields } from './fields.ts'
import type { Message } from './message.ts'
import { opcodeName } from './opcode.ts'
import { type FrameUnit, framePayload } from './unit.ts'

/** The frame, its message, and the message inflated. */
export function frameLayers(unit: FrameUnit, inflated?: Uint8Array): Layer[] {
  const { header, message, bytes, problems } = unit
  const text = header
    ? sentence('layers.frame', { opcode: opcodeName(header.opcode), length: header.payloadLength })
    : sentence('layers.half-header')
  const own = { start: 0, length: Math.min(header?.headerLength ?? 0, bytes.length) }
  const fields = untilTruncated(frameFields(bytes, problems))
  const found: Layer[] = [{ name: 'WebSocket frame', text, bytes, own, fields }]
  if (!message) return found
  found.push({ name: 'Message', text: messageText(message), bytes: carriedBy(unit), own: none, fields: [] })
  if (message.compressed && inflated) {
    const text = sentence('layers.inflated', { packed: message.length, length: inflated.length })
    found.push({ name: 'permessage-deflate', text, bytes: inflated, own: none, fields: [] })
  }
  return found
}

/** The message that a frame completes, or as much of it as the frame has. */
export function carriedBy(unit: FrameUnit): Uint8Array {
  return unit.message?.complete ? unit.message.payload : framePayload(unit)
}

const none = { start: 0, length: 0 }

function messageText({ opcode, frames, complete, close }: Message): Sentence {
  const name = opcodeName(opcode)
  const count = frames.length
  if (!complete) return sentence('layers.message-so-far', { name, count })
  if (!close) return sentence('layers.message', { name, count })
  const code = close.code ?? 1005
  return sentence('layers.close', { name, count, code, meaning: closeMeaning(code) })
}
