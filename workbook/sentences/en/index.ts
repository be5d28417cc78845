import type { Catalogue } from '../catalogue.ts'
import { briefSentences } from './briefs.ts'
import { byteSentences } from './bytes.ts'
import { gradeCommands } from './grade-commands.ts'
import { gradeRun } from './grade-run.ts'
import { gradeSession } from './grade-session.ts'
import { gradeTerminal } from './grade-terminal.ts'
import { httpSentences } from './http.ts'
import { labSentences } from './labs.ts'
import { layerSentences } from './layers.ts'
import { respSentences } from './resp.ts'
import { serverSentences } from './server.ts'
import { socketioSentences } from './socketio.ts'
import { tlsSentences } from './tls.ts'
import { websocketSentences } from './websocket.ts'
import { websocketFieldSentences } from './websocket-fields.ts'
import { websocketHandshakeSentences } from './websocket-handshake.ts'
import { websocketMistakeSentences } from './websocket-mistakes.ts'

/** Everything that the workbook says to a reader, in English. */
export const english: Catalogue = {
  ...websocketSentences,
  ...websocketFieldSentences,
  ...websocketHandshakeSentences,
  ...websocketMistakeSentences,
  ...briefSentences,
  ...byteSentences,
  ...httpSentences,
  ...tlsSentences,
  ...respSentences,
  ...serverSentences,
  ...socketioSentences,
  ...labSentences,
  ...layerSentences,
  ...gradeCommands,
  ...gradeRun,
  ...gradeSession,
  ...gradeTerminal,
}
