import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { History } from '../../workbook/grade/labs/history.ts'
import { Versions } from '../../workbook/grade/labs/versions.ts'
import { copyProject } from './project-copy.ts'

const stem = '12-ws-frames'
let project: ReturnType<typeof copyProject>
beforeAll(() => {
  project = copyProject()
})
afterAll(() => project.remove())

test('npm run starters keeps what it writes over and what it removes', { timeout: 60_000 }, () => {
  const [labs, kept] = [join(project.folder, 'labs'), join(project.folder, '.wirebook', 'history')]
  writeFileSync(join(labs, stem, 'mask.ts'), 'my mask')
  writeFileSync(join(labs, stem, 'helper.ts'), 'my helper')
  writeFileSync(join(labs, 'run.ts'), 'my run')
  for (const name of ['98-gone', '99-gone']) {
    mkdirSync(join(labs, name))
    writeFileSync(join(labs, name, 'a.ts'), 'my lab')
  }
  writeFileSync(join(labs, '99-gone', 'notes.txt'), 'my notes')

  const command = ['--import', 'tsx', 'workbook/grade/labs/write-starters.ts']
  const { status, stderr } = spawnSync(process.execPath, command, { cwd: project.folder, encoding: 'utf8' })
  expect([stderr, status]).toEqual(['', 0])

  expect(existsSync(join(labs, stem, 'helper.ts'))).toBe(false)
  expect(existsSync(join(labs, '98-gone'))).toBe(false)
  expect(readFileSync(join(labs, '99-gone', 'notes.txt'), 'utf8')).toBe('my notes')
  const run = new Versions(join(kept, 'run.ts'))
  expect(String(run.read(run.list()[0]!).files.get('run.ts'))).toBe('my run')

  const history = new History(labs, kept)
  for (const name of [stem, '98-gone', '99-gone']) history.undo(name)
  const paths = [`${stem}/mask.ts`, `${stem}/helper.ts`, '98-gone/a.ts', '99-gone/a.ts']
  const texts = paths.map((path) => readFileSync(join(labs, path), 'utf8'))
  expect(texts).toEqual(['my mask', 'my helper', 'my lab', 'my lab'])
})
