import { PassThrough } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { commandsOf } from '../../workbook/grade/report/keys.ts'
import { LiveScreen } from '../../workbook/grade/report/live-screen.ts'
import { colour, noColour, paintFor } from '../../workbook/grade/report/paint.ts'
import { PlainLog } from '../../workbook/grade/report/plain-log.ts'
import type { Input, SessionState } from '../../workbook/grade/session/state.ts'
import { Table } from './session-table.ts'

/** A session without files, a keyboard and a terminal that writes down what it is sent. */
function desk() {
  const table = new Table()
  const listeners = new Set<(state: SessionState) => void>()
  const put = (input: Input) => {
    table.put(input)
    for (const listener of listeners) listener(table.state)
  }
  const session = {
    get state() {
      return table.state
    },
    put,
    on(listener: (state: SessionState) => void) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
  const raw: boolean[] = []
  const input = Object.assign(new PassThrough(), { setRawMode: (on: boolean) => raw.push(on) })
  const output = Object.assign(new PassThrough(), { columns: 80, rows: 24 })
  const written = () => String(output.read() ?? '')
  const tell = () => {
    for (const listener of listeners) listener(table.state)
  }
  return { table, session, input, output, written, raw, listeners, tell }
}

describe('keys', () => {
  test.each([
    { typed: 'h', commands: [{ command: 'hint' }] },
    { typed: 'HD', commands: [{ command: 'hint' }, { command: 'diff' }] },
    { typed: '\r', commands: [{ command: 'run' }] },
    { typed: '\x03', commands: [{ command: 'quit' }] },
    {
      typed: '08',
      commands: [
        { command: 'digit', digit: '0' },
        { command: 'digit', digit: '8' },
      ],
    },
    { name: 'arrow up', typed: '\x1b[A', commands: [] },
    { name: 'F1', typed: '\x1bOP', commands: [] },
    { name: 'Ctrl-arrow, then r', typed: '\x1b[1;5Cr', commands: [{ command: 'reset' }] },
    { typed: 'uy', commands: [{ command: 'undo' }, { command: 'redo' }] },
    { typed: 'xz ?', commands: [] },
  ])('%j', ({ typed, commands }) => expect(commandsOf(typed)).toEqual(commands))
})

describe('the screen on a terminal', () => {
  test('is drawn once, and again only when it differs', () => {
    const { session, input, output, written, table, tell } = desk()
    const shown = new LiveScreen(session, input, output, noColour)
    expect(written()).toContain('12 The frames')
    tell()
    expect(written()).toBe('')
    table.grade(['long'])
    tell()
    expect(written()).toContain('✗ a long frame')
    output.emit('resize')
    expect(written()).toContain('✗ a long frame')
    shown.setSite('http://localhost:5173')
    expect(written()).toContain('http://localhost:5173/frames')
    shown.close()
  })

  test('takes single keys, and gives the terminal back', async () => {
    const { session, input, output, written, raw, table, listeners } = desk()
    const shown = new LiveScreen(session, input, output, noColour)
    table.grade(['long'])
    input.write('h')
    await new Promise(setImmediate)
    expect(written()).toContain('hint 1  look at long')
    shown.close()
    expect(raw).toEqual([true, false])
    expect(written()).toMatch(/\x1b\[\?25h$/)
    expect([listeners.size, output.listenerCount('resize'), input.listenerCount('data')]).toEqual([0, 0, 0])
  })

  test('what is said about other things stands together', () => {
    const { session, input, output, table } = desk()
    const shown = new LiveScreen(session, input, output, noColour)
    shown.say('Port 5173 is taken, so the site is on 5174.')
    shown.say('Port 7070 is taken, so the lab server listens on 7071.')
    expect(table.notice).toMatch(/5174\. Port 7070/)
    shown.close()
  })

  test('what the start had to say stays when other things are said', () => {
    const { session, input, output, table } = desk()
    table.put({ type: 'notice', notice: ['progress.json could not be read.'] })
    const shown = new LiveScreen(session, input, output, noColour)
    shown.say('Port 5173 is taken, so the site is on 5174.')
    expect(table.notice).toBe('progress.json could not be read. Port 5173 is taken, so the site is on 5174.')
    shown.close()
  })
})

describe('lines for a pipe', () => {
  test('are appended, without colour or cursor, and commands come as lines', async () => {
    const { session, input, output, written, table, tell, raw } = desk()
    const shown = new PlainLog(session, input, output)
    shown.setSite('http://localhost:5173')
    expect(written()).toBe('Wirebook  12 The frames\nOpen http://localhost:5173/frames\n')
    table.put({ type: 'grading', lab: '12-frames', version: 'a', at: 0, savedAt: 0, hints: {} })
    tell()
    table.grade(['long'], { version: 'a' })
    tell()
    input.write('h')
    input.write('\nl\n')
    await new Promise(setImmediate)
    const text = written()
    expect(text).toContain('✗ a long frame')
    expect(text).toContain('hint 1  look at long')
    expect(text).toContain('Type the two digits of a lab, and Enter.')
    expect(text).not.toContain('\x1b')
    expect(raw).toEqual([])
    shown.close()
  })

  test('begin with what the start had to say', () => {
    const { session, input, output, written, table } = desk()
    table.put({ type: 'notice', notice: ['progress.json could not be read.'] })
    const shown = new PlainLog(session, input, output)
    expect(written()).toBe('Wirebook  12 The frames\nprogress.json could not be read.\n')
    shown.close()
  })

  test('an empty line grades now', async () => {
    const { session, input, output, table } = desk()
    const shown = new PlainLog(session, input, output)
    input.write('\r\n')
    await new Promise(setImmediate)
    expect(table.effects).toEqual([{ do: 'run', lab: '12-frames' }])
    shown.close()
  })
})

test.each([
  { name: 'colours', env: {}, paint: colour },
  { name: 'none with NO_COLOR', env: { NO_COLOR: '1' }, paint: noColour },
  { name: 'colours with an empty NO_COLOR', env: { NO_COLOR: '' }, paint: colour },
  { name: 'none on a dumb terminal', env: { TERM: 'dumb' }, paint: noColour },
])('$name', ({ env, paint }) => expect(paintFor(env)).toBe(paint))
