import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readChapter } from '../../workbook/grade/labs/chapter.ts'
import { answerFiles, diffLab, diffText } from '../../workbook/grade/labs/diff.ts'
import { type Files, writeFolder } from '../../workbook/grade/labs/folder.ts'
import { givenFile, labTodos, mutantFiles, solutionStems, starterFiles } from '../../workbook/grade/labs/lab-files.ts'
import { readLab } from '../../workbook/grade/labs/labs.ts'
import { withLineEndsOf } from '../../workbook/grade/labs/line-ends.ts'
import { root } from '../../workbook/grade/labs/tree.ts'
import { copyProject } from './project-copy.ts'
import { labComplaints } from './proof/lab-complaints.ts'

/** The project as an unpacker or an old Git on Windows leaves it. */
let project: ReturnType<typeof copyProject>
beforeAll(() => {
  project = copyProject()
  for (const folder of ['docs', 'solutions', 'test/labs']) {
    for (const entry of readdirSync(join(project.folder, folder), { recursive: true, withFileTypes: true })) {
      if (!/\.(ts|md)$/.test(entry.name)) continue
      const file = join(entry.parentPath, entry.name)
      writeFileSync(file, readFileSync(file, 'utf8').replaceAll(/\r?\n/g, '\r\n'))
    }
  }
  writeFolder(join(project.folder, 'labs'), withCrLf(new Map([['run.ts', givenFile(root)]])))
  for (const stem of stems) writeFolder(join(project.folder, 'labs', stem), withCrLf(starterFiles(root, stem)))
})
afterAll(() => project.remove())

const stems = solutionStems(root)

function withCrLf(files: Files): Files {
  return new Map([...files].map(([path, bytes]) => [path, Buffer.from(String(bytes).replaceAll('\n', '\r\n'))]))
}

test.each(stems)('%s with CR LF is the same lab: starter, answer, mutants, chapter, hints, diff', (stem) => {
  const { folder } = project
  expect(starterFiles(folder, stem)).toEqual(starterFiles(root, stem))
  expect(answerFiles(folder, stem)).toEqual(answerFiles(root, stem))
  expect(labTodos(folder, stem)).toEqual(labTodos(root, stem))
  expect(mutantFiles(folder, stem, 1)).toEqual(mutantFiles(root, stem, 1))
  const { frontMatter, hints, complaints } = readChapter(root, stem)
  expect(readChapter(folder, stem)).toMatchObject({ frontMatter, hints, complaints })
  const lab = readLab(root, stem)
  expect(readLab(folder, stem)).toEqual(lab)
  const [yours, solution] = [starterFiles(root, stem), answerFiles(root, stem)]
  for (const { file, lines } of diffLab(folder, lab)) {
    expect(lines).toEqual(diffText(String(yours.get(file)), String(solution.get(file))))
  }
})

test('prove finds nothing to blame in files', async () => {
  expect(await labComplaints(project.folder, '12-ws-frames')).toEqual([])
})

test('starters -- --check finds nothing to blame', () => {
  const command = ['workbook/run.mjs', 'workbook/grade/labs/write-starters.ts', '--check']
  const { status, stderr } = spawnSync(process.execPath, command, { cwd: project.folder, encoding: 'utf8' })
  expect(stderr).toBe('')
  expect(status).toBe(0)
})

describe('a file that the workbook writes', () => {
  const theirs: Files = new Map([
    ['crlf.ts', Buffer.from('a\r\nb\r\n')],
    ['lf.ts', Buffer.from('a\nb\n')],
    ['first-lf.ts', Buffer.from('\nb\r\n')],
    ['one-line.ts', Buffer.from('a')],
    ['latin-1.ts', Buffer.from('a\xe9\r\n', 'latin1')],
  ])

  test.each([
    { path: 'crlf.ts', written: 'x\r\ny\r\n' },
    { path: 'lf.ts', written: 'x\ny\n' },
    { path: 'first-lf.ts', written: 'x\ny\n' },
    { path: 'one-line.ts', written: 'x\ny\n' },
    { path: 'latin-1.ts', written: 'x\r\ny\r\n' },
    { path: 'new.ts', written: 'x\ny\n' },
  ])('over $path has its line ends', ({ path, written }) => {
    const files: Files = new Map([[path, Buffer.from('x\ny\n')]])
    expect(String(withLineEndsOf(theirs, files).get(path))).toBe(written)
  })

  test('loses no byte', () => {
    expect(withLineEndsOf(theirs, theirs)).toEqual(theirs.set('first-lf.ts', Buffer.from('\nb\n')))
  })
})

test.runIf(existsSync(join(root, '.git')))('.gitattributes covers every text file, whatever core.autocrlf says', () => {
  const files = execFileSync('git', ['ls-files', '--eol'], { cwd: root, encoding: 'utf8' }).trim().split('\n')
  const uncovered = files.filter(
    (line) => !/^i\/(lf|none) .*attr\/text\S* eol=lf/.test(line) && !/^i\/-text /.test(line),
  )
  expect(uncovered).toEqual([])
})
