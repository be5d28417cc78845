import { fork } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { cleanEnvironment } from '../checks/clean-environment.ts'
import type { CheckInfo } from '../checks/events.ts'
import { killTree } from './kill-tree.ts'
import { runVariable } from './processes.ts'

/** What a grader's file holds, without a verdict. */
export interface CollectedGrader {
  /** absolute path, with `/` on every system */
  grader: string
  /** checks in the order of the file, with the line where each stands, from 1 */
  checks: (CheckInfo & { line: number })[]
  /** why the grader, or the solution that it imports, could not be loaded */
  problem?: string
}

/** A grader or a solution that does not come back while it is loaded hangs, after this many milliseconds. */
const maxLoadMs = 120_000

/**
 * Lets one vitest load graders with the solutions, in a process of its own, and run none of their checks.
 *
 * @param root folder of the project whose solutions the graders import
 * @param graders absolute paths
 * @throws {Error} what the process printed, when it ends without an answer
 */
export async function collectGraders(root: string, graders: string[]): Promise<CollectedGrader[]> {
  if (graders.length === 0) return []
  const mark = randomUUID()
  const child = fork(join(import.meta.dirname, 'collect-program.ts'), [root, ...graders], {
    cwd: root,
    // Of its own group, so that killing it takes what a solution has started along.
    detached: process.platform !== 'win32',
    env: { ...cleanEnvironment(), NODE_ENV: 'test', [runVariable]: mark },
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  const kill = () => killTree(child, mark)
  process.once('exit', kill)
  let printed = ''
  for (const output of [child.stdout!, child.stderr!]) {
    output.setEncoding('utf8').on('data', (text: string) => {
      printed = (printed + text).slice(-4000)
    })
  }
  let collected: CollectedGrader[] | undefined
  child.once('message', (message: CollectedGrader[]) => {
    collected = message
  })
  const hangs = setTimeout(kill, maxLoadMs)
  await once(child, 'close')
  clearTimeout(hangs)
  process.off('exit', kill)
  if (!collected) throw new Error(`The graders could not be loaded:\n${printed}`)
  return collected
}
