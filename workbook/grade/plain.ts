import { diffLines, hintLines, listLines, needsLines, whenLine } from './lines.ts'
import { plain } from './paint.ts'
import { overview, type Practice } from './practice.ts'
import { failureLines } from './render.ts'
import { indent } from './text.ts'
import { firstFailing } from './verdict.ts'

const columns = 80

/** What to print when nothing is ever redrawn: the lines that the step from `before` to `after` adds. */
export function newLines(before: Practice, after: Practice): string[] {
  if (after.showing === 'list' && before.showing !== 'list') {
    return [...listLines(overview(after), after.current, columns, plain), 'Type the two digits of a lab, and Enter.']
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
  if (view.help && was.help) lines.push(...hintLines(view.help, was.help.hints.length, columns, plain))
  if (view.diff && view.diff !== was.diff) lines.push(...diffLines(view.diff, columns, plain))
  if (view.notice && view.notice !== was.notice) lines.push(view.notice)
  return lines
}
