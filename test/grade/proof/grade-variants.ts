import { fork } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { cleanEnvironment } from '../../../workbook/grade/checks/clean-environment.ts'
import type { CheckInfo, Failure } from '../../../workbook/grade/checks/events.ts'
import { root } from '../../../workbook/grade/labs/tree.ts'
import { killTree } from '../../../workbook/grade/run/kill-tree.ts'
import { runVariable } from '../../../workbook/grade/run/processes.ts'
import { firstOnlyVariable, neededVariable } from './runner.ts'
import { proofFolder, writeTree } from './trees.ts'
import type { Variant } from './variants.ts'

/** After this many milliseconds without another outcome a variant hangs. */
const maxSilenceMs = 240_000

/** What a grader said of one variant; every check that did not fail has passed. */
export interface Outcome {
  variant: string
  checks: (CheckInfo & { failure?: Failure })[]
  /** it could not be loaded, or threw when its checks were over */
  problem?: Failure
}

/**
 * Grades variants of a lab in one vitest.
 *
 * @param timeoutScale 1 is what a reader gets; less cuts every deadline, since a wrong program is mostly waited for
 * @param firstOnly a variant that has failed a check meets no further one
 * @throws {Error} when a variant has no verdict
 */
export async function gradeVariants(
  stem: string,
  variants: Variant[],
  timeoutScale: number,
  firstOnly = false,
): Promise<Map<string, Outcome>> {
  const name = timeoutScale === 1 ? `${stem}-again` : stem
  const grader = readFileSync(join(root, 'test', 'labs', `${stem}.test.ts`), 'utf8')
  for (const variant of variants) {
    const tree = writeTree(join(proofFolder(name), variant.name), stem, variant.files, grader)
    writeFileSync(join(tree, 'grader.test.ts'), stub(stem, tree, variant))
  }
  const mark = randomUUID()
  const child = fork(
    join(root, 'node_modules', 'vitest', 'vitest.mjs'),
    ['run', '--configLoader', 'runner', '--config', join(import.meta.dirname, 'vitest.config.ts')],
    {
      cwd: root,
      detached: process.platform !== 'win32',
      env: {
        ...cleanEnvironment(),
        [runVariable]: mark,
        CI: process.env.CI,
        PROOF_ALL: process.env.PROOF_ALL,
        PROOF_STEM: stem,
        PROOF_FOLDER: proofFolder(name),
        WIREBOOK_TIMEOUT_SCALE: String(timeoutScale),
        [firstOnlyVariable]: firstOnly ? '1' : '',
      },
      execArgv: [],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    },
  )
  // Whoever ends us early leaves nothing running.
  const kill = () => killTree(child, mark)
  process.once('exit', kill)
  let printed = ''
  child.stdout!.on('data', (text) => {
    printed += text
  })
  child.stderr!.on('data', (text) => {
    printed += text
  })

  const outcomes = new Map<string, Outcome>()
  // A loop without end stops everything that comes after it.
  let hangs = setTimeout(() => killTree(child, mark), maxSilenceMs)
  child.on('message', (outcome: Outcome) => {
    clearTimeout(hangs)
    hangs = setTimeout(() => killTree(child, mark), maxSilenceMs)
    const known = outcomes.get(outcome.variant)
    outcomes.set(outcome.variant, known ? { ...known, problem: known.problem ?? outcome.problem } : outcome)
  })
  await new Promise((resolve) => child.once('close', resolve))
  clearTimeout(hangs)
  process.off('exit', kill)
  const without = variants.filter((variant) => !outcomes.has(variant.name)).map((variant) => variant.name)
  if (without.length > 0) throw new Error(`${stem}: no verdict for ${without.join(', ')}\n${printed.slice(-2000)}`)
  return outcomes
}

/**
 * Loads the grader for one tree; the worker may have graded another one before. A mutant meets the checks that name its
 * TODO, and a wrong program those of its list: all of them take three times as long, and run with PROOF_ALL set. The
 * starter and the right programs, and a wrong one without a list, meet all of them.
 */
function stub(stem: string, tree: string, { name, todo, wrong, right }: Variant): string {
  const path = relative(tree, join(root, 'test', 'labs', `${stem}.test.ts`)).replaceAll('\\', '/')
  const grader = `${path}?tree=${encodeURIComponent(tree)}`
  const judgedBy = wrong?.fails ?? (name === 'starter' || right ? [] : todo.map((number) => `todo ${number}`))
  const env = { WIREBOOK_TREE: tree, [neededVariable]: process.env.PROOF_ALL ? '' : judgedBy.join(', ') }
  return `Object.assign(process.env, ${JSON.stringify(env)})\nawait import(${JSON.stringify(grader)})\n`
}
