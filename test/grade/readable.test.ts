import { expect, test } from 'vitest'
import type { Difference, GradeEvent } from '../../workbook/grade/checks/events.ts'
import { jsonReport, junitReport } from '../../workbook/grade/report/reports.ts'
import { resultOf } from '../../workbook/grade/report/result.ts'
import { fullLines } from '../../workbook/grade/report/result-lines.ts'
import { readable } from '../../workbook/grade/run/readable.ts'

/** Clears a screen, sets a title, and writes from right to left. */
const nasty = '\u001b[2J\u009b1m\u001b]0;title\u0007\u202e\u0000\u007f'
const huge = 'ab'.repeat(2_500_000)
const lab = '12-ws-frames'
const check = { id: 'a', title: 'a frame', todo: [1], anchor: 'a', rule: 'RFC 1' }

const differences: Difference[] = [
  { shape: 'state', summary: nasty, details: `${nasty}\r\nsecond line` },
  { shape: 'state', summary: huge, details: huge },
  { shape: 'timeline', summary: nasty, steps: [{ time: 1, who: 'you', what: nasty + huge }] },
  {
    shape: 'bytes',
    summary: nasty,
    want: '00',
    got: huge,
    at: 0,
    fields: [{ name: nasty, first: 0, last: 0, want: nasty, got: huge }],
  },
]

test.each(differences)('nothing that a lab says reaches a reader raw or whole: $shape', (difference) => {
  const failure = { action: nasty + huge, received: nasty + huge, difference, where: nasty, rule: nasty }
  const printed = { start: `${nasty}\nsecond`, leftOut: 7, end: nasty }
  const said: GradeEvent[] = [
    { type: 'start', lab, checks: [check] },
    { type: 'check', lab, id: 'a', state: 'failed', milliseconds: 1, failure, notes: [nasty + huge], printed },
    { type: 'end', lab, passed: 0, failed: 1, milliseconds: 2, problem: failure, printed },
  ]
  const events = said.map(readable)
  const result = resultOf(lab, 'Frames', events)
  for (const text of [
    JSON.stringify(events),
    jsonReport([result], 'labs', '2026-01-02T03:04:05.000Z'),
    junitReport([result], '2026-01-02T03:04:05.000Z'),
    fullLines(result).join('\n'),
  ]) {
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]|\\u00[01]|\ufffd/)
    expect(text.length).toBeLessThan(60_000)
    expect(text).toContain('␛[2J')
  }
})

test('a line stays a line, and a text keeps its lines', () => {
  const failure = {
    action: 'a\nb',
    received: 'c\r\nd',
    difference: { shape: 'state' as const, summary: 'e\nf', details: 'g\r\nh\ti' },
  }
  const event = readable({ type: 'end', lab, passed: 0, failed: 0, milliseconds: 0, problem: failure })
  expect(event).toMatchObject({
    problem: { action: 'a␊b', received: 'c␍␊d', difference: { summary: 'e␊f', details: 'g\nh␉i' } },
  })
})

test('a cut leaves no half of a character', () => {
  const received = `x${'😀'.repeat(1000)}`
  const failure = { action: '', received, difference: { shape: 'state' as const, summary: '' } }
  const event = readable({ type: 'end', lab, passed: 0, failed: 0, milliseconds: 0, problem: failure })
  expect(event).toMatchObject({ problem: { received: `x${'😀'.repeat(149)} … (2,001 characters)` } })
})
