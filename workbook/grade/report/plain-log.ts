import { firstFailing } from '../session/run-verdict.ts'
import { overview, type SessionState } from '../session/state.ts'
import { indent } from './columns.ts'
import { failureLines } from './failure-lines.ts'
import { diffLines, hintLines, listLines, needsLines, whenLine } from './lab-lines.ts'
import { noColour } from './paint.ts'

const columns = 80

/** What to print when nothing is ever redrawn: the lines that the step from `before` to `after` adds. */
export function newLines(before: SessionState, after: SessionState): string[] {
  if (after.showing === 'list' && before.showing !== 'list') {
    return [...listLines(overview(after), after.current, columns, noColour), 'Type the two digits of a lab, and Enter.']
  }
  const was = before.views[after.current]!
  const view = after.views[after.current]!
  const name = `${view.stem.slice(0, 2)} ${view.title}`
  const lines: string[] = []
  if (before.current !== after.current) lines.push('', name, ...needsLines(view, columns))

  const failing = firstFailing(view.checks)
  if (failing?.failure && failing !== firstFailing(was.checks)) {
    lines.push('', `✗ ${failing.title}`, ...indent(failureLines(failing.failure, columns - 3)))
  }
  if (was.running && !view.running) {
    const passed = view.checks.filter((check) => check.state === 'passed').length
    if (view.problem) lines.push('', ...indent(failureLines(view.problem, columns - 3)))
    const sign = view.green ? '✓' : '✗'
    lines.push(`${sign} ${name}: ${passed} of ${view.checks.length} checks pass · ${whenLine(view)}`)
    lines.push(view.green ? 'd diff   n next   q quit' : 'h hint   d diff   r reset   u undo   l list   q quit')
  }
  if (view.help && was.help) lines.push(...hintLines(view.help, was.help.hints.length, columns, noColour))
  if (view.diff && view.diff !== was.diff) lines.push(...diffLines(view.diff, columns, noColour))
  if (view.notice && view.notice !== was.notice) lines.push(view.notice)
  return lines
}
