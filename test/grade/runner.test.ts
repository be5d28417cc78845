import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { GradeEvent } from '../../workbook/grade/checks/events.ts'
import { root } from '../../workbook/grade/labs/tree.ts'
import { Runner } from '../../workbook/grade/run/runner.ts'
import { numbersIn, runs, until } from './processes-left.ts'
import { proofFolder, removeProofs, writeTree } from './proof/trees.ts'

// A loop is tried twice on a machine that is busy with other tests.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })

const folder = proofFolder('runs')
const graders = join(root, 'test/grade/fixtures/graders')
const write = (body: string) =>
  writeTree(
    folder,
    '91-runs',
    new Map([['lab.ts', Buffer.from(`export async function work() { ${body}; return 'done' }\n`)]]),
  )

/** Starts two processes that end for nobody, one of them in a group of its own, and writes the numbers of all three. */
const spawning = `
  const { spawn } = await import('node:child_process')
  const { writeFileSync } = await import('node:fs')
  const start = (detached) =>
    spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore', detached }).pid
  writeFileSync(new URL('pids', import.meta.url), [process.pid, start(false), start(true)].join(' '))
`

/** All times in milliseconds, and shorter than a reader's. */
const limits = { computingMs: 1500, asleepMs: 1500, silentMs: 10_000 }

let runner: Runner
let events: GradeEvent[]

beforeEach(() => {
  write('')
  events = []
  runner = new Runner({ labsFolder: folder, graders, limits })
  runner.on((event) => events.push(event))
})
afterEach(() => runner.close())
afterAll(removeProofs)

const ends = () => events.filter((event) => event.type === 'end')

test('a run that is broken off has no end, and the last one counts', async () => {
  write('await new Promise((resolve) => setTimeout(resolve, 100))')
  await Promise.all([runner.grade('91-runs'), runner.grade('91-runs'), runner.grade('91-runs')])
  expect(ends()).toMatchObject([{ type: 'end', passed: 1, failed: 0 }])
})

test('a loop without end is broken off by the next save, without a verdict', async () => {
  write('for (;;) {}')
  const hangs = runner.grade('91-runs')
  await until(() => events.some(({ type }) => type === 'start'))
  write('')
  await runner.grade('91-runs')
  await hangs
  expect(ends()).toMatchObject([{ passed: 1, failed: 0 }])
})

test('a loop without end takes along what the lab has started', async () => {
  write(`${spawning}; for (;;) {}`)
  await runner.grade('91-runs')
  expect(ends()).toMatchObject([
    { problem: { difference: { summary: expect.stringContaining('a loop that never ends') } } },
  ])
  for (const pid of await pids()) await until(() => !runs(pid))
})

test('closing takes along what the lab has started', async () => {
  write(`${spawning}; await new Promise(() => {})`)
  void runner.grade('91-runs')
  const all = await pids()
  await runner.close()
  for (const pid of all) await until(() => !runs(pid))
})

test('a lab that kills its own process leaves nothing behind', async () => {
  write(`${spawning}; process.kill(process.pid, 'SIGKILL')`)
  await runner.grade('91-runs')
  expect(ends()).toMatchObject([
    { passed: 0, problem: { difference: { summary: expect.stringContaining('SIGKILL') } } },
  ])
  for (const pid of await pids()) await until(() => !runs(pid))
})

test('what stands in the reader’s shell does not reach the lab', async () => {
  const set = {
    NODE_TLS_REJECT_UNAUTHORIZED: '0',
    HTTPS_PROXY: 'http://127.0.0.1:1',
    TZ: 'Asia/Tokyo',
    FORCE_COLOR: '3',
  }
  const before = { ...process.env }
  Object.assign(process.env, set)
  const other = new Runner({ labsFolder: folder, graders })
  process.env = before
  other.on((event) => events.push(event))
  write(
    `const seen = ${JSON.stringify(Object.keys(set))}.filter((name) => name in process.env); if (seen[0]) return seen.join()`,
  )
  await other.grade('91-runs')
  await other.close()
  expect(ends()).toMatchObject([{ passed: 1, failed: 0 }])
})

test('a process that cannot be started is tried a few times, then told; the next run tries again', async () => {
  const starts = join(folder, 'starts')
  const broken = join(folder, 'node')
  writeFileSync(broken, `#!/bin/sh\necho started >> '${starts}'\necho 'no such thing' >&2\nexit 7\n`, { mode: 0o755 })
  const node = process.execPath
  process.execPath = broken
  const other = new Runner({ labsFolder: folder, graders })
  other.on((event) => events.push(event))
  await other.grade('91-runs')
  process.execPath = node
  expect(ends()).toMatchObject([
    {
      problem: {
        difference: {
          summary: expect.stringContaining('cannot be started'),
          details: expect.stringContaining('no such thing'),
        },
      },
    },
  ])
  expect(readFileSync(starts, 'utf8').trim().split('\n')).toHaveLength(4)
  await other.grade('91-runs')
  await other.close()
  expect(ends().at(-1)).toMatchObject({ passed: 1, failed: 0 })
  expect(ends().at(-1)!.problem).toBeUndefined()
})

test('a killed workbook leaves nothing behind', async () => {
  write(spawning)
  const workbook = spawn(
    process.execPath,
    ['--import', 'tsx', join(root, 'test/grade/fixtures/grade-and-wait.ts'), folder, graders],
    { cwd: root, stdio: 'inherit' },
  )
  const all = await pids()
  expect(all.every(runs)).toBe(true)
  workbook.kill('SIGKILL')
  for (const pid of all) await until(() => !runs(pid))
})

/** The numbers of all three processes, as soon as the lab has written them down. */
const pids = () => numbersIn(join(folder, '91-runs', 'pids'), 3)
