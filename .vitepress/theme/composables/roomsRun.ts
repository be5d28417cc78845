import { readRecording } from '../../../workbook/wire/recording.ts'
import whoHears from '../../../workbook/wire/recordings/socketio-who-hears.json?raw'
import { readRun } from '../../../workbook/wire/rooms.ts'

const parsed = readRecording(whoHears)
if ('error' in parsed) throw new Error(`recording socketio-who-hears: ${parsed.error}`)

/** What chapter 16 shows while no lab runs: every call, tried on the solution. */
export const recordedRooms = parsed.recording
export const recordedRun = readRun(recordedRooms.connections)
