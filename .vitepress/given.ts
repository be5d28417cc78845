import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { CheckInfo } from '../workbook/grade/checks/events.ts'
import { solutionStems } from '../workbook/grade/labs/lab-files.ts'
import { readLab } from '../workbook/grade/labs/labs.ts'
import { root } from '../workbook/grade/labs/tree.ts'
import { collectGraders } from '../workbook/grade/run/collect-checks.ts'
import type { GivenLab } from './theme/composables/useChapters.ts'

const cache = join(root, '.wirebook', 'checks.json')

/** What a page can say of its lab without a lab server. @returns nothing for a page that is no chapter */
export async function readGivenLab(stem: string): Promise<GivenLab | undefined> {
  const stems = solutionStems(root).filter((other) => existsSync(graderOf(other)))
  if (!stems.includes(stem)) return undefined
  return { files: readLab(root, stem).files, checks: (await checksOfAll(stems)).get(graderOf(stem)) ?? [] }
}

function graderOf(stem: string): string {
  return join(root, 'test', 'labs', `${stem}.test.ts`)
}

// Pages are made side by side, and one collection serves them all.
let collecting: Promise<unknown> = Promise.resolve()

function checksOfAll(stems: string[]): Promise<Map<string, CheckInfo[]>> {
  const checks = collecting.then(() => cachedChecks(stems.map(graderOf), cache))
  collecting = checks.catch(() => undefined) // whoever asked is told
  return checks
}

/**
 * The checks of graders, in order and by the grader's path. A grader whose text has not changed since it was collected
 * is not loaded again.
 *
 * @param graders absolute paths
 * @param file where the checks are kept
 * @throws {Error} when a grader cannot be loaded with the solutions
 */
export async function cachedChecks(graders: string[], file: string): Promise<Map<string, CheckInfo[]>> {
  const texts = new Map(graders.map((grader) => [grader, hashOf(readFileSync(grader))]))
  const known = readCache(file)
  const fresh = graders.filter((grader) => !known[texts.get(grader)!])
  for (const { grader, checks, problem } of await collectGraders(root, fresh)) {
    if (problem !== undefined) throw new Error(`${grader}: ${problem}`)
    const path = fresh.find((one) => one.replaceAll('\\', '/') === grader.replaceAll('\\', '/'))!
    known[texts.get(path)!] = checks.map(({ line: _, ...check }) => check)
  }
  const current = Object.fromEntries([...texts.values()].map((hash) => [hash, known[hash] ?? []]))
  if (fresh.length > 0) {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, JSON.stringify(current))
  }
  return new Map(graders.map((grader) => [grader, current[texts.get(grader)!]!]))
}

/** The hash of a grader, and of what turns its text into checks. */
function hashOf(text: Buffer): string {
  const check = readFileSync(join(root, 'workbook', 'grade', 'checks', 'check.ts'))
  return createHash('sha256').update(check).update(text).digest('hex')
}

function readCache(file: string): Record<string, CheckInfo[]> {
  if (!existsSync(file)) return {}
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Record<string, CheckInfo[]>
  } catch {
    return {} // half written: collected again
  }
}
