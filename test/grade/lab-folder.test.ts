import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FragileDisk } from './fragile-disk.ts'
import { LabOnDisk, said, stem } from './lab-on-disk.ts'

const starter = { 'frame.ts': 'starter' }

let lab: LabOnDisk
beforeEach(() => {
  lab = new LabOnDisk()
})
afterEach(() => lab.remove())

test.skipIf(process.platform === 'win32')('a lab file keeps its mode', () => {
  lab.edit('work')
  chmodSync(lab.file(), 0o700)
  lab.write(starter)
  expect(statSync(lab.file()).mode & 0o777).toBe(0o700)
})

describe.skipIf(process.platform === 'win32')('a lab file that is a link', () => {
  let target = ''
  beforeEach(() => {
    lab.edit('in the way')
    rmSync(lab.file())
    mkdirSync(join(lab.folder, 'mine'))
    target = join(lab.folder, 'mine', 'frame.ts')
  })

  test('stays one, and what it leads to is kept and brought back', () => {
    writeFileSync(target, 'work')
    symlinkSync('../../mine/frame.ts', lab.file())
    expect(lab.write(starter)).toBe(true)
    expect(readFileSync(target, 'utf8')).toBe('starter')
    expect(readlinkSync(lab.file())).toBe('../../mine/frame.ts')
    expect(lab.all('undo')).toEqual(['work'])
    expect(readFileSync(target, 'utf8')).toBe('work')
    expect(readdirSync(join(lab.folder, 'mine'))).toEqual(['frame.ts'])
    expect(lab.all('redo')).toEqual(['starter'])
    expect(readlinkSync(lab.file())).toBe('../../mine/frame.ts')
  })

  test('in a lab that is a link as well', () => {
    rmSync(dirname(lab.file()), { recursive: true })
    writeFileSync(target, 'work')
    symlinkSync(join(lab.folder, 'mine'), dirname(lab.file()))
    lab.write(starter)
    expect(readFileSync(target, 'utf8')).toBe('starter')
    expect(lab.all('undo')).toEqual(['work'])
    expect(readlinkSync(dirname(lab.file()))).toBe(join(lab.folder, 'mine'))
  })

  test.each(['solutions', '.wirebook'])('into %s is not written through', (name) => {
    mkdirSync(join(lab.folder, name))
    writeFileSync(join(lab.folder, name, 'frame.ts'), 'the answer')
    symlinkSync(join(lab.folder, name, 'frame.ts'), lab.file())
    expect(said(() => lab.write(starter))).toMatch(/^labs\/12-frames\/frame\.ts is a link to .* needs as it is/)
    expect(readFileSync(join(lab.folder, name, 'frame.ts'), 'utf8')).toBe('the answer')
  })

  test.each([
    { name: 'to nowhere', to: '../nowhere.ts', says: /is a link to \.\.\/nowhere\.ts, where there is no file/ },
    { name: 'to itself', to: 'frame.ts', says: /is a link that leads in a circle/ },
    { name: 'to a folder', to: '../../mine', says: /expected a file, found a folder or a device/ },
    { name: 'to a device', to: '/dev/zero', says: /expected a file, found a folder or a device/ },
  ])('$name is a sentence, and all stays as it is', ({ to, says }) => {
    symlinkSync(to, lab.file())
    writeFileSync(lab.file('server.ts'), 'work')
    const texts = { ...starter, 'server.ts': 'starter' }
    expect(said(() => lab.write(texts))).toMatch(says)
    expect(readlinkSync(lab.file())).toBe(to)
    expect(readFileSync(lab.file('server.ts'), 'utf8')).toBe('work')
  })
})

