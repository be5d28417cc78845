import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { covers, type Files, versionOf, writeFolder } from '../../workbook/grade/labs/folder.ts'
import { History } from '../../workbook/grade/labs/history.ts'
import { Versions } from '../../workbook/grade/labs/versions.ts'
import { sayError } from '../../workbook/sentences/say.ts'

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
    expect(history.write(stem, starter)).toBe(true)
    expect(now()).toBe('starter')
    expect(history.undo(stem)).toBe(true)
    expect(now()).toBe('work')
  })

  test('twice goes two writes back', () => {
    edit('work')
    history.write(stem, solution)
    history.write(stem, starter)
    history.undo(stem)
    expect(now()).toBe('solution')
    history.undo(stem)
    expect(now()).toBe('work')
    expect(history.undo(stem)).toBe(false)
    expect(now()).toBe('work')
  })

  test('after an edit, the undo is undone', () => {
    edit('work')
    history.write(stem, starter)
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
  expect(history.write(stem, starter)).toBe(false)
  expect(kept()).toEqual([])
})

test('a file of the reader’s own stays', () => {
  edit('work')
  const notes = join(folder, 'labs', stem, 'notes.txt')
  writeFileSync(notes, 'mine')
  history.write(stem, starter)
  history.undo(stem)
  expect(readFileSync(notes, 'utf8')).toBe('mine')
})

describe('redo', () => {
  test('brings back what was written after a reset', () => {
    edit('A')
    history.write(stem, starter)
    edit('B')
    history.undo(stem)
    expect(now()).toBe('A')
    expect(history.undo(stem)).toBe(false)
    expect(history.redo(stem)).toBe(true)
    expect(now()).toBe('B')
    expect(history.redo(stem)).toBe(false)
  })

  test('comes forward as far as undo went back', () => {
    edit('work')
    history.write(stem, solution)
    history.write(stem, starter)
    expect(texts('undo')).toEqual(['solution', 'work'])
    expect(texts('redo')).toEqual(['solution', 'starter'])
    expect(texts('undo')).toEqual(['solution', 'work'])
  })

  test('has nothing to bring back after an edit, and undo passes the edit and all that was undone', () => {
    edit('work')
    history.write(stem, solution)
    history.write(stem, starter)
    texts('undo')
    edit('more work')
    expect(history.redo(stem)).toBe(false)
    expect(texts('undo')).toEqual(['starter', 'solution', 'work'])
    expect(texts('redo')).toEqual(['solution', 'starter', 'more work'])
  })

  test('a reset after an undo keeps what the undo brought back', () => {
    edit('work')
    history.write(stem, starter)
    edit('later work')
    history.undo(stem)
    history.write(stem, starter)
    history.undo(stem)
    expect(now()).toBe('work')
  })

  test('goes on where it was when the workbook starts anew', () => {
    edit('work')
    history.write(stem, starter)
    history.undo(stem)
    history = new History(join(folder, 'labs'), join(folder, 'history'))
    expect(texts('redo')).toEqual(['starter'])
  })

  test('walking to and fro keeps nothing twice', () => {
    edit('work')
    history.write(stem, starter)
    for (let i = 0; i < 5; i++) {
      history.undo(stem)
      history.redo(stem)
    }
    expect(kept()).toEqual(['work', 'starter'])
  })
})

describe('a file that the reader deleted', () => {
  test('is deleted again by undo, and there again after redo', () => {
    edit('work')
    history.write(stem, starter)
    rmSync(file())
    history.write(stem, starter)
    history.undo(stem)
    expect(existsSync(file())).toBe(false)
    history.redo(stem)
    expect(now()).toBe('starter')
    history.undo(stem)
    history.undo(stem)
    expect(now()).toBe('work')
  })

  test('of the reader’s own comes back with the version that had it, and goes with the one that had not', () => {
    edit('work')
    writeFileSync(file('helper.ts'), 'mine')
    history.write(stem, starter)
    rmSync(file('helper.ts'))
    edit('work without')
    history.undo(stem)
    expect(readFileSync(file('helper.ts'), 'utf8')).toBe('mine')
    history.redo(stem)
    expect([now(), existsSync(file('helper.ts'))]).toEqual(['work without', false])
  })

  test('of the reader’s own is edited between two undos, and kept', () => {
    edit('work')
    writeFileSync(file('helper.ts'), 'one')
    history.write(stem, solution)
    history.write(stem, starter)
    history.undo(stem)
    writeFileSync(file('helper.ts'), 'two')
    history.undo(stem)
    expect(readFileSync(file('helper.ts'), 'utf8')).toBe('one')
    const helpers: string[] = []
    while (history.redo(stem)) helpers.push(readFileSync(file('helper.ts'), 'utf8'))
    expect(helpers).toContain('two')
  })
})

