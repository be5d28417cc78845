import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { GradeEvent } from '../../workbook/grade/checks/events.ts'
import { KeptText } from '../../workbook/grade/checks/kept-text.ts'
import { root } from '../../workbook/grade/labs/tree.ts'
import { noColour } from '../../workbook/grade/report/paint.ts'
import { newLines } from '../../workbook/grade/report/plain-log.ts'
import { junitReport } from '../../workbook/grade/report/reports.ts'
import { resultOf } from '../../workbook/grade/report/result.ts'
import { fullLines } from '../../workbook/grade/report/result-lines.ts'
import { screen } from '../../workbook/grade/report/screen.ts'
import { Runner } from '../../workbook/grade/run/runner.ts'
import { proofFolder, removeProofs, writeTree } from './proof/trees.ts'
import { Table } from './session-table.ts'

// A loop is tried twice on a machine that is busy with other tests.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })

describe('a text that is kept', () => {
  const kept = (...texts: string[]) => {
    const text = new KeptText()
    for (const one of texts) text.add(one)
    return text.printed
  }

  test.each([
    { name: 'nothing', texts: [], printed: undefined },
    { name: 'a line', texts: ['a\n'], printed: { start: 'a\n', leftOut: 0, end: '' } },
    { name: 'pieces of a line', texts: ['a', 'b', '\n'], printed: { start: 'ab\n', leftOut: 0, end: '' } },
    {
      name: 'many lines: the first and the last twenty',
      texts: [Array.from({ length: 100 }, (_, i) => `line ${i}\n`).join('')],
      printed: {
        start: Array.from({ length: 20 }, (_, i) => `line ${i}`).join('\n'),
        leftOut: 481,
        end: Array.from({ length: 20 }, (_, i) => `line ${i + 80}\n`).join(''),
      },
    },
    {
      name: 'one long line: both of its ends',
      texts: ['a'.repeat(100_000), 'b'.repeat(3000)],
      printed: { start: 'a'.repeat(2000), leftOut: 99_000, end: 'b'.repeat(2000) },
    },
  ])('$name', ({ texts, printed }) => expect(kept(...texts)).toEqual(printed))

  test('counts every character of what comes in small pieces', () => {
    const { start, leftOut, end } = kept(...Array.from({ length: 100_000 }, () => '0123456789'))!
    expect(start.length + leftOut + end.length).toBe(1_000_000)
    expect(end).toBe('0123456789'.repeat(200))
  })
})

describe('what a lab prints while it is graded', () => {
  const folder = proofFolder('prints')
  let runner: Runner

  beforeAll(() => {
    write({})
    const limits = { computingMs: 1500, asleepMs: 15_000, silentMs: 60_000 }
    runner = new Runner({ labsFolder: folder, graders: join(root, 'test/grade/fixtures/graders'), limits })
  })
  afterAll(async () => {
    await runner.close()
    removeProofs()
  })

  function write({ loading = '', first = '', second = '' }): void {
    const text = `${loading}\nexport async function first() { ${first} }\nexport async function second() { ${second} }\n`
    writeTree(folder, '92-prints', new Map([['lab.ts', Buffer.from(text)]]))
  }

  async function grade(parts: Parameters<typeof write>[0]): Promise<GradeEvent[]> {
    const events: GradeEvent[] = []
    const off = runner.on((event) => events.push(event))
    write(parts)
    await runner.grade('92-prints')
    off()
    return events
  }

  test('belongs to the check that ran, or to none', async () => {
    const events = await grade({
      loading: `console.log('loading', { a: 1 })`,
      first: `console.log('one'); process.stdout.write('\\u001b[31mred'); console.error('wrong'); process.stderr.write(Buffer.from('€'))`,
      second: `await new Promise((resolve) => setTimeout(resolve, 20)); console.table([[1]]); throw new Error('no')`,
    })
    expect(events.slice(1)).toMatchObject([
      { id: 'first', printed: { start: 'one\n␛[31mredwrong\n€', leftOut: 0, end: '' } },
      { id: 'second', state: 'failed', printed: { start: expect.stringContaining('│ (index) │') } },
      { type: 'end', printed: { start: 'loading { a: 1 }\n', leftOut: 0, end: '' } },
    ])
  })

  test('is not kept for the run after', async () => {
    const events = await grade({})
    expect(events.filter((event) => event.type !== 'start' && event.printed)).toEqual([])
  })

  test('is bounded, and costs little: a gigabyte', async () => {
    const events = await grade({
      first: `const line = 'y'.repeat(9999) + '\\n'; for (let i = 0; i < 1e5; i++) process.stdout.write(line)`,
    })
    const [, first] = events
    const { start, leftOut, end } = (first as GradeEvent & { type: 'check' }).printed!
    expect(start.length + leftOut + end.length).toBe(1e9)
    expect(start.length + end.length).toBeLessThan(5000)
    expect(events.at(-1)!).toMatchObject({ passed: 2 })
  })

  test('is known although the lab never comes back, from the check or from loading', async () => {
    const inCheck = await grade({ loading: `console.log('loaded')`, second: `for (;;) console.log('round')` })
    expect(inCheck.at(-1)).toMatchObject({ printed: { start: expect.stringMatching(/^round\nround\n/) } })
    const loading = await grade({ loading: `console.log('before the loop'); for (;;);` })
    expect(loading.at(-1)).toMatchObject({ printed: { start: 'before the loop\n' } })
  })
})

