import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { covers, type Files, versionOf, writeFolder } from '../../workbook/grade/labs/folder.ts'
import { History } from '../../workbook/grade/labs/history.ts'

let folder = ''
let history: History
const stem = '12-frames'
const starter = files('starter')
const solution = files('solution')

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wirebook-history-'))
  history = new History(join(folder, 'labs'), join(folder, 'history'))
})
afterEach(() => rmSync(folder, { recursive: true }))

describe('undo', () => {
  test('after a reset, the work is back', () => {
    edit('work')
    expect(history.write(stem, starter, 'reset')).toBe(true)
    expect(now()).toBe('starter')
    expect(history.undo(stem)).toBe(true)
    expect(now()).toBe('work')
  })

  test('twice goes two writes back', () => {
    edit('work')
    history.write(stem, solution, 'take')
    history.write(stem, starter, 'reset')
    history.undo(stem)
    expect(now()).toBe('solution')
    history.undo(stem)
    expect(now()).toBe('work')
    expect(history.undo(stem)).toBe(false)
    expect(now()).toBe('work')
  })

  test('after an edit, the undo is undone', () => {
    edit('work')
    history.write(stem, starter, 'reset')
    history.undo(stem)
    edit('more work')
    history.undo(stem)
    expect(now()).toBe('starter')
    history.undo(stem)
    expect(now()).toBe('work')
    expect(kept()).toContain('more work')
  })

  test('with nothing written there is nothing to undo', () => {
    edit('work')
    expect(history.undo(stem)).toBe(false)
    expect(kept()).toEqual([])
  })

  test('does not go to the version that passed', () => {
    edit('passing')
    history.keepPassed(stem)
    edit('broken')
    expect(history.undo(stem)).toBe(false)
    expect(kept()).toEqual(['passing'])
  })
})

test('the first passing version is kept, once', () => {
  edit('passing')
  history.keepPassed(stem)
  edit('nicer')
  history.keepPassed(stem)
  expect(kept()).toEqual(['passing'])
})

test('a write that changes nothing is no write', () => {
  edit('starter')
  expect(history.write(stem, starter, 'reset')).toBe(false)
  expect(kept()).toEqual([])
})

test('a file of the reader’s own stays', () => {
  edit('work')
  const notes = join(folder, 'labs', stem, 'notes.txt')
  writeFileSync(notes, 'mine')
  history.write(stem, starter, 'reset')
  history.undo(stem)
  expect(readFileSync(notes, 'utf8')).toBe('mine')
})

test('nothing that was ever in a lab is lost, whatever happens in whatever order', () => {
  const action = fc.oneof(
    fc.record({ do: fc.constant('edit' as const), text: fc.string({ maxLength: 3 }) }),
    fc.record({ do: fc.constantFrom('reset' as const, 'take' as const, 'undo' as const, 'passed' as const) }),
  )
  fc.assert(
    fc.property(fc.array(action, { maxLength: 12 }), (actions) => {
      rmSync(folder, { recursive: true, force: true })
      edit('first')
      for (const { do: what, ...rest } of actions) {
        const before = now()
        if (what === 'edit' && 'text' in rest) edit(rest.text)
        if (what === 'reset') history.write(stem, starter, 'reset')
        if (what === 'take') history.write(stem, solution, 'take')
        if (what === 'undo') history.undo(stem)
        if (what === 'passed') history.keepPassed(stem)
        if (what !== 'edit' && now() !== before) expect(kept()).toContain(before)
      }
    }),
    { numRuns: 60 },
  )
})

test('a version differs with every name and byte, and only then', () => {
  const a = new Map([['a.ts', Buffer.from('x')]])
  expect(versionOf(a)).toBe(versionOf(new Map([['a.ts', Buffer.from('x')]])))
  expect(versionOf(a)).not.toBe(versionOf(new Map([['b.ts', Buffer.from('x')]])))
  expect(versionOf(a)).not.toBe(versionOf(new Map([['a.ts', Buffer.from('y')]])))
  expect(covers(a, new Map())).toBe(true)
})

function files(text: string): Files {
  return new Map([['frame.ts', Buffer.from(text)]])
}

function edit(text: string): void {
  writeFolder(join(folder, 'labs', stem), files(text))
}

function now(): string {
  return String(history.read(stem).get('frame.ts'))
}

function kept(): string[] {
  return history.versions(stem).map((version) => String(version.get('frame.ts')))
}
