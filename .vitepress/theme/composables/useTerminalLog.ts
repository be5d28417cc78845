import { TerminalLog, type TerminalProtocol } from '../../../workbook/view/terminal-log.ts'
import type { Recording } from '../../../workbook/wire/formats/recording.ts'
import type { Chunk } from '../../../workbook/wire/model/chunk.ts'
import { useChanges } from './useChanges.ts'

/** What some clients and their server said to each other: the chunks, and what each client said and heard. */
export function useTerminalLog(clients: number, protocol: TerminalProtocol) {
  const { changed, read } = useChanges()
  const log = new TerminalLog(clients, protocol, changed)
  return {
    passed: read(() => log.passed),
    /** the lines of each client */
    lines: read(() => log.lines),
    push: (client: number, chunk: Chunk, time: number) => log.push(client, chunk, time),
    clear: (client: number) => log.clear(client),
    play: (recording: Recording) => log.play(recording),
  }
}
