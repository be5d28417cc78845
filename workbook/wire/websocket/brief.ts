import { showText } from '../bytes/text.ts'
import { type Brief, previewBytes } from '../model/protocol.ts'
import { sentence, type Words } from '../model/sentence.ts'
import { Opcode, opcodeName } from './opcode.ts'
import { type FrameUnit, framePayload } from './unit.ts'

/** The opcode, and what the application gets. A fragment that is not the last ends in `…`. */
export function frameBrief(unit: FrameUnit, inflated?: Uint8Array): Brief {
  return { kind: kindOf(unit), preview: previewOf(unit, inflated) }
}

function kindOf({ header }: FrameUnit): string {
  if (!header) return 'frame'
  const name = header.opcode === Opcode.continuation ? 'cont' : opcodeName(header.opcode)
  return header.fin ? name : `${name}…`
}

function previewOf(unit: FrameUnit, inflated?: Uint8Array): Words {
  const { header, message } = unit
  if (!header) return sentence('brief.half-header')
  if (unit.missing) return sentence('brief.missing', { count: unit.missing })
  if (message?.close) return closePreview(message.close)
  if (inflated && message?.opcode === Opcode.text) return showText(inflated.subarray(0, previewBytes))
  if (message?.compressed) return sentence('brief.compressed', { count: header.payloadLength })
  if (header.payloadLength === 0) return sentence('brief.empty')
  if ((message?.opcode ?? header.opcode) === Opcode.binary)
    return sentence('brief.bytes', { count: header.payloadLength })
  return showText(framePayload({ ...unit, bytes: unit.bytes.subarray(0, header.headerLength + previewBytes) }))
}

function closePreview({ code, reason }: { code?: number; reason: string }): Words {
  return code === undefined ? sentence('brief.no-code') : `${code} ${reason}`.trim()
}
