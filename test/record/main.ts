// npm run recordings [ID …]: records the built-in recordings afresh, all or those that are named.
import { writeFileSync } from 'node:fs'
import { closeAll, takeNotes } from '../../workbook/grade/checks/lifetime.ts'
import { redis } from '../../workbook/grade/checks/peers/redis.ts'
import { writeRecording } from '../../workbook/wire/formats/recording.ts'
import { clientPresets } from './client-presets.ts'
import { labSessions } from './labs.ts'
import { openTestPage } from './page.ts'
import { redisSession } from './redis.ts'
import { seedSession } from './seed.ts'
import { serverPresets } from './server-presets.ts'
import { record } from './session.ts'
import { sioSessions } from './sio-labs.ts'
import { socketioSession } from './socketio.ts'
import { websocketSessions } from './websocket.ts'

const page = await openTestPage()
if (!page) console.log('No browser was found, so the recordings of what a server does wrong stay as they are.')
const sessions = [...labSessions, ...sioSessions, ...websocketSessions, socketioSession, seedSession, ...clientPresets]
if (page) sessions.push(...serverPresets(page))
const address = await redis()
if (address === undefined) console.log(`The recording of Redis stays as it is: ${takeNotes().join(' ')}`)
else sessions.push(redisSession(address))

const wanted = process.argv.slice(2)
const unknown = wanted.find((id) => !sessions.some((session) => session.id === id))
if (unknown) {
  console.error(`${unknown}: expected one of ${sessions.map(({ id }) => id).join(', ')}`)
  process.exitCode = 1
}

for (const session of unknown ? [] : sessions) {
  if (wanted.length > 0 && !wanted.includes(session.id)) continue
  const recording = await record(session)
  writeFileSync(
    new URL(`../../workbook/wire/formats/recordings/${session.id}.json`, import.meta.url),
    writeRecording(recording),
  )
  console.log(`${session.id}: ${recording.note}`)
}
await page?.close()
await closeAll()
