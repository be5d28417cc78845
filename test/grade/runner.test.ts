import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { GradeEvent } from '../../workbook/grade/checks/events.ts'
import { root } from '../../workbook/grade/labs/tree.ts'
import { Runner } from '../../workbook/grade/run/runner.ts'
import { readersLimits } from '../../workbook/grade/run/silence-watch.ts'
import { proofFolder, removeProofs, writeTree } from './proof/trees.ts'

const folder = proofFolder('runs')
const graders = join(root, 'test/grade/fixtures/graders')
const write = (body: string) =>
  writeTree(
    folder,
    '91-runs',
    new Map([['lab.ts', Buffer.from(`export async function work() { ${body}; return 'done' }\n`)]]),
  )

/** Starts a process that only its group can end, and prints the numbers of both. */
const spawning = `
  const { spawn } = await import('node:child_process')
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
  const { writeFileSync } = await import('node:fs')
  writeFileSync(new URL('pids', import.meta.url), process.pid + ' ' + child.pid)
`

let runner: Runner
let events: GradeEvent[]

beforeEach(() => {
  write('')
  events = []
  runner = new Runner({ labsFolder: folder, graders, limits: { ...readersLimits, computingMs: 1500 } })
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
  const both = await pids()
  await runner.close()
  for (const pid of both) await until(() => !runs(pid))
})

test('a killed workbook leaves nothing behind', async () => {
  write(spawning)
  const workbook = spawn(
    process.execPath,
    ['--import', 'tsx', join(root, 'test/grade/fixtures/grade-and-wait.ts'), folder, graders],
    { cwd: root, stdio: 'inherit' },
  )
  const both = await pids()
  expect(both.every(runs)).toBe(true)
  workbook.kill('SIGKILL')
  for (const pid of both) await until(() => !runs(pid))
})

/** The numbers of both processes, as soon as the lab has written them down. */
async function pids(): Promise<number[]> {
  const file = join(folder, '91-runs', 'pids')
  await until(() => existsSync(file) && readFileSync(file, 'utf8').includes(' '))
  return readFileSync(file, 'utf8').split(' ').map(Number)
}

function runs(pid: number): boolean {
  try {
    return process.kill(pid, 0) && !isZombie(pid)
  } catch {
    return false
  }
}

/** Dead, but nobody has asked for its exit code yet; an orphan's new parent may take its time. */
function isZombie(pid: number): boolean {
  return process.platform === 'linux' && /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
}

/** For what tells nobody: a file that is written, a process of somebody else that ends. */
const until = (holds: () => boolean) => vi.waitUntil(holds, { interval: 10, timeout: 25_000 })
