import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { root } from '../../../workbook/grade/labs/tree.ts'
import type { Variant } from './variants.ts'

/** How many wrong and right programs of a lab that has not changed are proved. */
const wrongCount = 8
const rightCount = 1

/** What a sample is drawn by: `PROOF_SEED`, or the commit, so that each one proves others, and a failure can be repeated. */
export function sampleSeed(): string {
  return process.env.PROOF_SEED || commit()
}

/** The starter, the mutants, and some of the wrong and of the right programs, the same ones for the same seed. */
export function sampleOf(variants: Variant[], seed: string): Variant[] {
  const drawn = (some: Variant[], count: number) =>
    some
      .map((variant) => ({ variant, lot: createHash('sha256').update(`${seed} ${variant.name}`).digest('hex') }))
      .sort((a, b) => (a.lot < b.lot ? -1 : 1))
      .slice(0, count)
      .map(({ variant }) => variant)
  return [
    ...variants.filter(({ wrong, right }) => !wrong && !right),
    ...drawn(
      variants.filter(({ wrong }) => wrong),
      wrongCount,
    ),
    ...drawn(
      variants.filter(({ right }) => right),
      rightCount,
    ),
  ]
}

/** The commit's first digits; without git, as in an unpacked archive, always the same word. */
function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8', stdio: 'pipe' }).trim()
  } catch {
    return 'wirebook'
  }
}
