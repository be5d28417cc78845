import { Exchange, type TerminalProtocol } from '../../../workbook/view/exchange.ts'
import type { Recording } from '../../../workbook/wire/formats/recording.ts'
import type { Chunk } from '../../../workbook/wire/model/chunk.ts'
import { useChanges } from './useChanges.ts'

/** What some clients and their server said to each other: the chunks, and what each client said and heard. */
export function useExchange(clients: number, protocol: TerminalProtocol) {
  const { changed, read } = useChanges()
  const exchange = new Exchange(clients, protocol, changed)
  return {
    passed: read(() => exchange.passed),
    /** of each client */
    lines: read(() => exchange.lines),
    push: (client: number, chunk: Chunk, time: number) => exchange.push(client, chunk, time),
    clear: (client: number) => exchange.clear(client),
    play: (recording: Recording) => exchange.play(recording),
  }
}
