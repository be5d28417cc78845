import { execFile as execFileWithCallback } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { GradeEvent } from '../../workbook/grade/checks/events.ts'
import { isDone, merge, readProgress, recordProgress, writeProgress } from '../../workbook/grade/session/progress.ts'
import { say } from '../../workbook/sentences/say.ts'
import { said } from './lab-on-disk.ts'
import { checks } from './session-table.ts'

const execFile = promisify(execFileWithCallback)

let folder = ''
let file = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wirebook-progress-'))
  file = join(folder, 'deep', 'progress.json')
})
afterEach(() => rmSync(folder, { recursive: true }))

const run: GradeEvent[] = [
  { type: 'start', lab: '12-frames', checks },
  { type: 'check', lab: '12-frames', id: 'short', state: 'passed', milliseconds: 1 },
  { type: 'check', lab: '12-frames', id: 'long', state: 'failed', milliseconds: 1 },
  { type: 'check', lab: '12-frames', id: 'masked', state: 'passed', milliseconds: 1 },
  { type: 'end', lab: '12-frames', passed: 2, failed: 1, milliseconds: 3 },
]

test('a run is written down, and what passed first stays the first', () => {
  recordProgress(file, run, '2026-11-23T10:00:00.000Z')
  recordProgress(file, run, '2026-11-24T10:00:00.000Z')
  const { progress } = readProgress(file)
  expect(progress['12-frames']).toEqual({
    short: { passedAt: '2026-11-23T10:00:00.000Z', tries: 0, hints: 0 },
    long: { tries: 0, hints: 0 },
    masked: { passedAt: '2026-11-23T10:00:00.000Z', tries: 0, hints: 0 },
  })
  expect(isDone(progress, '12-frames')).toBe(false)
})

test('deleting it costs nothing: the next run finds the same passes', () => {
  recordProgress(file, run)
  rmSync(file)
  recordProgress(file, run)
  expect(Object.keys(readProgress(file).progress['12-frames']!)).toEqual(['long', 'masked', 'short'])
})

test('keys are sorted, whatever the order they came in', () => {
  writeProgress(file, { b: {}, a: { z: { tries: 1, hints: 0 }, y: { hints: 2, tries: 0 } } })
  expect(readFileSync(file, 'utf8')).toBe(
    `${JSON.stringify({ a: { y: { hints: 2, tries: 0 }, z: { hints: 0, tries: 1 } }, b: {} }, null, 2)}\n`,
  )
})

test('two machines add up: the earlier pass, the larger counts', () => {
  const here = { a: { x: { passedAt: '2026-02-01', tries: 3, hints: 0 }, y: { tries: 1, hints: 1 } } }
  const there = { a: { x: { passedAt: '2026-01-01', tries: 1, hints: 2 } }, b: { z: { tries: 0, hints: 0 } } }
  const both = {
    a: { x: { passedAt: '2026-01-01', tries: 3, hints: 2 }, y: { tries: 1, hints: 1 } },
    b: { z: { tries: 0, hints: 0 } },
  }
  expect(merge(here, there)).toEqual(both)
  expect(merge(there, here)).toEqual(both)
})

test.each([
  { name: 'half of a file', text: '{"12-frames": {' },
  { name: 'a list', text: '[]' },
  { name: 'a lab that is no object', text: '{"12-frames": 7}' },
  { name: 'a check without counts', text: '{"12-frames": {"short": {"tries": "many"}}}' },
])('$name is set aside with a sentence', ({ text }) => {
  file = join(folder, 'progress.json')
  writeFileSync(file, text)
  const { progress, notice } = readProgress(file)
  expect(progress).toEqual({})
  expect(say(notice!)).toMatch(/^progress\.json could not be read\. It is now .*; grading fills in a new one\.$/)
  expect(readFileSync(`${file}.unreadable`, 'utf8')).toBe(text)
  expect(existsSync(file)).toBe(false)
})

test('what was set aside before is not written over', () => {
  file = join(folder, 'progress.json')
  for (const text of ['first', 'second', 'third']) {
    writeFileSync(file, text)
    expect(readProgress(file).progress).toEqual({})
  }
  const aside = ['', '-2', '-3'].map((number) => readFileSync(`${file}.unreadable${number}`, 'utf8'))
  expect(aside).toEqual(['first', 'second', 'third'])
})

test('a folder is set aside as well, even where one was before', () => {
  file = join(folder, 'progress.json')
  mkdirSync(join(folder, 'progress.json.unreadable'))
  mkdirSync(file)
  writeFileSync(join(file, 'mine'), 'text')
  recordProgress(file, run)
  expect(Object.keys(readProgress(file).progress)).toEqual(['12-frames'])
  expect(readFileSync(`${file}.unreadable-2/mine`, 'utf8')).toBe('text')
})

test('a file where its folder should be is a sentence, and there is no progress', () => {
  file = join(folder, 'a-file', 'progress.json')
  writeFileSync(join(folder, 'a-file'), 'mine')
  expect(readProgress(file)).toEqual({ progress: {} })
  expect(said(() => writeProgress(file, {}))).toMatch(/progress\.json: a file stands where its folder should be/)
  expect(readFileSync(join(folder, 'a-file'), 'utf8')).toBe('mine')
})

test('two that write at once leave a whole file, and nothing beside it', async () => {
  file = join(folder, 'progress.json')
  const writer = fileURLToPath(new URL('fixtures/writes-progress.ts', import.meta.url))
  const writers = ['a', 'b', 'c'].map((lab) => execFile(process.execPath, ['--import', 'tsx', writer, file, lab]))
  await Promise.all(writers)
  expect(readProgress(file).notice).toBeUndefined()
  expect(readdirSync(folder)).toEqual(['progress.json'])
})
