import { readdirSync, readFileSync } from 'node:fs'
import { type Recording, readRecording } from '../../workbook/wire/formats/recording.ts'
import type { Chunk } from '../../workbook/wire/model/chunk.ts'
import type { Unit } from '../../workbook/wire/model/unit.ts'
import { Conversation, type ConversationOptions } from '../../workbook/wire/stream/conversation.ts'

const folder = new URL('../../workbook/wire/formats/recordings/', import.meta.url)

export const recordingNames = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => name.slice(0, -5))

export function recordingText(name: string): string {
  return readFileSync(new URL(`${name}.json`, folder), 'utf8').replaceAll('\r\n', '\n')
}

export function recording(name: string): Recording {
  const parsed = readRecording(recordingText(name))
  if ('error' in parsed) throw new Error(`${name}: ${parsed.error}`)
  return parsed.recording
}

export function bytes(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/[0-9a-f]{2}/gi) ?? [], (digits) => Number.parseInt(digits, 16))
}

/** Chunks of one direction, one millisecond apart. */
export function chunks(direction: Chunk['direction'], ...parts: Uint8Array[]): Chunk[] {
  return parts.map((part, sequence) => ({ connection: 1, direction, sequence, time: sequence, bytes: part }))
}

export function units(list: Chunk[], options?: ConversationOptions): Unit[] {
  const conversation = new Conversation(options)
  return list.flatMap((chunk) => conversation.push(chunk))
}

/** What may not depend on how the bytes were cut, quick to compare: bytes as hex. */
export function uncut(list: Unit[]): string[] {
  return list.map(({ pieces, time, completed, ...rest }) =>
    JSON.stringify(rest, (_, value: unknown) =>
      value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value,
    ),
  )
}

/** The same bytes in pieces of `size`; the order of the two directions stays. */
export function recut(list: Chunk[], size: () => number): Chunk[] {
  const parts: Chunk[] = []
  for (const chunk of list) {
    for (let at = 0; at < chunk.bytes.length; ) {
      const part = chunk.bytes.subarray(at, at + Math.max(1, size()))
      at += part.length
      parts.push({ ...chunk, sequence: parts.length, bytes: part, end: undefined })
    }
    if (chunk.end) parts.push({ ...chunk, sequence: parts.length, bytes: new Uint8Array() })
  }
  return parts
}
