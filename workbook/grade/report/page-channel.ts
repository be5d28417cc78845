import * as v from 'valibot'
import type { WebSocket } from 'ws'
import type { ShownSession } from '../session/session.ts'
import { overview, type SessionState } from '../session/state.ts'
import type { LabView, PageCommand, PageMessage } from '../session/views.ts'

/** What may wait for a page that does not read, in bytes; a page beyond that is cut off, and connects again. */
const maxBacklogBytes = 4 * 1024 * 1024

const commandNames = ['hint', 'diff', 'reset', 'undo', 'redo', 'take', 'run', 'show'] as const
const commandText: v.GenericSchema<string, PageCommand> = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ command: v.picklist(commandNames), lab: v.string() }),
)

/** One page on `/grade`: it is told every view that changes, and its buttons are commands. */
export function serveGrading(session: ShownSession, socket: WebSocket): void {
  const sent = new Map<string, LabView>()
  let labs = ''

  const tell = (state: SessionState) => {
    if (socket.bufferedAmount > maxBacklogBytes) return socket.terminate()
    const progress = overview(state)
    if (JSON.stringify(progress) !== labs) send({ type: 'overview', labs: progress })
    labs = JSON.stringify(progress)
    for (const [stem, lab] of Object.entries(state.views)) {
      if (sent.get(stem) === lab || !state.runs[stem]) continue
      sent.set(stem, lab)
      send({ type: 'lab', lab })
    }
  }
  const send = (message: PageMessage) => socket.send(JSON.stringify(message))

  socket.on('close', session.on(tell))
  socket.on('message', (data, binary) => {
    // Anything else comes from a page of another version, or from none of ours.
    const command = v.safeParse(commandText, binary ? undefined : String(data))
    if (command.success) session.put({ type: 'command', ...command.output })
    else socket.close(1008, 'expected a command of the workbook')
  })
  tell(session.state)
}