describe('a command that meets trouble half-way', () => {
  const work = { 'frame.ts': 'work', 'server.ts': 'work' }
  const both = { 'frame.ts': 'starter', 'server.ts': 'starter' }
  const texts = () => Object.keys(work).map((name) => lab.text(name))

  /** A lab whose disk does something before it renames or creates one of its files. */
  function labWith(what: 'rename' | 'create', act: (path: string) => void): LabOnDisk {
    lab.remove()
    const disk = new FragileDisk()
    const original = disk[what].bind(disk) as (...words: [string, string & Uint8Array]) => void
    disk[what] = (...words: [string, never]) => {
      act(what === 'rename' ? words[1] : words[0])
      original(...words)
    }
    const made = new LabOnDisk(disk)
    for (const [name, text] of Object.entries(work)) made.edit(text, name)
    return made
  }

  test('says that the lab is written in part, and undo brings back all of it', () => {
    let isHeld = true
    lab = labWith('rename', (path) => {
      if (isHeld && path.endsWith('server.ts')) throw Object.assign(new Error('held'), { code: 'EBUSY' })
    })
    expect(said(() => lab.write(both))).toMatch(
      /^labs\/12-frames\/server\.ts may not be written\. .* what you had is kept, and undo brings it back\.$/,
    )
    expect(texts()).toEqual(['starter', 'work'])
    isHeld = false
    lab.undo()
    expect([texts(), lab.leftovers()]).toEqual([['work', 'work'], []])
  })

  test('writes nothing when the reader saves at that moment', () => {
    lab = labWith('create', (path) => {
      if (dirname(path) === dirname(lab.file())) lab.edit('saved just now')
    })
    expect(said(() => lab.write(both))).toBe('labs/12-frames/frame.ts was saved at this very moment. Ask again.')
    expect([texts(), lab.leftovers()]).toEqual([['saved just now', 'work'], []])
  })

  test.each(Array.from({ length: 30 }, (_, steps) => ({ steps })))(
    'killed after $steps writes, undo brings all back',
    ({ steps }) => {
      const disk = new FragileDisk()
      lab.remove()
      lab = new LabOnDisk(disk)
      for (const [name, text] of Object.entries(work)) lab.edit(text, name)
      disk.killAfter(steps)
      said(() => lab.write(both))
      disk.mend()
      expect(['work', 'starter']).toEqual(expect.arrayContaining(texts()))
      if (texts().includes('starter')) lab.undo()
      expect(texts()).toEqual(['work', 'work'])
    },
  )
})

describe('what is no file of the reader’s', () => {
  test('a folder in the place of a file is a sentence', () => {
    mkdirSync(lab.file(), { recursive: true })
    expect(said(() => lab.write(starter))).toMatch(/^labs\/12-frames\/frame\.ts: expected a file, found a folder/)
    expect(statSync(lab.file()).isDirectory()).toBe(true)
  })

  test('a file in the place of the lab is a sentence', () => {
    mkdirSync(join(lab.folder, 'labs'))
    writeFileSync(dirname(lab.file()), 'mine')
    expect(said(() => lab.write(starter))).toMatch(/^labs\/12-frames\/frame\.ts: a file stands where its folder/)
    expect(readFileSync(dirname(lab.file()), 'utf8')).toBe('mine')
  })

  test('a file in the place of the history is a sentence', () => {
    lab.edit('work')
    mkdirSync(join(lab.folder, 'history'))
    writeFileSync(lab.kept, 'mine')
    expect(said(() => lab.write(starter))).toMatch(/12-frames: a file stands where its folder should be/)
    expect(lab.text()).toBe('work')
  })

  test('a position that nobody can read is done without', () => {
    lab.edit('work')
    lab.write(starter)
    lab.undo()
    writeFileSync(join(lab.kept, 'position'), '{"at"')
    expect(lab.all('undo')).toEqual(['starter', 'work'])
  })
})

describe.skipIf(process.platform === 'win32')('what may not be read or written', () => {
  // Root may do everything, so it becomes nobody for the while.
  const isRoot = process.getuid?.() === 0
  beforeEach(() => {
    lab.edit('work')
    for (const path of ['', 'labs', `labs/${stem}`, `labs/${stem}/frame.ts`])
      chownSync(join(lab.folder, path), nobody, nobody)
    if (isRoot) process.seteuid!(nobody)
  })
  afterEach(() => {
    if (isRoot) process.seteuid!(0)
    chmodSync(dirname(lab.file()), 0o755)
  })
  const nobody = isRoot ? 65534 : (process.getuid?.() ?? 0)

  test('a file that may not be read is a sentence', () => {
    chmodSync(lab.file(), 0)
    expect(said(() => lab.write(starter))).toMatch(/^labs\/12-frames\/frame\.ts may not be read\./)
    chmodSync(lab.file(), 0o644)
    expect(lab.text()).toBe('work')
  })

  test('a file of the reader’s own that may not be read does not matter', () => {
    writeFileSync(lab.file('secret.ts'), 'mine', { mode: 0 })
    lab.write(starter)
    expect(lab.all('undo')).toEqual(['work'])
    chmodSync(lab.file('secret.ts'), 0o644)
    expect(readFileSync(lab.file('secret.ts'), 'utf8')).toBe('mine')
  })

  test('a folder that may not be written is a sentence', () => {
    chmodSync(dirname(lab.file()), 0o555)
    expect(said(() => lab.write(starter))).toMatch(/^labs\/12-frames\/frame\.ts may not be written\./)
    expect(lab.text()).toBe('work')
  })

  test('a history that may not be written is a sentence', () => {
    mkdirSync(join(lab.folder, 'history'), { mode: 0o555 })
    expect(said(() => lab.write(starter))).toMatch(/history\/12-frames may not be written\./)
    expect(lab.text()).toBe('work')
  })
})
