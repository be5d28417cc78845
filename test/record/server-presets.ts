import type { Socket } from 'node:net'
import { encode } from '../../workbook/view/encoder.ts'
import { type Preset, presets } from '../../workbook/view/experiments.ts'
import { judgeAnswers } from '../../workbook/view/verdicts.ts'
import { Opcode } from '../../workbook/wire/websocket/opcode.ts'
import type { TestPage } from './page.ts'
import { isClose, noteOf } from './presets.ts'
import { acceptingServer } from './servers.ts'
import type { Session } from './session.ts'
import { switching } from './websocket.ts'

/** A preset, or a handshake that is wrong. */
export type Wrong = Pick<Preset, 'id' | 'title' | 'must' | 'expected' | 'bytes' | 'end'> & {
  answer?: (secWebSocketKey: string) => string
}

const handshakes: Wrong[] = [
  {
    id: 'server-wrong-accept',
    title: 'A wrong Sec-WebSocket-Accept',
    must: 'The browser fails the connection (§4.1); the page sees 1006, and only the console says why.',
    expected: { end: true },
    bytes: new Uint8Array(),
    answer: () => switching('not the key'),
  },
  {
    id: 'server-status-200',
    title: 'Status 200 instead of 101',
    must: 'The browser fails the connection (§4.1); the page sees 1006, and only the console says why.',
    expected: { end: true },
    bytes: new Uint8Array(),
    answer: () => 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',
  },
]

/** Everything that a server may do wrong after a right handshake, and two handshakes. */
export const serverWrongs: Wrong[] = [
  ...presets
    .filter(({ by, answer }) => by === 'server' && answer === undefined)
    .map(({ answer: _, ...preset }) => preset),
  ...handshakes,
]

/** What a server may do wrong, and what a browser answers. */
export function serverPresets(page: TestPage): Session[] {
  return serverWrongs.map((wrong) => {
    let server: Socket | undefined
    return {
      id: wrong.id,
      client: page.name,
      server: 'raw bytes',
      protocol: 'websocket',
      listen: () =>
        acceptingServer(wrong.answer ?? switching, (socket) => {
          server = socket
          if (wrong.bytes.length > 0) socket.write(wrong.bytes)
          if (wrong.end === 'fin') socket.end()
          if (wrong.end === 'rst') socket.resetAndDestroy()
        }),
      async talk(tap) {
        const seen = page.visit(`ws://127.0.0.1:${tap.port}`)
        const answers = () => tap.first?.said('c2s') ?? []
        const over = () => tap.connections.length > 0 && tap.first.open === 0
        await tap.until('an answer', () => over() || judgeAnswers(wrong.expected, answers()) !== 'open')
        if (!over() && 'frames' in wrong.expected) {
          server?.write(encode({ opcode: Opcode.close, payload: Uint8Array.of(0x03, 0xe8) }))
          await tap.until('the close frame', () => answers().some(isClose))
        }
        server?.end()
        await tap.ended()
        return `${noteOf(wrong, answers())} The page saw: ${(await seen).join(', ')}.`
      },
    }
  })
}
