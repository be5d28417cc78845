import { fromHex, toHex } from '../bytes/hex.ts'
import type { Chunk } from '../model/chunk.ts'
import { shortJson } from './short-json.ts'

/** Connections that were recorded at a tap, and who spoke. */
export interface Recording {
  /** `Chromium 156` */
  client: string
  /** `ws 8` */
  server: string
  /** `websocket`, `socket.io`, `tls`, … */
  protocol: string
  /** what can be seen in it */
  note: string
  /** the chunks of each connection, in the order in which they came */
  connections: Chunk[][]
  /** when each connection was opened, in milliseconds after the first; left out where nobody needs it */
  opened?: number[]
}

/** A recording, or why a file is none, with the place: `connections[0].chunks[3].hex: …`. */
type ParsedRecording = { recording: Recording } | { error: string }

/** What a file may hold at most. */
const limits = { connections: 64, chunks: 20_000, bytes: 16 * 1024 * 1024, text: 1000 }

/** So much of a wrong value stands in the error, in characters. */
const maxShown = 40

/** The version of the format that this file reads and writes. */
const version = 1

/** The recording as JSON, laid out as the formatter of the project leaves it. */
export function writeRecording(recording: Recording): string {
  const { client, server, protocol, note } = recording
  const connections = recording.connections.map((chunks, i) => ({
    ...(recording.opened && { opened: recording.opened[i] }),
    chunks: chunks.map(writeChunk),
  }))
  return `${JSON.stringify({ version, client, server, protocol, note, connections }, null, 2)}\n`
}

function writeChunk({ direction, time, bytes, end }: Chunk): object {
  return { dir: direction, t: time, ...(end ? { [end]: true } : { hex: toHex(bytes) }) }
}

/** Reads the JSON of a recording. The text may come from anybody: whatever is not as written above is an error. */
export function readRecording(json: string): ParsedRecording {
  // A byte is two digits, and the rest of a chunk is short.
  if (json.length > 4 * limits.bytes) return { error: 'the file is too large' }
  try {
    return { recording: recordingOf(JSON.parse(json)) }
  } catch (error) {
    return { error: error instanceof Invalid ? error.message : 'not JSON' }
  }
}

/** Something in the file that is not as the format says. */
class Invalid extends Error {}

function recordingOf(value: unknown): Recording {
  const file = objectOf(value, 'the file')
  if (file.version !== version)
    throw new Invalid(`version: expected ${version}, received ${shortJson(file.version, maxShown)}`)
  const connections = arrayOf(file.connections, 'connections', limits.connections)
  let chunks = 0
  let bytes = 0
  const opened = connections.map((connection, i) => openedOf(connection, `connections[${i}]`))
  return {
    client: textOf(file.client, 'client'),
    server: textOf(file.server, 'server'),
    protocol: textOf(file.protocol, 'protocol'),
    note: textOf(file.note, 'note'),
    connections: connections.map((connection, i) => {
      const place = `connections[${i}].chunks`
      const list = arrayOf(objectOf(connection, `connections[${i}]`).chunks, place, limits.chunks)
      return list.map((item, sequence) => {
        const chunk = chunkOf(item, `${place}[${sequence}]`, i + 1, sequence)
        chunks++
        bytes += chunk.bytes.length
        if (chunks > limits.chunks || bytes > limits.bytes) throw new Invalid(`${place}: more than can be shown`)
        return chunk
      })
    }),
    ...(opened.some((time) => time !== undefined) && { opened: opened.map((time) => time ?? 0) }),
  }
}

function openedOf(connection: unknown, place: string): number | undefined {
  const { opened } = objectOf(connection, place)
  return opened === undefined ? undefined : timeOf(opened, `${place}.opened`)
}

function chunkOf(value: unknown, place: string, connection: number, sequence: number): Chunk {
  const { dir, t, hex, fin, rst } = objectOf(value, place)
  if (dir !== 'c2s' && dir !== 's2c')
    throw new Invalid(`${place}.dir: expected c2s or s2c, received ${shortJson(dir, maxShown)}`)
  const time = timeOf(t, `${place}.t`)
  const end = fin === true ? 'fin' : rst === true ? 'rst' : undefined
  const bytes = end && hex === undefined ? new Uint8Array() : typeof hex === 'string' ? fromHex(hex) : undefined
  if (!bytes) throw new Invalid(`${place}.hex: expected pairs of hex digits, received ${shortJson(hex, maxShown)}`)
  return { connection, direction: dir, sequence, time, bytes, ...(end ? { end } : {}) }
}

function timeOf(value: unknown, place: string): number {
  if (typeof value === 'number' && value >= 0 && value < 1e12) return value
  throw new Invalid(`${place}: expected milliseconds, received ${shortJson(value, maxShown)}`)
}

function objectOf(value: unknown, place: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw new Invalid(`${place}: expected an object, received ${shortJson(value, maxShown)}`)
}

function arrayOf(value: unknown, place: string, limit: number): unknown[] {
  if (!Array.isArray(value)) throw new Invalid(`${place}: expected a list, received ${shortJson(value, maxShown)}`)
  if (value.length > limit) throw new Invalid(`${place}: expected at most ${limit}, received ${value.length}`)
  return value
}

function textOf(value: unknown, place: string): string {
  if (typeof value === 'string' && value.length <= limits.text) return value
  throw new Invalid(
    `${place}: expected a text of at most ${limits.text} characters, received ${shortJson(value, maxShown)}`,
  )
}
