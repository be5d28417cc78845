import type { Chunk } from '../../../workbook/wire/chunk.ts'
import { type Recording, readRecording } from '../../../workbook/wire/recording.ts'

const folder = '../../../workbook/wire/recordings'
// Small ones are part of the page, so that there is something to see before and without any script.
const here = import.meta.glob<string>(
  ['../../../workbook/wire/recordings/*.json', '!../../../workbook/wire/recordings/ws-python-websocket-client.json'],
  { query: '?raw', import: 'default', eager: true },
)
const files = import.meta.glob<string>('../../../workbook/wire/recordings/ws-python-websocket-client.json', {
  query: '?raw',
  import: 'default',
})

const titles: Record<string, string> = {
  'ws-chromium-plain': 'Chromium and ws',
  'ws-chromium-deflate': 'Chromium and ws, compressed',
  'ws-python-websocket-client': 'Python client: long frames, fragments',
  'socketio-js-websocket': 'Socket.IO: rooms, acks, binary',
  'socketio-python-websocket': 'Socket.IO from Python',
  'socketio-js-upgrade': 'Socket.IO: polling, then WebSocket',
  'tls13-curl': 'TLS 1.3 from curl',
  'tls12-openssl': 'TLS 1.2 from OpenSSL',
}

/** The recordings that come with the page: those with a title first, in its order, then the others by name. */
export const recordings = [...Object.keys(here), ...Object.keys(files)]
  .map((file) => file.slice(folder.length + 1, -'.json'.length))
  .map((id) => ({ id, title: titles[id] ?? id }))
  .sort((a, b) => rank(a.id) - rank(b.id))

function rank(id: string): number {
  const at = Object.keys(titles).indexOf(id)
  return at < 0 ? Object.keys(titles).length : at
}

/** What a page shows before anyone has chosen. */
export const firstRecording = 'ws-chromium-plain'

/** A recording that is part of the page; `undefined` when it has to be loaded first. */
export function recordingNow(id: string): Recording | undefined {
  const json = here[`${folder}/${id}.json`]
  return json === undefined ? undefined : parse(id, json)
}

/** @throws {Error} when there is no recording of that name */
export async function loadRecording(id: string): Promise<Recording> {
  const load = files[`${folder}/${id}.json`]
  const recording = recordingNow(id) ?? (load && parse(id, await load()))
  if (recording) return recording
  throw new Error(`recording: expected one of ${recordings.map((one) => one.id).join(', ')}, received ${id}`)
}

function parse(id: string, json: string): Recording {
  const parsed = readRecording(json)
  if ('error' in parsed) throw new Error(`recording ${id}: ${parsed.error}`)
  return parsed.recording
}

/** The chunks of all connections, one connection after another. */
export function chunksOf(recording: Recording): Chunk[] {
  return recording.connections.flat()
}
