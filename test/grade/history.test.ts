import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { covers, versionOf, writeFolder } from '../../workbook/grade/labs/folder.ts'
import { filesOf, LabOnDisk, stem } from './lab-on-disk.ts'

const starter = { 'frame.ts': 'starter' }
const solution = { 'frame.ts': 'solution' }

let lab: LabOnDisk
beforeEach(() => {
  lab = new LabOnDisk()
})
afterEach(() => lab.remove())

describe('undo', () => {
  test('after a reset, the work is back', () => {
    lab.edit('work')
    expect(lab.write(starter)).toBe(true)
    expect(lab.text()).toBe('starter')
    expect(lab.undo()).toBe(true)
    expect(lab.text()).toBe('work')
  })

  test('twice goes two writes back', () => {
    lab.edit('work')
    lab.write(solution)
    lab.write(starter)
    lab.undo()
    expect(lab.text()).toBe('solution')
    lab.undo()
    expect(lab.text()).toBe('work')
    expect(lab.undo()).toBe(false)
    expect(lab.text()).toBe('work')
  })

  test('after an edit, the undo is undone', () => {
    lab.edit('work')
    lab.write(starter)
    lab.undo()
    lab.edit('more work')
    lab.undo()
    expect(lab.text()).toBe('starter')
    lab.undo()
    expect(lab.text()).toBe('work')
    expect(lab.keptTexts()).toContain('more work')
  })

  test('with nothing written there is nothing to undo', () => {
    lab.edit('work')
    expect(lab.undo()).toBe(false)
    expect(lab.keptTexts()).toEqual([])
  })

  test('does not go to the version that passed', () => {
    lab.edit('passing')
    lab.history.keepPassed(stem)
    lab.edit('broken')
    expect(lab.undo()).toBe(false)
    expect(lab.passedText()).toBe('passing')
    expect(lab.keptTexts()).toEqual([])
  })
})

test('the first passing version is kept, once', () => {
  lab.edit('passing')
  lab.history.keepPassed(stem)
  lab.edit('nicer')
  lab.history.keepPassed(stem)
  expect(lab.passedText()).toBe('passing')
})

test('a write that changes nothing is no write', () => {
  lab.edit('starter')
  expect(lab.write(starter)).toBe(false)
  expect(lab.keptTexts()).toEqual([])
})

test('a file of the reader’s own stays', () => {
  lab.edit('work')
  const notes = join(lab.folder, 'labs', stem, 'notes.txt')
  writeFileSync(notes, 'mine')
  lab.write(starter)
  lab.undo()
  expect(readFileSync(notes, 'utf8')).toBe('mine')
})

describe('redo', () => {
  test('brings back what was written after a reset', () => {
    lab.edit('A')
    lab.write(starter)
    lab.edit('B')
    lab.undo()
    expect(lab.text()).toBe('A')
    expect(lab.undo()).toBe(false)
    expect(lab.redo()).toBe(true)
    expect(lab.text()).toBe('B')
    expect(lab.redo()).toBe(false)
  })

  test('comes forward as far as undo went back', () => {
    lab.edit('work')
    lab.write(solution)
    lab.write(starter)
    expect(lab.all('undo')).toEqual(['solution', 'work'])
    expect(lab.all('redo')).toEqual(['solution', 'starter'])
    expect(lab.all('undo')).toEqual(['solution', 'work'])
  })

  test('has nothing to bring back after an edit, and undo passes the edit and all that was undone', () => {
    lab.edit('work')
    lab.write(solution)
    lab.write(starter)
    lab.all('undo')
    lab.edit('more work')
    expect(lab.redo()).toBe(false)
    expect(lab.all('undo')).toEqual(['starter', 'solution', 'work'])
    expect(lab.all('redo')).toEqual(['solution', 'starter', 'more work'])
  })

  test('a reset after an undo keeps what the undo brought back', () => {
    lab.edit('work')
    lab.write(starter)
    lab.edit('later work')
    lab.undo()
    lab.write(starter)
    lab.undo()
    expect(lab.text()).toBe('work')
  })

  test('a reset keeps the work, though undo and redo had left the same starter there', () => {
    lab.edit('work')
    lab.write(starter)
    lab.undo()
    lab.redo()
    lab.edit('new work')
    lab.write(starter)
    expect(lab.all('undo')).toEqual(['new work', 'starter', 'work'])
  })

  test('goes on where it was when the workbook starts anew', () => {
    lab.edit('work')
    lab.write(starter)
    lab.undo()
    lab = new LabOnDisk(undefined, lab.folder)
    expect(lab.all('redo')).toEqual(['starter'])
  })

  test('walking to and fro keeps nothing twice', () => {
    lab.edit('work')
    lab.write(starter)
    for (let i = 0; i < 5; i++) {
      lab.undo()
      lab.redo()
    }
    expect(lab.keptTexts()).toEqual(['work', 'starter'])
  })
})

