import { type Recording, readRecording } from '../../../workbook/wire/formats/recording.ts'
import type { Chunk } from '../../../workbook/wire/model/chunk.ts'

const folder = '../../../workbook/wire/formats/recordings'
// The small ones are part of the page, so that there is something to see before and without any script.
const here = import.meta.glob<string>(
  [
    '../../../workbook/wire/formats/recordings/*.json',
    '!../../../workbook/wire/formats/recordings/{ws-python-websocket-client,socketio-who-hears}.json',
    '!../../../workbook/wire/formats/recordings/{client,server}-*.json',
  ],
  { query: '?raw', import: 'default', eager: true },
)
const elsewhere = import.meta.glob<string>(
  [
    '../../../workbook/wire/formats/recordings/{ws-python-websocket-client,socketio-who-hears}.json',
    '../../../workbook/wire/formats/recordings/{client,server}-*.json',
  ],
  { query: '?raw', import: 'default' },
)

// The order of the menu; whatever has no title here follows under its own name.
const titles: Record<string, string> = {
  'ws-chromium-plain': 'Chromium and ws',
  'hello-echo-close': 'hello, its echo, close',
  'rfc6455-examples': 'The examples of RFC 6455',
  'three-frames-one-chunk': 'Three frames in one chunk',
  'frame-cut-after-9-bytes': 'A frame cut after 9 bytes',
  'fragments-and-ping': 'Fragments, and a ping between',
  'ws-python-websocket-client': 'Python client: long frames, fragments',
  'ws-chromium-deflate': 'Chromium and ws, compressed',
  'deflate-twice': 'The same message compressed twice',
  'seed-handshake': 'The handshake of document ⑩',
  'socketio-js-websocket': 'Socket.IO: rooms, acks, binary',
  'socketio-rooms-ack-binary': 'Socket.IO: a room, an ack, a picture',
  'socketio-python-websocket': 'Socket.IO from Python',
  'socketio-js-upgrade': 'Socket.IO: polling, then WebSocket',
  'socketio-events': 'Socket.IO: events and answers, lab 15',
  'socketio-who-hears': 'Socket.IO: who hears what, lab 16',
  'socketio-namespaces': 'Socket.IO: namespaces, lab 17',
  'tcp-echo': 'TCP: ten writes to an echo, lab 02',
  'recv-exactly': 'TCP: reads of four bytes, lab 03',
  'http-by-hand': 'HTTP by hand, lab 05',
  relay: 'TCP: a relay, lab 06',
  'tcp-chat': 'TCP: a chat, lab 07',
  'tls13-curl': 'TLS 1.3 from curl',
  'tls12-openssl': 'TLS 1.2 from OpenSSL',
}

const ids = [...Object.keys(here), ...Object.keys(elsewhere)].map((file) =>
  file.slice(folder.length + 1, -'.json'.length),
)

/** The recordings that come with the page, in groups. */
export const recordings: { label: string; recordings: { id: string; title: string }[] }[] = [
  {
    label: 'Recordings',
    recordings: ids
      .filter((id) => !/^(client|server)-/.test(id))
      .sort(byRank)
      .map(titled),
  },
  {
    label: 'Broken by the client',
    recordings: ids
      .filter((id) => id.startsWith('client-'))
      .sort()
      .map(titled),
  },
  {
    label: 'Broken by the server',
    recordings: ids
      .filter((id) => id.startsWith('server-'))
      .sort()
      .map(titled),
  },
]

function titled(id: string): { id: string; title: string } {
  const words = id.replace(/^(client|server)-/, '').replaceAll('-', ' ')
  return { id, title: titles[id] ?? words.charAt(0).toUpperCase() + words.slice(1) }
}

function byRank(a: string, b: string): number {
  const rank = (id: string) => (Object.keys(titles).indexOf(id) + 1000) % 1000
  return rank(a) - rank(b) || a.localeCompare(b)
}

export function isRecording(id: string | null): id is string {
  return id !== null && ids.includes(id)
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
  const load = elsewhere[`${folder}/${id}.json`]
  const recording = recordingNow(id) ?? (load && parse(id, await load()))
  if (recording) return recording
  throw new Error(`recording: expected one of ${ids.join(', ')}, received ${id}`)
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
