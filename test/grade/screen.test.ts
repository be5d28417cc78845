import { describe, expect, test } from 'vitest'
import { clip, spread, wrap } from '../../workbook/grade/report/columns.ts'
import { colour, noColour } from '../../workbook/grade/report/paint.ts'
import { newLines } from '../../workbook/grade/report/plain-log.ts'
import { screen } from '../../workbook/grade/report/screen.ts'
import { createSessionState } from '../../workbook/grade/session/state.ts'
import { ordinal } from '../../workbook/sentences/en/grade-terminal.ts'
import { failure, ids, lab, Table } from './session-table.ts'

const site = 'http://localhost:5173'

function shown({ state }: Table, rows = 24): string[] {
  return screen(state, site, { columns: 80, rows }, noColour)
}

describe('the screen', () => {
  test('opens the first failing check, and counts the rest', () => {
    const table = new Table()
    table.grade(['long', 'masked'])
    expect(shown(table).join('\n')).toMatchInlineSnapshot(`
      " Wirebook  12 The frames                      □□□□□□□□□□  labs 0/2   checks 1/3 

       ✓ a short frame                                                           2 ms 
       ✗ a long frame                                                            2 ms 
       · 1 more check for later

         labs/12-frames/frame.ts:14   RFC 6455 §5.2
         first difference at byte 2: want 00, got 61
         byte 2 is in "extendedPayloadLength" (bytes 2-3): want 126, got 24929

           we  encodeFrame of 126 bytes

           want 0000  81 7e 00 7e 61           |.~.~a|
           got  0000  81 7e 61                 |.~a|
                            ^^ ^^

         graded in 0.6 s

       h hint (1 of 3 ready)  d diff  r reset  u undo  n next  l list  ⏎ run  q quit
       http://localhost:5173/frames"
    `)
  })

  test('shows the hints that were taken, and what a key did', () => {
    const table = new Table()
    table.grade(['long'])
    table.press('hint', 'hint')
    expect(shown(table)).toEqual(
      expect.arrayContaining([
        '   hint 1  look at long',
        '   Try once with hint 1, or ask again to take the next one now.',
      ]),
    )
  })

  test('all green, it stays and says what was learned and where to go', () => {
    const table = new Table()
    table.grade([])
    expect(shown(table).join('\n')).toMatchInlineSnapshot(`
      " Wirebook  12 The frames                      ■■■■■□□□□□  labs 1/2   checks 3/3 

       ✓ a short frame                                                           2 ms 
       ✓ a long frame                                                            2 ms 
       ✓ a masked frame                                                          2 ms 

         All 3 checks pass: lab 12 is done.
         What frames are.

         Rules behind the checks: RFC 6455 §5.2.
         d shows your code beside the solution; the chapter now shows every hint.
         n goes on to 13 The server.

         graded in 0.6 s

       h hint  d diff  r reset  u undo  n next  l list  ⏎ run  q quit
       http://localhost:5173/frames"
    `)
  })

  test('offers redo after an undo', () => {
    const table = new Table()
    table.grade([])
    table.put({ type: 'wrote', lab: '12-frames', what: 'undo', changed: true })
    expect(shown(table)).toContain(' h hint  d diff  r reset  u undo  y redo  n next  l list  ⏎ run  q quit')
  })

  test('says first what a lab waits for', () => {
    const table = new Table()
    table.press('next')
    expect(shown(table).slice(2, 4).join('\n')).toMatchInlineSnapshot(`
      "   This lab builds on 12-frames, which is not done yet. Do that first, or press
         t to take the solution of 12-frames."
    `)
  })

  test('says why a lab could not be graded', () => {
    const table = new Table()
    const summary = 'labs/12-frames does not come back: look for a loop that never ends'
    table.grade([], {
      problem: { action: 'loaded it', received: 'never came back', difference: { shape: 'state', summary } },
    })
    expect(shown(table)).toContain(`   ${summary}`)
  })

  test('a long word that a lab has said stays inside the columns', () => {
    const table = new Table()
    const word = 'x'.repeat(200)
    const problem = {
      action: word,
      received: word,
      difference: { shape: 'state' as const, summary: word, details: word },
    }
    table.grade([], { problem })
    expect(Math.max(...shown(table).map((line) => line.length))).toBeLessThanOrEqual(80)
  })

  test('the list and the diff', () => {
    const table = new Table()
    table.grade([])
    table.press('list')
    expect(shown(table).join('\n')).toMatchInlineSnapshot(`
      " Wirebook  12 The frames                      ■■■■■□□□□□  labs 1/2   checks 3/3 

       > 12  The frames                                                         ✓ done
         13  The server                                                      not begun

       two digits go to that lab  l back  q quit
       http://localhost:5173/frames"
    `)
    table.press('list')
    const lines = [
      { side: 'both' as const, text: 'same' },
      { side: 'yours' as const, text: 'mine' },
      { side: 'solution' as const, text: 'theirs' },
    ]
    table.put({ type: 'diffed', lab: '12-frames', diff: [{ file: 'a.ts', lines }] })
    expect(shown(table).join('\n')).toMatchInlineSnapshot(`
      " Wirebook  12 The frames                      ■■■■■□□□□□  labs 1/2   checks 3/3 

         a.ts   - yours   + solution
           same
         - mine
         + theirs


         graded in 0.6 s

       h hint  d close diff  r reset  u undo  n next  l list  ⏎ run  q quit
       http://localhost:5173/frames"
    `)
  })

  test.each([20, 24])('fits %i rows of 80 columns, however many checks pass', (rows) => {
    const many = Array.from({ length: 30 }, (_, i) => ({
      id: `c${i}`,
      title: `check ${i}`,
      todo: [],
      anchor: '',
      rule: '',
    }))
    const table = new Table(createSessionState([lab('12-frames')], {}, '12-frames'))
    const stem = '12-frames'
    table.put({ type: 'grading', lab: stem, version: 'a', at: 0, savedAt: 0, hints: { c25: ['a', 'b', 'c'] } })
    table.put({ type: 'start', lab: stem, checks: many })
    for (const { id } of many) {
      const failed = id === 'c25'
      table.put({
        type: 'check',
        lab: stem,
        id,
        state: failed ? 'failed' : 'passed',
        milliseconds: 1,
        ...(failed && { failure }),
      })
    }
    table.put({ type: 'end', lab: stem, passed: 29, failed: 1, milliseconds: 30 })
    const lines = shown(table, rows)
    expect(lines.length).toBeLessThanOrEqual(rows)
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80)
    expect(lines).toContainEqual(expect.stringMatching(/^ ✗ check 25 /))
    expect(lines).toContainEqual(expect.stringMatching(/^ ✓ \d+ (more|checks) before/))
  })

  test('colour adds nothing but colour', () => {
    const table = new Table()
    table.grade(['long'])
    table.press('hint')
    const coloured = screen(table.state, site, { columns: 80, rows: 24 }, colour)
    expect(coloured.map((line) => line.replace(/\x1b\[\d+m/g, ''))).toEqual(shown(table))
  })
})

