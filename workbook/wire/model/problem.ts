import type { Field } from './field.ts'
import type { Sentence } from './sentence.ts'

/** A rule that is broken, or something that is allowed and yet worth a look. */
export interface Problem {
  /** name of the field it belongs to */
  field: string
  /** what is wrong, with the value that was received */
  text: Sentence
  /** who says so, as `RFC 6455 §5.2` */
  rfc: string
  /** `broken`: the receiver must fail the connection; `odd`: allowed, and rarely meant */
  severity: 'broken' | 'odd'
  /** what the receiver answers: a close code such as 1002, or an HTTP status such as 426 */
  answer?: number
}

/** The field, marked with the first problem of its name. */
export function withProblem(field: Field, problems: Problem[]): Field {
  if (problems.length === 0) return field
  const found = problems.find(({ field: name }) => name === field.name)
  return found ? { ...field, problem: found.text, rfc: found.rfc } : field
}