test.skipIf(process.platform === 'win32')('a lab file keeps its mode', () => {
  edit('work')
  chmodSync(file(), 0o700)
  history.write(stem, starter)
  expect(statSync(file()).mode & 0o777).toBe(0o700)
})

describe('a history of an older workbook', () => {
  beforeEach(() => {
    // work, take, reset, undo (solution), undo (work); a note that was written over by the last undo.
    old('0001_2026-11-23T12-00-00_take', { 'frame.ts': 'work', 'notes.txt': 'one' })
    old('0002_2026-11-23T12-01-00_passed', { 'frame.ts': 'solution' })
    old('0003_2026-11-23T12-01-00_reset', { 'frame.ts': 'solution', 'notes.txt': 'two' })
    old('0004_2026-11-23T12-02-00_undo_0003', { 'frame.ts': 'starter', 'notes.txt': 'two', '.frame.ts.swp': 'vim' })
    old('0005_2026-11-23T12-03-00_undo_0001', { 'frame.ts': 'solution', 'notes.txt': 'two' })
    edit('work')
    writeFileSync(file('notes.txt'), 'one')
  })

  test('is walked from where its last undo had gone', () => {
    expect(history.undo(stem)).toBe(false)
    expect(texts('redo')).toEqual(['solution', 'starter', 'solution'])
    expect(readFileSync(file('notes.txt'), 'utf8')).toBe('two')
    expect(existsSync(file('.frame.ts.swp'))).toBe(false)
  })

  test('is walked from its end after an edit', () => {
    edit('more work')
    expect(texts('undo')).toEqual(['solution', 'starter', 'solution', 'work'])
    expect(texts('redo').at(-1)).toBe('more work')
  })

  test('is gone on with, and its version that passed is the one', () => {
    edit('passing, and later')
    history.keepPassed(stem)
    history.write(stem, starter)
    expect(
      readdirSync(join(folder, 'history', stem))
        .sort()
        .slice(4),
    ).toEqual(['0005_2026-11-23T12-03-00_undo_0001', '0006'])
  })
})

describe.skipIf(process.platform === 'win32')('a lab file that is a link', () => {
  let target = ''
  beforeEach(() => {
    edit('in the way')
    rmSync(file())
    mkdirSync(join(folder, 'mine'))
    target = join(folder, 'mine', 'frame.ts')
  })

  test('stays one, and what it leads to is kept and brought back', () => {
    writeFileSync(target, 'work')
    symlinkSync('../../mine/frame.ts', file())
    expect(history.write(stem, starter)).toBe(true)
    expect(readFileSync(target, 'utf8')).toBe('starter')
    expect(readlinkSync(file())).toBe('../../mine/frame.ts')
    expect(texts('undo')).toEqual(['work'])
    expect(readFileSync(target, 'utf8')).toBe('work')
    expect(readdirSync(join(folder, 'mine'))).toEqual(['frame.ts'])
    expect(texts('redo')).toEqual(['starter'])
    expect(readlinkSync(file())).toBe('../../mine/frame.ts')
  })

  test('in a lab that is a link as well', () => {
    rmSync(join(folder, 'labs', stem), { recursive: true })
    writeFileSync(target, 'work')
    symlinkSync(join(folder, 'mine'), join(folder, 'labs', stem))
    history.write(stem, starter)
    expect(readFileSync(target, 'utf8')).toBe('starter')
    expect(texts('undo')).toEqual(['work'])
    expect(readlinkSync(join(folder, 'labs', stem))).toBe(join(folder, 'mine'))
  })

  test.each(['solutions', '.wirebook'])('into %s is not written through', (name) => {
    mkdirSync(join(folder, name))
    writeFileSync(join(folder, name, 'frame.ts'), 'the answer')
    symlinkSync(join(folder, name, 'frame.ts'), file())
    expect(said(() => history.write(stem, starter))).toMatch(
      /^labs\/12-frames\/frame\.ts is a link to .* needs as it is/,
    )
    expect(readFileSync(join(folder, name, 'frame.ts'), 'utf8')).toBe('the answer')
  })

  test.each([
    { name: 'to nowhere', to: '../nowhere.ts', says: /is a link to \.\.\/nowhere\.ts, where there is no file/ },
    { name: 'to itself', to: 'frame.ts', says: /is a link that leads in a circle/ },
    { name: 'to a folder', to: '../../mine', says: /expected a file, found a folder or a device/ },
    { name: 'to a device', to: '/dev/zero', says: /expected a file, found a folder or a device/ },
  ])('$name is a sentence, and all stays as it is', ({ to, says }) => {
    symlinkSync(to, file())
    writeFileSync(file('server.ts'), 'work')
    const files = new Map([...starter, ['server.ts', Buffer.from('starter')]])
    expect(said(() => history.write(stem, files))).toMatch(says)
    expect(readlinkSync(file())).toBe(to)
    expect(readFileSync(file('server.ts'), 'utf8')).toBe('work')
  })
})

