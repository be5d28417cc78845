import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readFolder, savedAt } from '../../workbook/grade/labs/folder.ts'
import { isSource } from '../../workbook/grade/labs/source-names.ts'
import { todoLine } from '../../workbook/grade/labs/where.ts'

test.each([
  ...['frame.ts', 'my.frame.ts', 'view.tsx', 'old.cjs', 'table.json', 'lib/parse.ts'].map((name) => ({
    name,
    is: true,
  })),
  { name: '.#frame.ts', is: false, of: 'an Emacs lock' },
  { name: '#frame.ts#', is: false, of: 'an Emacs autosave' },
  { name: 'frame.ts~', is: false, of: 'a backup' },
  { name: '.frame.ts.swp', is: false, of: 'Vim' },
  { name: '4913', is: false, of: 'Vim’s test of the folder' },
  { name: '._frame.ts', is: false, of: 'macOS on a foreign disk' },
  { name: '~$frame.ts', is: false, of: 'an office program’s lock' },
  { name: 'frame.ts.orig', is: false, of: 'a merge' },
  { name: 'frame.ts___jb_tmp___', is: false, of: 'JetBrains' },
  { name: 'frame.ts.tmp.4711.1700000000', is: false, of: 'a tool that writes and renames' },
  { name: 'sedXq3ab9', is: false, of: 'sed -i' },
  { name: '.DS_Store', is: false, of: 'macOS' },
  { name: 'notes.txt', is: false, of: 'the reader, and no program' },
  { name: 'node_modules/ws/index.js', is: false, of: 'npm' },
  { name: '.git/hooks/check.js', is: false, of: 'git' },
  { name: 'frame.ts/copy.ts', is: false, of: 'a folder that is called like a source' },
])('$name is a source: $is', ({ name, is }) => expect(isSource(name)).toBe(is))

describe('a lab with clutter in it', () => {
  let lab = ''
  beforeEach(() => {
    lab = join(mkdtempSync(join(tmpdir(), 'wirebook-names-')), '12-frames')
    mkdirSync(join(lab, 'folder.ts'), { recursive: true })
    writeFileSync(join(lab, 'frame.ts'), '\n// TODO 1: Do it.\n')
    for (const name of ['.frame.ts.swp', '4913', 'frame.ts~', '#frame.ts#', '._frame.ts']) {
      writeFileSync(join(lab, name), '// TODO 1: Do it.')
    }
    // Emacs' link holds who edits, and points nowhere. Windows asks for rights to make one.
    if (process.platform !== 'win32') symlinkSync('ann@host.4711:1700000000', join(lab, '.#frame.ts'))
  })
  afterEach(() => rmSync(join(lab, '..'), { recursive: true }))

  test('is read as its sources', () => {
    expect([...readFolder(lab).keys()]).toEqual(['frame.ts'])
    expect(savedAt(lab)).toBeGreaterThan(0)
  })

  test('shows where its TODO is', () => {
    const tree = { folder: join(lab, '..'), shown: 'labs' }
    expect(todoLine([1], '12-frames', tree)).toBe('labs/12-frames/frame.ts:2')
  })
})
