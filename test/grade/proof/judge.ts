import type { Outcome } from './grade-variants.ts'
import type { Variant } from './variants.ts'

/** Why a grader's verdict on a variant is not the right one, in sentences; none when it is. */
export function judge({ name, todo, wrong }: Variant, { checks, problem }: Outcome): string[] {
  const first = (checks.find(({ failure }) => failure)?.failure ?? problem)?.difference.summary
  if (wrong) {
    const passing = wrong.fails.filter((id) => !problem && !checks.some((check) => check.id === id && check.failure))
    const complaints = passing.map((id) => `"${wrong.name}" passes ${id}`)
    if (first !== wrong.says) complaints.push(`"${wrong.name}" says: ${first}\nand was to say: ${wrong.says}`)
    return complaints
  }
  if (problem && checks.length === 0) return [`${name}: ${problem.difference.summary} ${problem.where ?? ''}`]
  return checks.flatMap((check) => {
    const mustFail = check.todo.some((number) => todo.includes(number))
    if (mustFail === (check.failure !== undefined)) return []
    return mustFail ? `${name}: ${check.id} passes` : `${name}: ${check.id} fails: ${check.failure!.difference.summary}`
  })
}
