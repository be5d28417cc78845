import { existsSync } from 'node:fs'
import type { Edited } from '../../../workbook/grade/labs/edited-programs.ts'
import { gradeVariants, type Outcome } from './grade-variants.ts'
import { listIn, variantOf } from './variants.ts'

/**
 * Prints what the whole grader of a lab says of each program in a file, with the reader's own deadlines: `✓` when it passes
 * every check, else the checks that it fails and the first line of each.
 *
 * @param file exports a list of {@link Edited} by default
 * @returns the exit code
 */
export async function tryPrograms(stem: string, file: string): Promise<number> {
  if (!existsSync(file)) throw new Error(`${file}: expected a file that exports a list of programs, and there is none.`)
  const programs = await listIn<Edited>(file)
  const variants = programs.map((program, i) => variantOf(stem, `wrong-${i + 1}`, program))
  const outcomes = await gradeVariants(stem, variants, 1)
  const passing = programs.filter((program, i) => !tell(program.name, outcomes.get(`wrong-${i + 1}`)!))
  console.log(`\n${passing.length} of ${programs.length} pass all checks of ${stem}.`)
  return 0
}

/** @returns whether something was said against it */
function tell(name: string, { checks, problem }: Outcome): boolean {
  const failures = checks.flatMap(({ id, failure }) => (failure ? [`  ${id}: ${failure.difference.summary}`] : []))
  if (problem) failures.push(`  at its end: ${problem.difference.summary}`)
  console.log([`${failures.length > 0 ? '✗' : '✓'} ${name}`, ...failures].join('\n'))
  return failures.length > 0
}
