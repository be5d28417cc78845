import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { hexBytes } from '../../workbook/grade/checks/compare-bytes.ts'
import type { Unit } from '../../workbook/wire/model/unit.ts'
import { Conversation } from '../../workbook/wire/stream/conversation.ts'
import { opcodeName } from '../../workbook/wire/websocket/opcode.ts'
import { framePayload } from '../../workbook/wire/websocket/unit.ts'
import { openTestPage, type TestPage } from '../record/page.ts'
import { acceptingServer } from '../record/servers.ts'
import { switching } from '../record/websocket.ts'

// The table of chapter 13, row by row: what the page of a real browser is told, and what the browser says on the wire.
const found = inject('browser')

interface Wrong {
  /** what the server writes after its answer, in hex */
  bytes?: string
  /** to the handshake. Default: the right one */
  answer?: (secWebSocketKey: string) => string
  /** what the server does then. Default: nothing, before the browser has ended TCP */
  end?: 'goodbye' | 'fin' | 'rst'
}

/** By the first cell of the row; several where the row says “or”. */
const wrongs: Record<string, Wrong[]> = {
  'a ping `p`': [{ bytes: '89 01 70', end: 'goodbye' }],
  'a pong that nobody asked for': [{ bytes: '8a 00', end: 'goodbye' }],
  '`01 "Hel"`, a ping `p`, `80 "lo"`': [{ bytes: '01 03 48 65 6c 89 01 70 80 02 6c 6f', end: 'goodbye' }],
  'a masked frame': [{ bytes: '81 85 37 fa 21 3d 7f 9f 4d 51 58' }],
  RSV2: [{ bytes: 'a1 00' }],
  'opcode 3': [{ bytes: '83 00' }],
  'text that is not UTF-8': [{ bytes: '81 01 ff' }],
  'a continuation of nothing': [{ bytes: '80 00' }],
  'a fragmented ping, one of 126 bytes, or length 2 in 16 bits': [
    { bytes: '09 00' },
    { bytes: `89 7e 00 7e ${'70 '.repeat(126)}` },
    { bytes: '81 7e 00 02 68 69' },
  ],
  'close 1005, or a close of one byte': [{ bytes: '88 02 03 ed' }, { bytes: '88 01 03' }],
  'close 1000 “bye”, and leaves TCP open': [{ bytes: '88 05 03 e8 62 79 65' }],
  'FIN, no close frame': [{ end: 'fin' }],
  RST: [{ end: 'rst' }],
  'a wrong Accept, or status 200': [
    { answer: () => switching('another key') },
    { answer: () => 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n' },
  ],
}

const chapter = readFileSync(new URL('../../docs/13-ws-server.md', import.meta.url), 'utf8')
const rows = chapter
  .slice(chapter.indexOf('| the server sends |'))
  .split('\n\n')[0]!
  .split('\n')
  .slice(2)
  .map((row) => row.slice(2, -2).split(' | ') as [sends: string, told: string, says: string])

describe.skipIf(!found)('what the browser does not tell you', () => {
  let page: TestPage
  beforeAll(async () => {
    page = (await openTestPage())!
  })
  afterAll(() => page.close())

  test('each row of the chapter is played', () => {
    expect(rows.map(([sends]) => sends)).toEqual(Object.keys(wrongs))
  })

  test.each(rows)('%s', async (sends, told, says) => {
    for (const wrong of wrongs[sends] ?? []) expect(await play(page, wrong)).toEqual([told, says])
  })
})

/** @returns what the page was told, and what the browser said, before the server ended what was still open */
async function play(page: TestPage, { bytes = '', answer = switching, end }: Wrong): Promise<[string, string]> {
  const said: string[] = []
  let finish = (): void => {}
  let closed: Promise<unknown> | undefined
  let answered = (): void => {}
  const closeFrame = new Promise<void>((resolve) => {
    answered = resolve
  })
  const server = await acceptingServer(answer, (socket) => {
    const wire = new Conversation({ start: 'websocket' })
    socket.on('data', (chunk) => {
      const units = wire.push({ connection: 1, direction: 'c2s', sequence: 0, time: 0, bytes: chunk })
      said.push(...units.map(shown))
      if (said.at(-1)?.startsWith('close')) answered()
    })
    socket.on('end', () => said.push('FIN'))
    finish = () => socket.end()
    closed = once(socket, 'close')
    socket.write(hexBytes(bytes))
    if (end === 'goodbye') socket.write(hexBytes('88 02 03 e8'))
    if (end === 'fin') socket.end()
    if (end === 'rst') socket.resetAndDestroy()
  })
  try {
    let over = false
    const visit = page.visit(`ws://127.0.0.1:${server.port}`).then((events) => {
      over = true
      return events
    })
    await Promise.race([visit, closeFrame])
    // Long enough for another WebSocket to come and go: a browser that has not ended by then waits for our FIN.
    if (!over && end === undefined) await page.visit('ws://127.0.0.1:1')
    const waits = !over
    const saidSoFar = [...said]
    finish()
    const events = await visit
    await closed
    if (end === 'goodbye') return [list(events.slice(0, -1)), list(said.slice(0, said.indexOf('close 1000')))]
    return waits ? ['nothing yet', list(saidSoFar)] : [list(events), list(said)]
  } finally {
    server.close()
  }
}

function shown(unit: Unit): string {
  if (unit.kind !== 'frame' || !unit.header) return unit.kind
  const { close } = unit.message ?? {}
  const text = close ? close.reason : new TextDecoder().decode(framePayload(unit))
  const name = close ? `close ${close.code}` : opcodeName(unit.header.opcode)
  return text ? `${name} “${text}”` : name
}

function list(parts: string[]): string {
  return parts.length > 0 ? parts.join(', ') : 'nothing'
}
