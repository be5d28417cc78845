import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { readFolder, writeFolder } from '../../workbook/grade/labs/folder.ts'
import { makeGradedFolder, removeGradedFolder } from '../../workbook/grade/labs/graded-folder.ts'
import { root } from '../../workbook/grade/labs/tree.ts'
import { proofFolder, removeProofs } from './proof/trees.ts'

afterAll(removeProofs)

describe('the folder of a run', () => {
  const project = proofFolder('project')
  const all = join(project, '.wirebook', 'graded')

  beforeEach(() => rmSync(project, { recursive: true, force: true }))

  test('is of that run alone, and gone when it is removed', () => {
    const [a, b] = [makeGradedFolder(project), makeGradedFolder(project)]
    expect(a).not.toBe(b)
    writeFileSync(join(a, 'lab.ts'), '')
    removeGradedFolder(a)
    expect(readdirSync(all).map((name) => join(all, name))).toEqual([b])
  })

  test('that was killed is swept, and none of a run that goes on', async () => {
    const ended = spawn(process.execPath, ['-e', ''])
    await once(ended, 'exit')
    const names = { theirs: `${process.pid}-0123abcd`, killed: `${ended.pid}-0123abcd`, old: '12-ws-frames' }
    for (const name of Object.values(names)) mkdirSync(join(all, name), { recursive: true })
    const own = makeGradedFolder(project)
    expect(
      readdirSync(all)
        .map((name) => join(all, name))
        .sort(),
    ).toEqual([join(all, names.theirs), own].sort())
  })
})

test('two at once, one right and one wrong: each gets its own marks', { timeout: 60_000 }, async () => {
  const stem = '12-ws-frames'
  const files = readFolder(join(root, 'solutions', stem))
  const wrong = String(files.get('frame.ts')).replace('header.writeUInt16BE', 'header.writeUInt16LE')
  const students = { right: files, wrong: new Map([...files, ['frame.ts', Buffer.from(wrong)] as const]) }
  const marks = await Promise.all(
    Object.entries(students).map(async ([name, lab]) => {
      const folder = proofFolder(name)
      writeFolder(join(folder, stem), lab)
      const report = join(folder, 'marks.json')
      const code = await grade('12', '--labs', folder, '--json', report)
      const { passed } = JSON.parse(readFileSync(report, 'utf8')) as { passed: boolean }
      return { name, code, passed }
    }),
  )
  expect(marks).toEqual([
    { name: 'right', code: 0, passed: true },
    { name: 'wrong', code: 1, passed: false },
  ])
  const left = join(root, '.wirebook', 'graded')
  const ours = existsSync(left) ? readdirSync(left).filter((name) => !isRunning(name)) : []
  expect(ours).toEqual([])
})

/** `npm run grade`, without npm. @returns its exit code */
function grade(...words: string[]): Promise<number> {
  const main = join(root, 'workbook/grade/main.ts')
  return new Promise((resolve) => {
    execFile(process.execPath, ['--import', 'tsx', main, ...words], { cwd: root }, (error) => {
      resolve(Number(error?.code ?? 0))
    })
  })
}

/** Whether another test grades in that folder just now. */
function isRunning(name: string): boolean {
  try {
    return process.kill(Number(name.split('-')[0]), 0)
  } catch {
    return false
  }
}
