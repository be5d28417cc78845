import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { readFolder, writeFolder } from '../../workbook/grade/labs/folder.ts'
import { starterFiles } from '../../workbook/grade/labs/lab-files.ts'
import { takeSnapshot } from '../../workbook/grade/labs/snapshot.ts'
import { root } from '../../workbook/grade/labs/tree.ts'
import { junitReport } from '../../workbook/grade/report/reports.ts'
import { resultOf } from '../../workbook/grade/report/result.ts'
import { proofFolder, removeProofs } from './proof/trees.ts'

afterAll(removeProofs)

const stem = '12-ws-frames'

/** `npm run grade`, without npm. */
function grade(...words: string[]): Promise<{ code: number; output: string }> {
  const file = join(root, 'workbook/grade/main.ts')
  return new Promise((resolve) => {
    execFile(process.execPath, ['--import', 'tsx', file, ...words], { cwd: root }, (error, stdout, stderr) => {
      resolve({ code: Number(error?.code ?? 0), output: stdout + stderr })
    })
  })
}

describe('npm run grade', () => {
  test('with somebody’s right lab: exit code 0, and reports that say so', async () => {
    const [json, junit] = [proofFolder('reports/labs.json'), proofFolder('reports/labs.xml')]
    const { code, output } = await grade('12', '--labs', 'solutions', '--json', json, '--junit', junit)
    expect(output).toMatch(/✓ 12 .* (\d+) of \1 checks/)
    expect(code).toBe(0)
    const report = JSON.parse(readFileSync(json, 'utf8'))
    expect(report).toMatchObject({ folder: 'solutions', passed: true, labs: [{ lab: stem, passed: true }] })
    expect(readFileSync(junit, 'utf8')).toMatch(/<testsuite name="12-ws-frames" tests="\d+" failures="0" errors="0"/)
  })

  test('with a wrong one: exit code 1, and the first failure with its place in their folder', async () => {
    const folder = proofFolder('student')
    const files = readFolder(join(root, 'solutions', stem))
    const frame = String(files.get('frame.ts')).replace('header.writeUInt16BE', 'header.writeUInt16LE')
    writeFolder(join(folder, 'labs', stem), new Map([...files, ['frame.ts', Buffer.from(frame)]]))
    const { code, output } = await grade('12', '--labs', folder)
    expect(output).toContain('✗ 126 to 65,535 bytes take the 16-bit length')
    expect(output).toContain('first difference at byte 2: want 00, got 7e')
    expect(output).toContain(`${join(folder, 'labs')}/12-ws-frames/frame.ts:`)
    expect(code).toBe(1)
  })

  test.each([
    { words: ['99'], says: /^99: expected the number of a lab/ },
    { words: ['--labs', 'nowhere'], says: /^--labs nowhere: expected a folder/ },
  ])('$words is refused in a sentence', async ({ words, says }) => {
    const { code, output } = await grade(...words)
    expect(output).toMatch(says)
    expect(output.trim().split('\n')).toHaveLength(1)
    expect(code).toBe(1)
  })
})

test('a snapshot fills in what is missing, and follows no link out of the folder', () => {
  const [from, to, elsewhere] = [proofFolder('theirs'), proofFolder('snapshot'), proofFolder('elsewhere')]
  mkdirSync(join(from, stem), { recursive: true })
  mkdirSync(elsewhere, { recursive: true })
  writeFileSync(join(from, stem, 'mask.ts'), '// theirs\n')
  writeFileSync(join(elsewhere, 'secret.ts'), '// not theirs to grade\n')
  if (process.platform !== 'win32') symlinkSync(join(elsewhere, 'secret.ts'), join(from, stem, 'linked.ts'))
  takeSnapshot(root, from, to)
  const copied = readFolder(join(to, stem))
  expect(String(copied.get('mask.ts'))).toBe('// theirs\n')
  expect(copied.get('frame.ts')).toEqual(starterFiles(root, stem).get('frame.ts'))
  expect(copied.has('linked.ts')).toBe(false)
})

describe('a report', () => {
  const check = { id: 'a', title: 'a & b', todo: [1], anchor: 'a', rule: 'RFC 1' }
  const failure = {
    action: 'sent <x>',
    received: 'sent "\u0000\ud800"',
    difference: { shape: 'state' as const, summary: 'want <1>, got \u0000' },
  }

  test('knows the checks that were not reached', () => {
    const result = resultOf(stem, 'Frames', [
      { type: 'start', lab: stem, checks: [check, { ...check, id: 'b' }] },
      { type: 'check', lab: stem, id: 'a', state: 'passed', milliseconds: 3 },
      { type: 'end', lab: stem, passed: 1, failed: 0, milliseconds: 9, problem: failure },
    ])
    expect(result.checks.map(({ state }) => state)).toEqual(['passed', 'notReached'])
    expect(result.passed).toBe(false)
  })

  test('is XML whatever a lab has sent', () => {
    const result = { lab: stem, title: 'Frames', passed: false, milliseconds: 9, problem: failure }
    const xml = junitReport(
      [{ ...result, checks: [{ ...check, state: 'failed', failure }] }],
      '2026-01-02T03:04:05.000Z',
    )
    expect(xml).toContain('name="a: a &amp; b"')
    expect(xml).toContain('message="want &lt;1&gt;, got \ufffd"')
    expect(xml).not.toMatch(/[\u0000\ud800]/)
  })
})
