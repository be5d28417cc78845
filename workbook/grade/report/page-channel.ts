import type { RawData, WebSocket } from 'ws'
import type { Session } from '../session/session.ts'
import { overview, type SessionState } from '../session/state.ts'
import type { LabView, PageCommand, PageMessage } from '../session/views.ts'

/** What may wait for a page that does not read, in bytes; a page beyond that is cut off, and connects again. */
const maxBacklogBytes = 4 * 1024 * 1024

const commands: PageCommand['command'][] = ['hint', 'diff', 'reset', 'undo', 'take', 'run', 'show']

/** One page on `/grade`: it is told every view that changes, and its buttons are commands. */
export function serveGrading(watch: Pick<Session, 'state' | 'put' | 'on'>, socket: WebSocket): void {
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

  socket.on('close', watch.on(tell))
  socket.on('message', (data, binary) => {
    const command = binary ? undefined : parseCommand(data)
    if (command) watch.put({ type: 'command', ...command })
    else socket.close(1008, 'expected a command of the workbook')
  })
  tell(watch.state)
}

/** @returns `undefined` for anything else: only a page of another version, or none of ours, would send it */
function parseCommand(data: RawData): PageCommand | undefined {
  try {
    const { command, lab } = JSON.parse(String(data)) as Partial<PageCommand>
    if (command !== undefined && commands.includes(command) && typeof lab === 'string') return { command, lab }
  } catch {
    // Not JSON: as wrong as an unknown command.
  }
}