describe('plain output', () => {
  /** The lines that the steps of `act` add. */
  function added(table: Table, act: () => void): string[] {
    const before = table.state
    act()
    return newLines(before, table.state)
  }

  test('the failure as soon as it is known, the sum when the run has ended', () => {
    const table = new Table()
    table.put({ type: 'grading', lab: '12-frames', version: 'a', at: 0, savedAt: 0, hints: {} })
    const first = added(table, () => table.grade(['long'], { version: 'a' }))
    expect(first[1]).toBe('✗ a long frame')
    expect(first).toContain('   first difference at byte 2: want 00, got 61')
    expect(first.at(-2)).toMatch(/^✗ 12 The frames: 2 of 3 checks pass · /)
  })

  test('each hint once', () => {
    const table = new Table()
    table.grade(['long'])
    expect(added(table, () => table.press('hint'))).toEqual(['   hint 1  look at long'])
    expect(added(table, () => table.press('hint', 'hint'))).toEqual(['   hint 2  idea of long'])
  })

  test('a notice, the list, another lab', () => {
    const table = new Table()
    expect(added(table, () => table.press('hint'))).toEqual([
      'A hint belongs to a check that fails, and none does yet.',
    ])
    expect(added(table, () => table.press('list'))).toHaveLength(3)
    expect(added(table, () => table.press('next')).slice(0, 2)).toEqual(['', '13 The server'])
  })

  test('nothing when nothing happened', () => {
    const table = new Table()
    table.grade(ids)
    expect(newLines(table.state, table.state)).toEqual([])
  })
})

describe('text', () => {
  test.each([
    { name: 'between words', text: 'aa bb cc', lines: ['aa bb', 'cc'] },
    { name: 'a long word stays whole', text: 'a bbbbbbbb c', lines: ['a', 'bbbbbbbb', 'c'] },
    {
      name: 'code stays as it is',
      text: 'a\n```ts\nlong line of code\n```\nb',
      lines: ['a', 'long line of code', 'b'],
    },
    { name: 'indented lines too', text: '  long indented line', lines: ['  long indented line'] },
  ])('wraps $name', ({ text, lines }) => expect(wrap(text, 5)).toEqual(lines))

  test('clips, spreads, counts', () => {
    expect(clip('abcdef', 4)).toBe('abc…')
    expect(clip('abcd', 4)).toBe('abcd')
    expect(spread('left side', 'right', 12)).toBe('left … right')
    expect([1, 2, 3, 4, 11, 12, 13, 21, 111].map(ordinal).join(' ')).toBe('1st 2nd 3rd 4th 11th 12th 13th 21st 111th')
  })
})
