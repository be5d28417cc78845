import { execFile as execFileWithCallback } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Versions } from '../../workbook/grade/labs/versions.ts'
import { FragileDisk } from './fragile-disk.ts'
import { filesOf, said } from './lab-on-disk.ts'

const execFile = promisify(execFileWithCallback)

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wirebook-versions-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const version = (text: string) => ({
  files: filesOf({ 'frame.ts': text, 'lib/a.ts': text }),
  absent: new Set(['b.ts']),
})

test('a version is read as it was saved', () => {
  const name = new Versions(folder).save(version('text'))
  expect(new Versions(folder).read(name)).toEqual(version('text'))
  expect(new Versions(folder).list()).toEqual(['0001'])
})

test('a version of no files is one too', () => {
  const name = new Versions(folder).save({ files: new Map(), absent: new Set(['frame.ts']) })
  expect(new Versions(folder).read(name).absent).toEqual(new Set(['frame.ts']))
  expect(new Versions(folder).save(version('next'))).toBe('0002')
})

test('versions are listed by their numbers, those of older workbooks among them, and nothing else is', () => {
  const names = ['10000', '9999', '0002', '0001_2026-11-23T12-04-31_reset', '0003_2026-11-23T12-04-31_passed', '12_x']
  for (const name of [...names, 'passed', 'position', '.wirebook-1-1', 'mine']) mkdirSync(join(folder, name))
  const versions = new Versions(folder)
  expect(versions.list()).toEqual(['0001_2026-11-23T12-04-31_reset', '0002', '9999', '10000'])
  expect(versions.save(version('text'))).toBe('10001')
})

test('the first version that passed is kept, once', () => {
  const versions = new Versions(folder)
  versions.savePassed(version('first'))
  versions.savePassed(version('second'))
  expect(String(versions.read('passed').files.get('frame.ts'))).toBe('first')
  expect(readdirSync(folder)).toEqual(['passed'])
})

test('of two workbooks that see the first pass at once, one keeps it', () => {
  const disk = new FragileDisk()
  const slower = new Versions(folder, disk)
  const rename = disk.rename.bind(disk)
  disk.rename = (from, to) => {
    disk.rename = rename
    new Versions(folder).savePassed(version('faster'))
    rename(from, to)
  }
  slower.savePassed(version('slower'))
  expect(String(new Versions(folder).read('passed').files.get('frame.ts'))).toBe('faster')
  expect(readdirSync(folder)).toEqual(['passed'])
})

test.each(Array.from({ length: 14 }, (_, steps) => ({ steps })))(
  'killed after $steps writes, it is whole or not there',
  ({ steps }) => {
    const disk = new FragileDisk()
    new Versions(folder, disk).save(version('first'))
    disk.killAfter(steps)
    said(() => new Versions(folder, disk).save(version('second')))
    disk.mend()
    const versions = new Versions(folder, disk)
    const kept = versions.list().map((name) => versions.read(name))
    expect([[version('first')], [version('first'), version('second')]]).toContainEqual(kept)
    versions.save(version('third'))
    expect(readdirSync(folder).filter((name) => !/^\d{4}$/.test(name))).toEqual([])
  },
)

test.each([0, 5, 20, 40, 45])('with room for %i bytes it is not there, and nothing is left', (bytes) => {
  const disk = new FragileDisk()
  disk.fillUpTo(bytes)
  const versions = new Versions(folder, disk)
  expect(said(() => versions.save(version('text')))).toBe(`${folder}: the disk is full. Make room, then ask again.`)
  expect(readdirSync(folder)).toEqual([])
})

test('two processes take numbers of their own', async () => {
  const saver = fileURLToPath(new URL('fixtures/saves-versions.ts', import.meta.url))
  await Promise.all(['a', 'b', 'c'].map((text) => execFile(process.execPath, ['--import', 'tsx', saver, folder, text])))
  const versions = new Versions(folder)
  const texts = versions.list().map((name) => String(versions.read(name).files.get('frame.ts')))
  const saved = ['a', 'b', 'c'].flatMap((text) => Array.from({ length: 20 }, (_, i) => `${text} ${i}`))
  expect(texts.sort()).toEqual(saved.sort())
})

test('absent paths that nobody can read are none', () => {
  const versions = new Versions(folder)
  const name = versions.save(version('text'))
  writeFileSync(join(folder, name, '.absent.json'), '["b')
  expect(new Versions(folder).read(name).absent).toEqual(new Set())
})
