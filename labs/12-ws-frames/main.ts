/**
 * Type text to see it as a frame, or hex (`81 05 48 65 6c 6c 6f`) to see what it says. Reads a pipe, too:
 * `echo hello | npx tsx labs/12-ws-frames/main.ts`
 */
import { randomBytes } from 'node:crypto'
import { inputLines, isMain } from '../run.ts'
import { encodeFrame, type Frame, FrameDecoder, opcodes } from './frame.ts'

/** What a client sends for a text message. */
export function showText(text: string): string {
  const bytes = encodeFrame({ opcode: opcodes.text, payload: Buffer.from(text), maskingKey: randomBytes(4) })
  const shown = bytes.length > 32 ? `${hex(bytes.subarray(0, 32))} … (${bytes.length} bytes)` : hex(bytes)
  return `${shown}\n${decode([bytes])}`
}

/** What the frames in these chunks say, one line each. */
export function decode(chunks: Buffer[]): string {
  // Only a client masks, so byte 1 tells which end wrote it.
  const role = (Buffer.concat(chunks)[1] ?? 0) >= 0x80 ? 'server' : 'client'
  const decoder = new FrameDecoder({ role })
  try {
    const lines = chunks.flatMap((chunk) => decoder.push(chunk)).map(describe)
    if (lines.length === 0) lines.push('not a whole frame yet: the next line goes on with it')
    return lines.join('\n')
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function describe({ fin, opcode, payload }: Frame): string {
  const name = Object.entries(opcodes).find(([, value]) => value === opcode)?.[0] ?? `opcode ${opcode}`
  const text = payload.length > 64 ? '' : ` ${JSON.stringify(payload.toString())}`
  return `  ${name}${fin ? '' : ', more to come'}, ${payload.length} bytes${text}`
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
}

if (isMain(import.meta.url)) {
  for await (const line of inputLines()) {
    const isHex = /^([0-9a-f]{2} )+[0-9a-f]{2}$/i.test(line.trim())
    console.log(isHex ? decode([Buffer.from(line.replaceAll(' ', ''), 'hex')]) : showText(line))
  }
}