describe('what is no file of the reader’s', () => {
  test('a folder in the place of a file is a sentence', () => {
    mkdirSync(file(), { recursive: true })
    expect(said(() => history.write(stem, starter))).toMatch(
      /^labs\/12-frames\/frame\.ts: expected a file, found a folder/,
    )
    expect(statSync(file()).isDirectory()).toBe(true)
  })

  test('a file in the place of the lab is a sentence', () => {
    mkdirSync(join(folder, 'labs'))
    writeFileSync(join(folder, 'labs', stem), 'mine')
    expect(said(() => history.write(stem, starter))).toMatch(
      /^labs\/12-frames\/frame\.ts: a file stands where its folder/,
    )
    expect(readFileSync(join(folder, 'labs', stem), 'utf8')).toBe('mine')
  })

  test('a file in the place of the history is a sentence', () => {
    edit('work')
    mkdirSync(join(folder, 'history'))
    writeFileSync(join(folder, 'history', stem), 'mine')
    expect(said(() => history.write(stem, starter))).toMatch(/12-frames: a file stands where its folder should be/)
    expect(now()).toBe('work')
  })

  test('a position that nobody can read is done without', () => {
    edit('work')
    history.write(stem, starter)
    history.undo(stem)
    writeFileSync(join(folder, 'history', stem, 'position'), '{"at"')
    expect(texts('undo')).toEqual(['starter', 'work'])
  })
})

describe.skipIf(process.platform === 'win32')('what may not be read or written', () => {
  // Root may do everything, so it becomes nobody for the while.
  const isRoot = process.getuid?.() === 0
  beforeEach(() => {
    edit('work')
    for (const path of ['', 'labs', `labs/${stem}`, `labs/${stem}/frame.ts`])
      chownSync(join(folder, path), nobody, nobody)
    if (isRoot) process.seteuid!(nobody)
  })
  afterEach(() => {
    if (isRoot) process.seteuid!(0)
    chmodSync(join(folder, 'labs', stem), 0o755)
  })
  const nobody = isRoot ? 65534 : (process.getuid?.() ?? 0)

  test('a file that may not be read is a sentence', () => {
    chmodSync(file(), 0)
    expect(said(() => history.write(stem, starter))).toMatch(/^labs\/12-frames\/frame\.ts may not be read\./)
    chmodSync(file(), 0o644)
    expect(now()).toBe('work')
  })

  test('a file of the reader’s own that may not be read does not matter', () => {
    writeFileSync(file('secret.ts'), 'mine', { mode: 0 })
    history.write(stem, starter)
    expect(texts('undo')).toEqual(['work'])
    chmodSync(file('secret.ts'), 0o644)
    expect(readFileSync(file('secret.ts'), 'utf8')).toBe('mine')
  })

  test('a folder that may not be written is a sentence', () => {
    chmodSync(join(folder, 'labs', stem), 0o555)
    expect(said(() => history.write(stem, starter))).toMatch(/^labs\/12-frames\/frame\.ts may not be written\./)
    expect(now()).toBe('work')
  })

  test('a history that may not be written is a sentence', () => {
    mkdirSync(join(folder, 'history'), { mode: 0o555 })
    expect(said(() => history.write(stem, starter))).toMatch(/history\/12-frames may not be written\./)
    expect(now()).toBe('work')
  })
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

function file(name = 'frame.ts'): string {
  return join(folder, 'labs', stem, name)
}

function now(): string {
  return readFileSync(file(), 'utf8')
}

/** What one undo, or redo, after another brings back. */
function texts(way: 'undo' | 'redo'): string[] {
  const found: string[] = []
  while (history[way](stem)) found.push(now())
  return found
}

/** The texts that are kept, the one that passed last. */
function kept(): string[] {
  const versions = new Versions(join(folder, 'history', stem))
  const passed = existsSync(join(folder, 'history', stem, 'passed')) ? ['passed'] : []
  return [...versions.list(), ...passed].map((name) => String(versions.read(name).files.get('frame.ts')))
}

/** Writes a version as older workbooks did. */
function old(name: string, texts: Record<string, string>): void {
  writeFolder(
    join(folder, 'history', stem, name),
    new Map(Object.entries(texts).map(([path, text]) => [path, Buffer.from(text)])),
  )
}

/** What `act` says when it fails. */
function said(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    return sayError(error as Error)
  }
  return ''
}
