import { say } from '../../sentences/say.ts'
import { sentence } from '../../wire/model/sentence.ts'
import type { Failure, Printed } from '../checks/events.ts'
import { indent, spread } from './columns.ts'
import { failureLines } from './failure-lines.ts'
import { printedLines } from './printed-lines.ts'
import type { LabResult } from './result.ts'

const columns = 80
/** Of what was printed in a check that passes, so many lines are shown. */
const maxPassedLines = 5
const signs = { passed: '✓', failed: '✗', notReached: '·' }

/** One lab with all its checks; of the failing ones only the first is told. */
export function fullLines(result: LabResult): string[] {
  const checks = result.checks.flatMap(({ state, title, notes = [], printed }) => [
    `   ${signs[state]} ${title}`,
    ...notes.map((note) => `     ${note}`),
    // What a failing check printed stands with its failure.
    ...(state === 'passed'
      ? printedLines(printed, columns - 5, maxPassedLines)
          .slice(2)
          .map((line) => `   ${line}`)
      : []),
  ])
  return ['', summaryLine(result), ...checks, ...troubleLines(result), '']
}

/** A lab among many: a line, and under it why it does not pass. */
export function overviewLines(result: LabResult): string[] {
  const failing = result.checks.find(({ failure }) => failure)
  const why = failing?.failure ?? result.problem
  if (result.passed || !why) return [summaryLine(result)]
  const where = why.where ? `${why.where}: ` : ''
  return [summaryLine(result), ...(failing ? [`     ${failing.title}`] : []), `     ${where}${why.difference.summary}`]
}

/** One lab in a line, `✓ 12 Frames … 14 of 14 checks`. */
function summaryLine({ lab, title, passed, checks }: LabResult): string {
  const count = checks.filter(({ state }) => state === 'passed').length
  const standing =
    checks.length === 0
      ? sentence('grade.not-graded')
      : sentence('grade.checks', { passed: count, checks: checks.length })
  return spread(`${passed ? '✓' : '✗'} ${lab.slice(0, 2)} ${title}`, say(standing), columns)
}

function troubleLines({ checks, problem, printed }: LabResult): string[] {
  const failing = checks.find(({ failure }) => failure)
  const lines = failing ? ['', ` ✗ ${failing.title}`, ...whyLines(failing.failure!, failing.printed)] : []
  if (problem) return [...lines, '', ...whyLines(problem, printed)]
  return [...lines, ...indent(printedLines(printed, columns - 3))]
}

function whyLines(failure: Failure, printed: Printed | undefined): string[] {
  return indent([...failureLines(failure, columns - 3), ...printedLines(printed, columns - 3)])
}