describe('what was printed is shown', () => {
  const printed = { start: 'hello <lab>\n', leftOut: 1_234_567, end: 'bye\n' }
  const shown = ['your lab printed', '  │ hello <lab>', '  │ … 1,234,567 more characters …', '  │ bye']

  test('under the failing check, on the screen and in lines', () => {
    const table = new Table()
    const before = table.state
    table.grade(['long'], { printed })
    const lines = shown.map((line) => `   ${line}`)
    expect(screen(table.state, '', { columns: 80, rows: 40 }, noColour)).toEqual(expect.arrayContaining(lines))
    expect(newLines(before, table.state)).toEqual(expect.arrayContaining(lines))
  })

  test('under what could not be graded', () => {
    const table = new Table()
    table.put({ type: 'grading', lab: '12-frames', version: 'a', at: 0, savedAt: 0, hints: {} })
    const before = table.state
    const problem = { action: 'loaded', received: '', difference: { shape: 'state' as const, summary: 'no' } }
    table.grade([], { problem, printed })
    const lines = shown.map((line) => `   ${line}`)
    expect(screen(table.state, '', { columns: 80, rows: 40 }, noColour)).toEqual(expect.arrayContaining(lines))
    expect(newLines(before, table.state)).toEqual(expect.arrayContaining(lines))
  })

  test('a long text leaves room for the failure on the screen', () => {
    const table = new Table()
    table.grade(['long'], { printed: { start: 'line\n'.repeat(40), leftOut: 0, end: '' } })
    const lines = screen(table.state, '', { columns: 80, rows: 30 }, noColour)
    expect(lines.length).toBeLessThanOrEqual(30)
    expect(lines).toContain('     │ … 34 more lines …')
  })

  test('by npm run grade, and in its reports', () => {
    const check = { id: 'a', title: 'a', todo: [], anchor: '', rule: '' }
    const result = resultOf('12-frames', 'Frames', [
      { type: 'start', lab: '12-frames', checks: [check, { ...check, id: 'b', title: 'b' }] },
      { type: 'check', lab: '12-frames', id: 'a', state: 'passed', milliseconds: 1, printed },
      { type: 'check', lab: '12-frames', id: 'b', state: 'passed', milliseconds: 1 },
      { type: 'end', lab: '12-frames', passed: 2, failed: 0, milliseconds: 2, printed },
    ])
    expect(result).toMatchObject({ printed, checks: [{ printed }, {}] })
    expect(fullLines(result)).toEqual(expect.arrayContaining(['     │ hello <lab>', '   your lab printed']))
    const text = 'hello &lt;lab&gt;\n… 1,234,567 more characters …\nbye'
    const xml = junitReport([result], '2026-01-02T03:04:05.000Z')
    expect(xml).toContain(`name="a: a" time="0.001"><system-out>${text}</system-out></testcase>`)
    expect(xml).toContain(`<system-out>${text}</system-out>\n</testsuite>`)
  })
})
