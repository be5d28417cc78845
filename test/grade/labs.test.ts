import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readHints } from '../../workbook/grade/labs/hints.ts'
import { solutionStems } from '../../workbook/grade/labs/lab-files.ts'
import { root } from '../../workbook/grade/labs/tree.ts'
import { anchorsOf } from './proof/anchors.ts'
import { gradeLab } from './proof/grade-lab.ts'
import type { Outcome } from './proof/grade-variants.ts'
import { judge } from './proof/judge.ts'
import { isProven } from './proof/proven.ts'
import { provenSize, sampleOf, sampleSeed, sizeOfChanged } from './proof/sample.ts'
import { removeProofs } from './proof/trees.ts'
import type { Variant } from './proof/variants.ts'

const stems = solutionStems(root).filter((stem) => existsSync(join(root, 'test', 'labs', `${stem}.test.ts`)))

// A lab as it stands in test/labs/proven.json has been proved whole; of its lists a sample is enough here.
const changed = stems.filter((stem) => !isProven(root, stem))
const size = (stem: string) => (changed.includes(stem) ? sizeOfChanged(changed.length) : provenSize)
const seed = sampleSeed()
console.log(
  `Samples of the programs that graders must judge are drawn by PROOF_SEED=${seed}; npm run prove -- all takes all.`,
)

afterAll(removeProofs)

test('there are graders', () => expect(stems.length).toBeGreaterThan(0))

describe.each(stems)('%s', (stem) => {
  let variants: Variant[]
  let outcomes: Map<string, Outcome>
  let checks: Outcome['checks']

  beforeAll(async () => {
    ;({ variants, outcomes } = await gradeLab(stem, (all) => sampleOf(all, seed, size(stem))))
    checks = outcomes.get('starter')!.checks
  }, 300_000)

  const verdict = (wanted: (variant: Variant) => boolean) =>
    variants.filter(wanted).flatMap((variant) => judge(variant, outcomes.get(variant.name)!))

  test('the starter passes exactly the checks that name no TODO', () => {
    expect(verdict(({ name }) => name === 'starter')).toEqual([])
  })

  test('each TODO left to do fails the checks that name it', () => {
    expect(verdict(({ name }) => name.startsWith('todo-'))).toEqual([])
  })

  test('each wrong program fails its checks, with the first line that its list gives', () => {
    expect(verdict(({ wrong }) => wrong !== undefined)).toEqual([])
  })

  test('each right program of another design passes all checks', () => {
    expect(verdict(({ right }) => right !== undefined)).toEqual([])
  })

  test('ids of checks are unique, and each TODO has a check', () => {
    const ids = checks.map(({ id }) => id)
    expect(ids).toEqual([...new Set(ids)])
    const todos = variants.find(({ name }) => name === 'starter')!.todo
    expect(todos.filter((todo) => !checks.some((check) => check.todo.includes(todo)))).toEqual([])
  })

  test('each check has three hints, and its heading stands in the chapter', () => {
    const chapter = readFileSync(join(root, 'docs', `${stem}.md`), 'utf8')
    const hints = readHints(chapter)
    const anchors = anchorsOf(chapter)
    expect(
      checks.filter(({ id }) => hints.get(id)?.length !== 3).map(({ id }) => id),
      'without three hints',
    ).toEqual([])
    expect(
      checks.filter(({ anchor }) => !anchors.includes(anchor)).map(({ anchor }) => anchor),
      'no such heading',
    ).toEqual([])
    expect(
      [...hints.keys()].filter((id) => !checks.some((check) => check.id === id)),
      'hints for no check',
    ).toEqual([])
  })
})
