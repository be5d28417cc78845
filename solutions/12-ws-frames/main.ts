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
  return [shown, ...decode([bytes])].join('\n')
}

/** What the frames in these chunks say, a line each; no line while the first is not complete. */
export function decode(chunks: Buffer[]): string[] {
  // Only a client masks, so byte 1 tells which end wrote it.
  const role = (Buffer.concat(chunks)[1] ?? 0) >= 0x80 ? 'server' : 'client'
  const decoder = new FrameDecoder({ role })
  try {
    return chunks.flatMap((chunk) => decoder.push(chunk)).map(describe)
  } catch (error) {
    return [String(error)]
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
  let chunks: Buffer[] = []
  for await (const line of inputLines()) {
    if (!/^([0-9a-f]{2} )+[0-9a-f]{2} ?$/i.test(line)) {
      console.log(showText(line))
      continue
    }
    chunks.push(Buffer.from(line.replaceAll(' ', ''), 'hex'))
    const frames = decode(chunks)
    console.log(frames.length > 0 ? frames.join('\n') : '  not a whole frame yet: the next line goes on with it')
    if (frames.length > 0) chunks = []
  }
}
