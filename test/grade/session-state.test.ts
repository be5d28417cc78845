import { describe, expect, test } from 'vitest'
import { overview } from '../../workbook/grade/session/state.ts'
import { checks, failure, hints, ids, Table } from './session-table.ts'

describe('a run', () => {
  test('keeps the old verdicts until the first new one', () => {
    const table = new Table()
    table.grade(['long'])
    table.put({ type: 'grading', lab: '12-frames', version: 'next', at: 0, savedAt: 0, hints })
    table.put({ type: 'start', lab: '12-frames', checks })
    expect(table.view.checks.map(({ state }) => state)).toEqual(['passed', 'failed', 'passed'])
    expect(table.view.running).toBe(true)

    table.put({ type: 'check', lab: '12-frames', id: 'short', state: 'passed', milliseconds: 1 })
    expect(table.view.checks.map(({ state }) => state)).toEqual(['passed', 'waiting', 'waiting'])
  })

  test('that cannot begin says why, and nothing about checks of an older version', () => {
    const table = new Table()
    table.grade(['long'])
    table.grade([], { problem: failure })
    expect(table.view.problem).toEqual(failure)
    expect(table.view.checks.every(({ state }) => state === 'waiting')).toBe(true)
    expect(table.view.green).toBe(false)
    table.grade([])
    expect(table.view.problem).toBeUndefined()
  })

  test('that passes is green, remembered, kept, and open for the diff', () => {
    const table = new Table()
    table.grade([])
    expect(table.view).toMatchObject({ green: true, running: false, diffReady: true, help: undefined })
    expect(table.effects).toEqual([{ do: 'remember' }, { do: 'keepPassed', lab: '12-frames' }])
    expect(overview(table.state)[0]).toMatchObject({ passed: 3, checks: 3, done: true })
    expect(table.state.progress['12-frames']!.short!.passedAt).toBe('2026-11-23T00:00:00.000Z')
  })

  test('leaves a lab done that was broken afterwards', () => {
    const table = new Table()
    table.grade([])
    table.grade(['short'])
    expect(overview(table.state)[0]!.done).toBe(true)
    expect(table.view.green).toBe(false)
  })

  test('of an unknown lab changes nothing', () => {
    const table = new Table()
    const { state } = table
    table.put({ type: 'command', command: 'reset', lab: 'constructor' })
    expect([table.state, table.effects]).toEqual([state, []])
  })
})

describe('hints', () => {
  test('one becomes ready for each version that fails', () => {
    const table = new Table()
    table.grade(['long'], { version: 'a' })
    expect(table.view.help).toEqual({ check: 'long', tries: 1, ready: 1, hints: [] })
    table.grade(['long'], { version: 'a' })
    expect(table.view.help!.ready).toBe(1)
    table.grade(['long'], { version: 'b' })
    expect(table.view.help).toMatchObject({ tries: 2, ready: 2 })
  })

  test('a try counts for the first failing check alone', () => {
    const table = new Table()
    table.grade(['long', 'masked'])
    table.grade(['masked'])
    expect(table.view.help).toMatchObject({ check: 'masked', tries: 1 })
  })

  test('are delayed by one press, never denied', () => {
    const table = new Table()
    table.grade(['long'])
    table.press('hint')
    expect(table.view.help!.hints).toEqual(['look at long'])
    table.press('hint')
    expect(table.view.help!.hints).toHaveLength(1)
    expect(table.notice).toBe('Try once with hint 1, or ask again to take the next one now.')
    table.press('hint')
    expect(table.view.help!.hints).toEqual(['look at long', 'idea of long'])
    expect(table.effects).toEqual([{ do: 'remember' }])
  })

  test('asking again means asking twice in a row', () => {
    const table = new Table()
    table.grade(['long'])
    table.press('hint', 'hint', 'list', 'list', 'hint')
    expect(table.view.help!.hints).toHaveLength(1)
  })

  test('after the third, the solution is open', () => {
    const table = new Table()
    table.grade(['long'])
    table.press('hint', 'hint', 'hint', 'hint', 'hint')
    expect(table.view.help!.hints).toHaveLength(3)
    expect(table.view.diffReady).toBe(true)
    table.press('hint')
    expect(table.notice).toMatch(/all the hints/)
  })

  test('stay taken when the check fails again, and when the workbook is started anew', () => {
    const table = new Table()
    table.grade(['long'])
    table.press('hint')
    table.grade([])
    table.grade(['long'])
    expect(table.view.help!.hints).toEqual(['look at long'])
    const again = new Table({ ...new Table().state, progress: table.state.progress })
    again.grade(['long'])
    expect(again.view.help!.hints).toEqual(['look at long'])
  })

  test('there is none before a check fails, and none is needed when all pass', () => {
    const table = new Table()
    table.press('hint')
    expect(table.notice).toMatch(/none does yet/)
    table.grade([])
    table.press('hint')
    expect(table.notice).toMatch(/shows all of its hints/)
  })
})