describe('a file that the reader deleted', () => {
  test('is deleted again by undo, and there again after redo', () => {
    lab.edit('work')
    lab.write(starter)
    rmSync(lab.file())
    lab.write(starter)
    lab.undo()
    expect(existsSync(lab.file())).toBe(false)
    lab.redo()
    expect(lab.text()).toBe('starter')
    lab.undo()
    lab.undo()
    expect(lab.text()).toBe('work')
  })

  test('of the reader’s own comes back with the version that had it, and goes with the one that had not', () => {
    lab.edit('work')
    writeFileSync(lab.file('helper.ts'), 'mine')
    lab.write(starter)
    rmSync(lab.file('helper.ts'))
    lab.edit('work without')
    lab.undo()
    expect(readFileSync(lab.file('helper.ts'), 'utf8')).toBe('mine')
    lab.redo()
    expect([lab.text(), existsSync(lab.file('helper.ts'))]).toEqual(['work without', false])
  })

  test('of the reader’s own is edited between two undos, and kept', () => {
    lab.edit('work')
    writeFileSync(lab.file('helper.ts'), 'one')
    lab.write(solution)
    lab.write(starter)
    lab.undo()
    writeFileSync(lab.file('helper.ts'), 'two')
    lab.undo()
    expect(readFileSync(lab.file('helper.ts'), 'utf8')).toBe('one')
    const helpers: string[] = []
    while (lab.redo()) helpers.push(readFileSync(lab.file('helper.ts'), 'utf8'))
    expect(helpers).toContain('two')
  })
})

describe('a history of an older workbook', () => {
  beforeEach(() => {
    // work, take, reset, undo (solution), undo (work); a note that was written over by the last undo.
    old('0001_2026-11-23T12-00-00_take', { 'frame.ts': 'work', 'notes.txt': 'one' })
    old('0002_2026-11-23T12-01-00_passed', { 'frame.ts': 'solution' })
    old('0003_2026-11-23T12-01-00_reset', { 'frame.ts': 'solution', 'notes.txt': 'two' })
    old('0004_2026-11-23T12-02-00_undo_0003', { 'frame.ts': 'starter', 'notes.txt': 'two', '.frame.ts.swp': 'vim' })
    old('0005_2026-11-23T12-03-00_undo_0001', { 'frame.ts': 'solution', 'notes.txt': 'two' })
    lab.edit('work')
    writeFileSync(lab.file('notes.txt'), 'one')
  })

  test('is walked from where its last undo had gone', () => {
    expect(lab.undo()).toBe(false)
    expect(lab.all('redo')).toEqual(['solution', 'starter', 'solution'])
    expect(readFileSync(lab.file('notes.txt'), 'utf8')).toBe('two')
    expect(existsSync(lab.file('.frame.ts.swp'))).toBe(false)
  })

  test('is walked from its end after an edit', () => {
    lab.edit('more work')
    expect(lab.all('undo')).toEqual(['solution', 'starter', 'solution', 'work'])
    expect(lab.all('redo').at(-1)).toBe('more work')
  })

  test('is gone on with, and its version that passed is the one', () => {
    lab.edit('passing, and later')
    lab.history.keepPassed(stem)
    lab.write(starter)
    expect(readdirSync(lab.kept).sort().slice(4)).toEqual(['0005_2026-11-23T12-03-00_undo_0001', '0006'])
  })
})

test('a version differs with every name and byte, and only then', () => {
  const a = new Map([['a.ts', Buffer.from('x')]])
  expect(versionOf(a)).toBe(versionOf(new Map([['a.ts', Buffer.from('x')]])))
  expect(versionOf(a)).not.toBe(versionOf(new Map([['b.ts', Buffer.from('x')]])))
  expect(versionOf(a)).not.toBe(versionOf(new Map([['a.ts', Buffer.from('y')]])))
  expect(covers(a, new Map())).toBe(true)
})

/** Writes a version as older workbooks did. */
function old(name: string, texts: Record<string, string>): void {
  writeFolder(join(lab.kept, name), filesOf(texts))
}
