import { recordingMenu } from '../../../workbook/view/recording-menu.ts'
import { type Recording, readRecording } from '../../../workbook/wire/formats/recording.ts'
import type { Chunk } from '../../../workbook/wire/model/chunk.ts'

const folder = '../../../workbook/wire/formats/recordings'
// The small ones are part of the page, so that there is something to see before and without any script.
const here = import.meta.glob<string>(
  [
    '../../../workbook/wire/formats/recordings/*.json',
    '!../../../workbook/wire/formats/recordings/{ws-python-websocket-client,socketio-who-hears,redis-rooms}.json',
    '!../../../workbook/wire/formats/recordings/{client,server}-*.json',
  ],
  { query: '?raw', import: 'default', eager: true },
)
const elsewhere = import.meta.glob<string>(
  [
    '../../../workbook/wire/formats/recordings/{ws-python-websocket-client,socketio-who-hears,redis-rooms}.json',
    '../../../workbook/wire/formats/recordings/{client,server}-*.json',
  ],
  { query: '?raw', import: 'default' },
)

const ids = [...Object.keys(here), ...Object.keys(elsewhere)].map((file) =>
  file.slice(folder.length + 1, -'.json'.length),
)

/** The recordings that come with the page, in groups. */
export const recordings = recordingMenu(ids)

/** Whether there is a recording of that name. */
export function isRecording(id: string | null): id is string {
  return id !== null && ids.includes(id)
}

/** A recording that is part of the page; `undefined` when it has to be loaded first. */
export function recordingNow(id: string): Recording | undefined {
  const json = here[`${folder}/${id}.json`]
  return json === undefined ? undefined : parse(id, json)
}

/** Brings a recording. @throws {Error} when there is none of that name */
export async function loadRecording(id: string): Promise<Recording> {
  const load = elsewhere[`${folder}/${id}.json`]
  const recording = recordingNow(id) ?? (load && parse(id, await load()))
  if (recording) return recording
  throw new Error(`recording: expected one of ${ids.join(', ')}, received ${id}`)
}

/** @throws {Error} when it is not one */
function parse(id: string, json: string): Recording {
  const parsed = readRecording(json)
  if ('error' in parsed) throw new Error(`recording ${id}: ${parsed.error}`)
  return parsed.recording
}

/** The chunks of all connections, one connection after another. */
export function chunksOf(recording: Recording): Chunk[] {
  return recording.connections.flat()
}
