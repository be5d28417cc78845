import { once } from 'node:events'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { serveGrading } from '../../workbook/grade/report/page-channel.ts'
import type { Input, SessionState } from '../../workbook/grade/session/state.ts'
import type { PageMessage } from '../../workbook/grade/session/views.ts'
import { mirrorProtocol, tokenProtocol } from '../../workbook/wire/formats/mirror-messages.ts'
import { originOf, startLab, within } from '../server/support.ts'
import { Table } from './session-table.ts'

/** A lab server whose `/grade` belongs to a session on paper. */
async function open() {
  const table = new Table()
  const listeners = new Set<(state: SessionState) => void>()
  const session = {
    get state() {
      return table.state
    },
    put(input: Input) {
      table.put(input)
      for (const listener of listeners) listener(table.state)
    },
    on(listener: (state: SessionState) => void) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
  const lab = await startLab()
  const opened: string[] = []
  lab.attach('/grade', (channel) => serveGrading(session, channel, (place) => opened.push(place)))
  return { table, session, lab, listeners, opened }
}

/** The messages of a page, in order. */
function page(port: number, token: string, { from = originOf(port), host = `127.0.0.1:${port}` } = {}) {
  const protocols = [mirrorProtocol, tokenProtocol(token)]
  const socket = new WebSocket(`ws://127.0.0.1:${port}/grade`, protocols, { origin: from, headers: { Host: host } })
  const messages: PageMessage[] = []
  let news = () => {}
  socket.on('message', (data) => {
    messages.push(JSON.parse(String(data)))
    news()
  })
  const next = async () => {
    while (messages.length === 0) await within(new Promise<void>((resolve) => (news = resolve)), 'a message')
    return messages.shift()!
  }
  return { socket, next }
}

test('a page is told the overview, every graded lab, and then what changes', async () => {
  const { table, session, lab } = await open()
  table.grade(['long'])
  const { socket, next } = page(lab.port, lab.token)
  const overview = await next()
  expect(overview).toMatchObject({ type: 'overview', labs: [{ stem: '12-frames', passed: 2, checks: 3 }, {}] })
  expect(await next()).toMatchObject({ type: 'lab', lab: { stem: '12-frames', help: { ready: 1, hints: [] } } })

  session.put({ type: 'command', command: 'hint' })
  expect(await next()).toMatchObject({ type: 'lab', lab: { help: { hints: ['look at long'] } } })
  table.grade([])
  socket.send(JSON.stringify({ command: 'run', lab: '12-frames' }))
  expect(await next()).toMatchObject({ type: 'overview', labs: [{ done: true }, {}] })
  expect(await next()).toMatchObject({ type: 'lab', lab: { green: true } })
  expect(table.effects).toEqual([{ do: 'run', lab: '12-frames' }])
})

test('two pages see the same, and one that leaves is forgotten', async () => {
  const { table, lab, listeners } = await open()
  table.grade(['long'])
  const [one, two] = [page(lab.port, lab.token), page(lab.port, lab.token)]
  for (const { next } of [one, two]) {
    await next()
    await next()
  }
  one.socket.send(JSON.stringify({ command: 'hint', lab: '12-frames' }))
  const views = [await one.next(), await two.next()]
  expect(views[0]).toEqual(views[1])
  one.socket.close()
  await once(one.socket, 'close')
  expect(listeners.size).toBe(1)
})

test.each(['reset', 'undo', 'redo', 'take'])('the button %s is a command', async (command) => {
  const { table, lab } = await open()
  table.grade([])
  const { socket, next } = page(lab.port, lab.token)
  await next()
  await next()
  socket.send(JSON.stringify({ command, lab: '12-frames' }))
  await next()
  expect(table.effects).toEqual([{ do: command, lab: '12-frames' }])
})

test.each([
  { name: 'no JSON', text: 'hint' },
  { name: 'an unknown command', text: '{"command":"quit","lab":"12-frames"}' },
  { name: 'no lab', text: '{"command":"reset"}' },
  { name: 'null', text: 'null' },
  { name: 'a list', text: '[]' },
])('$name ends the channel and writes nothing', async ({ text }) => {
  const { table, lab } = await open()
  const { state } = table
  const { socket, next } = page(lab.port, lab.token)
  await next()
  socket.send(text)
  const [code] = await once(socket, 'close')
  expect([code, table.state]).toEqual([1008, state])
})

test.each([
  { name: 'without the token', token: '0'.repeat(32), status: 401 },
  { name: 'of a foreign page', page: { from: 'http://evil.test' }, status: 403 },
  { name: 'of a sandboxed frame', page: { from: 'null' }, status: 403 },
  { name: 'through a rebound name', page: { host: 'rebind.test' }, status: 403 },
])('a channel $name is refused, so nobody else resets a lab', async ({ token, page: who, status }) => {
  const { lab, listeners } = await open()
  const { socket } = page(lab.port, token ?? lab.token, who)
  socket.on('error', () => {}) // ws complains that it never opened
  const [, response] = await once(socket, 'unexpected-response')
  expect(response.statusCode).toBe(status)
  expect(listeners.size).toBe(0)
  response.destroy()
})

test('a place of a lab is opened in the editor, and only there', async () => {
  const { lab, opened } = await open()
  const { socket, next } = page(lab.port, lab.token)
  await next()
  socket.send(JSON.stringify({ command: 'open', place: 'labs/12-frames/frame.ts:44' }))
  await expect.poll(() => opened).toEqual(['labs/12-frames/frame.ts:44'])
})
