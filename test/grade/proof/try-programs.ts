import { existsSync } from 'node:fs'
import type { Edited } from '../../../workbook/grade/labs/edited-programs.ts'
import { gradeVariants, type Outcome } from './grade-variants.ts'
import { listIn, variantOf } from './variants.ts'

/**
 * Prints what the grader of a lab says of each program in a file: `✓` when it passes every check, else the first check that
 * it fails, and that one's first line.
 *
 * @param file exports a list of {@link Edited} by default
 * @returns the exit code
 */
export async function tryPrograms(stem: string, file: string): Promise<number> {
  if (!existsSync(file)) throw new Error(`${file}: expected a file that exports a list of programs, and there is none.`)
  const programs = await listIn<Edited>(file)
  const variants = programs.map((program, i) => variantOf(stem, `wrong-${i + 1}`, program))
  const quick = await gradeVariants(stem, variants, 0.25, true)
  // Under short deadlines a right program may be late.
  const late = variants.filter(({ name }) => isLate(quick.get(name)!))
  const outcomes = new Map([...quick, ...(late.length > 0 ? await gradeVariants(stem, late, 1, true) : [])])
  const passing = programs.filter((program, i) => !tell(program.name, outcomes.get(`wrong-${i + 1}`)!))
  console.log(`\n${passing.length} of ${programs.length} pass all checks of ${stem}.`)
  return 0
}

/** Whether it may be the deadline that it failed by. */
function isLate({ checks }: Outcome): boolean {
  return checks.some(({ failure }) => failure && /within|waited|not finished|\bms\b/.test(failure.difference.summary))
}

/** @returns whether something was said against it */
function tell(name: string, { checks, problem }: Outcome): boolean {
  const failures = checks.flatMap(({ id, failure }) => (failure ? [`  ${id}: ${failure.difference.summary}`] : []))
  if (problem) failures.push(`  at its end: ${problem.difference.summary}`)
  console.log([`${failures.length > 0 ? '✗' : '✓'} ${name}`, ...failures].join('\n'))
  return failures.length > 0
}