describe('diff', () => {
  const diff = [{ file: 'a.ts', lines: [{ side: 'yours' as const, text: 'x' }] }]

  test('early, it takes a second press; a pass opens it', () => {
    const table = new Table()
    table.grade(['long'])
    table.press('diff')
    expect(table.effects).toEqual([])
    table.press('diff')
    expect(table.effects).toEqual([{ do: 'diff', lab: '12-frames' }])
    table.grade([])
    table.press('diff')
    expect(table.effects).toEqual([{ do: 'diff', lab: '12-frames' }])
  })

  test('stays open and is renewed by a save, and the same key closes it', () => {
    const table = new Table()
    table.grade([])
    table.put({ type: 'diffed', lab: '12-frames', diff })
    expect(table.view.diff).toEqual(diff)
    table.grade([])
    expect(table.effects).toContainEqual({ do: 'diff', lab: '12-frames' })
    table.press('diff')
    expect(table.view.diff).toBeUndefined()
  })
})

describe('writing to a lab', () => {
  test('reset and undo need no second press, and grade what is there then', () => {
    const table = new Table()
    table.press('reset')
    expect(table.effects).toEqual([{ do: 'reset', lab: '12-frames' }])
    table.put({ type: 'wrote', lab: '12-frames', what: 'reset', changed: true })
    expect(table.effects).toEqual([{ do: 'run', lab: '12-frames' }])
    expect(table.notice).toMatch(/undo brings it back/)
    table.press('undo')
    expect(table.effects).toEqual([{ do: 'undo', lab: '12-frames' }])
    table.put({ type: 'wrote', lab: '12-frames', what: 'undo', changed: false })
    expect([table.effects, table.notice]).toEqual([[], 'Nothing to undo.'])
  })

  test('redo is offered after an undo, until something else happens to the files', () => {
    const table = new Table()
    const wrote = (what: 'undo' | 'redo' | 'reset', changed = true) =>
      table.put({ type: 'wrote', lab: '12-frames', what, changed })
    wrote('undo')
    expect(table.view.undone).toBe(true)
    expect(table.notice).toBe('Undone. Undo again to go further back, redo to come forward.')
    table.press('redo')
    expect(table.effects).toEqual([{ do: 'redo', lab: '12-frames' }])
    wrote('redo')
    expect([table.effects, table.view.undone]).toEqual([[{ do: 'run', lab: '12-frames' }], true])
    expect(table.notice).toBe('Redone. Redo again to come further forward, undo to go back.')
    wrote('redo', false)
    expect([table.notice, table.view.undone]).toEqual(['Nothing to redo.', false])
    for (const change of [() => wrote('reset'), () => table.put({ type: 'saved', lab: '12-frames' })]) {
      wrote('undo')
      change()
      expect(table.view.undone).toBe(false)
    }
  })

  test('the solution of this lab takes a second press', () => {
    const table = new Table()
    table.press('take')
    expect(table.effects).toEqual([])
    table.press('take')
    expect(table.effects).toEqual([{ do: 'take', lab: '12-frames' }])
  })

  test('the solution of a lab that this one waits for is offered at once, and this one graded again', () => {
    const table = new Table()
    table.press('next')
    table.grade(ids, { stem: '13-server' })
    expect(table.view.needs).toEqual(['12-frames'])
    table.press('take')
    expect(table.effects).toEqual([{ do: 'take', lab: '12-frames' }])
    table.put({ type: 'wrote', lab: '12-frames', what: 'take', changed: true })
    expect(table.effects).toEqual([
      { do: 'run', lab: '12-frames' },
      { do: 'refresh', lab: '13-server' },
    ])
    table.grade([])
    expect(table.state.current).toBe('13-server')
    expect(table.view.needs).toEqual([])
  })
})

describe('going about', () => {
  test('next, list and two digits', () => {
    const table = new Table()
    table.press('next')
    expect([table.state.current, table.effects]).toEqual([
      '13-server',
      [{ do: 'refresh', lab: '13-server' }, { do: 'remember' }],
    ])
    table.press('next')
    expect(table.notice).toBe('This is the last lab.')
    table.press('list')
    table.put({ type: 'command', command: 'digit', digit: '1' })
    expect(table.state).toMatchObject({ showing: 'list', typed: '1' })
    table.put({ type: 'command', command: 'digit', digit: '2' })
    expect(table.state).toMatchObject({ showing: 'lab', current: '12-frames', typed: '' })
    table.press('quit')
    expect(table.effects).toEqual([{ do: 'quit' }])
  })

  test('a save makes its lab the current one and closes the list', () => {
    const table = new Table()
    table.press('list')
    table.put({ type: 'saved', lab: '13-server' })
    expect(table.state).toMatchObject({ showing: 'lab', current: '13-server' })
    expect(table.effects[0]).toEqual({ do: 'run', lab: '13-server' })
  })

  test('a page that opens changes nothing for the terminal', () => {
    const table = new Table()
    const { state } = table
    table.put({ type: 'command', command: 'show', lab: '13-server' })
    expect([table.state, table.effects]).toEqual([state, [{ do: 'refresh', lab: '13-server' }]])
  })

  test('a button of a page takes the terminal along', () => {
    const table = new Table()
    table.put({ type: 'command', command: 'run', lab: '13-server' })
    expect(table.state.current).toBe('13-server')
  })
})
