import { readFileSync } from 'node:fs'
import { readRecording } from '../workbook/wire/formats/recording.ts'
import type { Chunk } from '../workbook/wire/model/chunk.ts'

/** The two chunks with which a recorded connection of Chromium became a WebSocket. */
export function handshake(): Chunk[] {
  const file = new URL('../workbook/wire/formats/recordings/ws-chromium-plain.json', import.meta.url)
  const parsed = readRecording(readFileSync(file, 'utf8'))
  if ('error' in parsed) throw new Error(parsed.error)
  return parsed.recording.connections[0]!.slice(0, 2)
}
