import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { root } from '../../../workbook/grade/labs/tree.ts'
import type { Variant } from './variants.ts'

/** How many programs of a lab are proved. */
export interface SampleSize {
  wrong: number
  right: number
}

/** Of a lab that has been proved whole, as it stands. */
export const provenSize: SampleSize = { wrong: 4, right: 1 }

/** Of all labs together that have changed: with more of them `npm test` would take longer than anybody waits. */
const changedSize: SampleSize = { wrong: 240, right: 24 }

/** Of each lab that has changed: all its programs when it is the only one, a share when there are many. */
export function sizeOfChanged(labs: number): SampleSize {
  return {
    wrong: Math.max(provenSize.wrong, Math.floor(changedSize.wrong / labs)),
    right: Math.max(provenSize.right, Math.floor(changedSize.right / labs)),
  }
}

/** What a sample is drawn by: `PROOF_SEED`, or the commit, so that each one proves others, and a failure can be repeated. */
export function sampleSeed(): string {
  return process.env.PROOF_SEED || commit()
}

/** The starter, the mutants, and some of the wrong and of the right programs, the same ones for the same seed. */
export function sampleOf(variants: Variant[], seed: string, size = provenSize): Variant[] {
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
      size.wrong,
    ),
    ...drawn(
      variants.filter(({ right }) => right),
      size.right,
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
