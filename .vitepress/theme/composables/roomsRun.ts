import { readRun } from '../../../workbook/view/rooms-run.ts'
import { readRecording } from '../../../workbook/wire/formats/recording.ts'
import whoHears from '../../../workbook/wire/formats/recordings/socketio-who-hears.json?raw'

const parsed = readRecording(whoHears)
if ('error' in parsed) throw new Error(`recording socketio-who-hears: ${parsed.error}`)

/** What chapter 16 shows while no lab runs: every call, tried on the solution. */
export const recordedRooms = parsed.recording
export const recordedRun = readRun(recordedRooms.connections)
