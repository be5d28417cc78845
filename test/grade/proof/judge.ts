import type { Outcome } from './grade-variants.ts'
import type { Variant } from './variants.ts'

/** Why a grader's verdict on a variant is not the right one, in sentences; none when it is. */
export function judge({ name, todo, wrong, right }: Variant, { checks, problem }: Outcome): string[] {
  const first = (checks.find(({ failure }) => failure)?.failure ?? problem)?.difference.summary
  if (wrong) {
    const passing = wrong.fails.filter((id) => !problem && !checks.some((check) => check.id === id && check.failure))
    const complaints = passing.map((id) => `"${wrong.name}" passes the check ${id}, which must fail.`)
    if (first !== wrong.says) complaints.push(`"${wrong.name}" must say "${wrong.says}", and says "${first}".`)
    return complaints
  }
  if (right) {
    if (problem) return [`"${right.name}" is right, and cannot be graded: ${problem.difference.summary}`]
    return checks.flatMap(({ id, failure }) =>
      failure ? `"${right.name}" is right, and fails the check ${id}: ${failure.difference.summary}` : [],
    )
  }
  const isStarter = name === 'starter'
  const program = isStarter ? 'the starter' : `the solution with TODO ${todo.join(', ')} undone`
  if (problem && checks.length === 0) {
    return [`${program} cannot be graded: ${problem.difference.summary} ${problem.where ?? ''}`.trimEnd()]
  }
  return checks.flatMap((check) => {
    const mustFail = check.todo.some((number) => todo.includes(number))
    if (mustFail === (check.failure !== undefined)) return []
    if (mustFail) return `${program} passes the check ${check.id}, which names TODO ${check.todo.join(', ')}.`
    const why = isStarter ? 'names no TODO' : 'does not name it'
    return `${program} fails the check ${check.id}, which ${why}: ${check.failure!.difference.summary}`
  })
}
