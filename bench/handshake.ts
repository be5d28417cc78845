import { readFileSync } from 'node:fs'
import type { Chunk } from '../workbook/wire/chunk.ts'
import { readRecording } from '../workbook/wire/recording.ts'

/** The two chunks with which a recorded connection of Chromium became a WebSocket. */
export function handshake(): Chunk[] {
  const file = new URL('../workbook/wire/recordings/ws-chromium-plain.json', import.meta.url)
  const parsed = readRecording(readFileSync(file, 'utf8'))
  if ('error' in parsed) throw new Error(parsed.error)
  return parsed.recording.connections[0]!.slice(0, 2)
}
