import * as v from 'valibot'
import type { Channel } from '../../wire/formats/channel.ts'
import type { ShownSession } from '../session/session.ts'
import { overview, type SessionState } from '../session/state.ts'
import type { LabView, PageCommand, PageMessage } from '../session/views.ts'

/** What may wait for a page that does not read, in bytes; a page beyond that is cut off, and connects again. */
const maxBacklogBytes = 4 * 1024 * 1024

const commandNames = ['hint', 'diff', 'reset', 'undo', 'take', 'run', 'show'] as const
const commandText: v.GenericSchema<string, PageCommand> = v.pipe(
  v.string(),
  v.parseJson(),
  v.union([
    v.object({ command: v.picklist(commandNames), lab: v.string() }),
    v.object({ command: v.literal('open'), place: v.string() }),
  ]),
)

/**
 * One page on `/grade`: it is told every view that changes, and its buttons are commands.
 *
 * @param openEditor opens a place of a lab, `labs/12-ws-frames/frame.ts:44`, or leaves it alone
 */
export function serveGrading(session: ShownSession, channel: Channel, openEditor: (place: string) => void): void {
  const sent = new Map<string, LabView>()
  let labs = ''

  const tell = (state: SessionState) => {
    if (channel.bufferedAmount > maxBacklogBytes) return channel.end()
    const progress = overview(state)
    if (JSON.stringify(progress) !== labs) send({ type: 'overview', labs: progress })
    labs = JSON.stringify(progress)
    for (const [stem, lab] of Object.entries(state.views)) {
      if (sent.get(stem) === lab || !state.runs[stem]) continue
      sent.set(stem, lab)
      send({ type: 'lab', lab })
    }
  }
  const send = (message: PageMessage) => channel.send(JSON.stringify(message))

  channel.onClose(session.on(tell))
  channel.onMessage((text) => {
    // Anything else comes from a page of another version, or from none of ours.
    const command = v.safeParse(commandText, text)
    if (!command.success) channel.refuse('expected a command of the workbook')
    else if (command.output.command === 'open') openEditor(command.output.place)
    else session.put({ type: 'command', ...command.output })
  })
  tell(session.state)
}
