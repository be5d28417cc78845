import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import type { GradeEvent } from '../../workbook/grade/checks/events.ts'
import { root } from '../../workbook/grade/labs/tree.ts'
import { Runner } from '../../workbook/grade/run/runner.ts'
import { numbersIn } from './processes-left.ts'
import { proofFolder, removeProofs, writeTree } from './proof/trees.ts'

// A loop is tried twice on a machine that is busy with other tests.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })

const folder = proofFolder('verdicts')
const lab = (body: string) => `export async function work() { ${body}; return 'done' }\n`
const write = (text: string) => writeTree(folder, '91-runs', new Map([['lab.ts', Buffer.from(text)]]))

/** All times in milliseconds, and shorter than a reader's. */
const limits = { computingMs: 1500, asleepMs: 1500, silentMs: 10_000 }

let runner: Runner
let events: GradeEvent[]

beforeAll(() => {
  write(lab(''))
  runner = new Runner({ labsFolder: folder, graders: join(root, 'test/grade/fixtures/graders'), limits })
  runner.on((event) => events.push(event))
})
beforeEach(() => {
  events = []
})
afterAll(async () => {
  await runner.close()
  removeProofs()
})

/** Grades a lab. @returns the events with which its run has ended */
async function grade(text: string) {
  write(text)
  await runner.grade('91-runs')
  return ends()
}

const ends = () => events.filter((event) => event.type === 'end')

test('a grading process that was not given time is not called a loop', async () => {
  write(
    lab(`
    const { writeFileSync } = await import('node:fs')
    writeFileSync(new URL('pid', import.meta.url), String(process.pid))
    await new Promise((resolve) => setTimeout(resolve, 200))
  `),
  )
  const graded = runner.grade('91-runs')
  const [child] = await numbersIn(join(folder, '91-runs', 'pid'), 1)
  process.kill(child!, 'SIGSTOP')
  // Longer than a lab may compute in silence.
  await new Promise((resolve) => setTimeout(resolve, 3500))
  process.kill(child!, 'SIGCONT')
  await graded
  expect(ends()).toEqual([{ type: 'end', lab: '91-runs', passed: 1, failed: 0, milliseconds: expect.any(Number) }])
})

test.each([
  { name: 'Atomics.wait', call: 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)' },
  {
    name: 'execFileSync',
    call: `(await import('node:child_process')).execFileSync(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])`,
  },
])('$name holds up the event loop, which is said, and no loop is looked for', async ({ call }) => {
  const [end] = await grade(lab(call))
  const summary = end!.problem!.difference.summary
  expect(summary).toMatch(/^labs\/91-runs .* in the check "the lab works"/)
  expect(summary).toContain(process.platform === 'linux' ? 'look for a call that blocks' : 'a call in it blocks')
  expect(summary).not.toContain('loop')
})

test('a thread that ends in the middle of a check is no verdict', async () => {
  expect(await grade(lab('process.reallyExit(0)'))).toMatchObject([
    { passed: 0, failed: 0, problem: { difference: { summary: expect.stringContaining('without a verdict') } } },
  ])
})

test.each([
  { name: 'a rejection', late: `Promise.reject(new Error('too late'))` },
  { name: 'a throw', late: `{ throw new Error('too late') }` },
])('$name 10 ms after the last check is told', async ({ late }) => {
  const [end] = await grade(lab(`setTimeout(() => ${late}, 10)`))
  // On a busy machine the check may still be closing what it has opened.
  const failed = events.flatMap((event) => (event.type === 'check' && event.failure ? [event.failure] : []))
  expect([...failed, end!.problem].filter((told) => told !== undefined)).toMatchObject([
    { difference: { summary: expect.stringContaining('too late') } },
  ])
})

test('of a long message with controls in it, what can be shown is told, and how long it is', async () => {
  await grade(lab(`throw new Error('\\u001b[2Jgone\\u202e' + 'x'.repeat(5e6))`))
  const failed = events.find((event) => event.type === 'check')
  const { summary } = failed!.failure!.difference
  expect(summary).toMatch(/^Error: ␛\[2Jgone\\u202ex+ … \(5,000,016 characters\)$/)
  expect(summary.length).toBeLessThan(400)
})
