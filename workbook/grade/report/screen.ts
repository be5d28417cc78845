import { say, sayAll } from '../../sentences/say.ts'
import { sentence } from '../../wire/model/sentence.ts'
import { firstFailing } from '../session/run-verdict.ts'
import { overview, type SessionState } from '../session/state.ts'
import type { CheckView, LabView } from '../session/views.ts'
import { indent, spread, wrap } from './columns.ts'
import { failureLines } from './failure-lines.ts'
import { keyWord } from './keys.ts'
import { diffLines, hintLines, listLines, needsLines, whenLine } from './lab-lines.ts'
import type { Paint } from './paint.ts'
import { printedLines, shortened } from './printed-lines.ts'

interface Size {
  columns: number
  rows: number
}

/** So many lines of what a lab printed stand on the screen, and so many of a failure with them. */
const maxPrintedLines = 7
const maxFailureLines = 30

/** The whole screen. @param site address of the site, `http://localhost:5173`; empty while it starts */
export function screen(state: SessionState, site: string, { columns, rows }: Size, paint: Paint): string[] {
  const view = state.views[state.current]!
  const width = Math.min(columns, 100)
  const head = [header(state, view, width, paint), '']
  const address = ` ${site ? site + view.path : say(sentence('terminal.site-starts'))}`
  const foot = ['', ...keyLines(state, view, width, paint), paint('note', address)]
  if (state.showing === 'list') return [...head, ...listLines(overview(state), state.current, width, paint), ...foot]

  const said = wrap(sayAll(view.notice ?? []), width - 4)
  const notice = view.notice ? ['', ...indent(said.map((line) => paint('note', line)))] : []
  const when = view.milliseconds === undefined ? [] : ['', paint('quiet', `   ${whenLine(view)}`)]
  const start = [...head, ...needsLines(view, width)]
  const end = [...notice, ...when, ...foot]
  if (view.diff) return [...start, ...diffLines(view.diff, width, paint), ...end]

  const room = rows - 1 - start.length - end.length
  // On a small screen the earlier hints give way, then the checks that pass.
  const whole = bodyLines(state, view, 0, width, paint)
  const lastHint = Math.max(0, (view.help?.hints.length ?? 0) - 1)
  const body = whole.length + 3 > room ? bodyLines(state, view, lastHint, width, paint) : whole
  return [...start, ...checkLines(view, width, room - body.length, paint), ...body, ...end]
}

function header(state: SessionState, view: LabView, columns: number, paint: Paint): string {
  const labs = overview(state)
  const done = labs.filter((lab) => lab.done).length
  const filled = Math.floor((done / labs.length) * 10)
  const bar = '■'.repeat(filled) + '□'.repeat(10 - filled)
  const passed = view.checks.filter((check) => check.state === 'passed').length
  const counts = { done, labs: labs.length, passed, checks: view.checks.length }
  const right = `${bar}  ${say(sentence('terminal.standing', counts))} `
  const grading = view.running ? ` · ${say(sentence('terminal.grading'))}` : ''
  const left = ` Wirebook  ${view.stem.slice(0, 2)} ${view.title}${grading}`
  return paint('strong', spread(left, right, columns))
}

/** A line for each check that passes, up to the first that fails; the earliest are counted when there is no room. */
function checkLines(view: LabView, columns: number, room: number, paint: Paint): string[] {
  if (view.checks.length === 0) return view.problem ? [] : [` ${say(sentence('terminal.first-grading'))}`]
  const failing = firstFailing(view.checks)
  const at = failing ? view.checks.indexOf(failing) : view.checks.findIndex((check) => check.state === 'waiting')
  const passed = view.checks.slice(0, at === -1 ? undefined : at)
  const hidden = passed.length + 2 > room ? Math.min(passed.length, passed.length + 3 - room) : 0
  const lines = passed.slice(hidden).map((check) => checkLine('✓', check, columns, paint))
  if (hidden > 0) {
    const all = hidden === passed.length
    const before = sentence(all ? 'terminal.checks-before' : 'terminal.more-before', { count: hidden })
    lines.unshift(paint('good', ` ✓ ${say(before)}`))
  }
  if (failing) lines.push(checkLine('✗', failing, columns, paint))

  const after = at === -1 ? [] : view.checks.slice(failing ? at + 1 : at)
  const passing = after.filter((check) => check.state === 'passed').length
  if (after.length > 0) {
    const count = after.length
    const rest = [failing ? sentence('terminal.later', { count }) : sentence('terminal.to-come', { count })]
    if (passing > 0) rest.push(sentence('terminal.passing', { count: passing }))
    lines.push(paint('quiet', ` · ${sayAll(rest)}`))
  }
  return lines
}

function checkLine(sign: '✓' | '✗', { title, milliseconds = 0 }: CheckView, columns: number, paint: Paint): string {
  const line = spread(` ${sign} ${title}`, `${milliseconds} ms `, columns)
  return sign === '✓' ? paint('good', ' ✓') + line.slice(2) : paint('bad', line)
}

/** The first failure with its hints from the one at `hintsFrom` on, or what was learned. */
function bodyLines(state: SessionState, view: LabView, hintsFrom: number, columns: number, paint: Paint): string[] {
  const failing = firstFailing(view.checks)
  const failure = view.problem ?? failing?.failure
  if (failure) {
    const printed = view.problem ? view.printed : failing?.printed
    const said = [...failureLines(failure, columns - 3), ...printedLines(printed, columns - 3, maxPrintedLines)]
    const lines = indent(shortened(said, maxFailureLines))
    const hints = view.help ? hintLines(view.help, hintsFrom, columns, paint) : []
    return ['', ...lines, ...(hints.length > 0 ? ['', ...hints] : [])]
  }
  return view.green ? learnedLines(state, view, columns, paint) : []
}

function learnedLines(state: SessionState, view: LabView, columns: number, paint: Paint): string[] {
  const at = state.labs.findIndex(({ stem }) => stem === view.stem)
  const after = state.labs[at + 1]
  const done = say(sentence('terminal.lab-done', { checks: view.checks.length, lab: view.stem.slice(0, 2) }))
  const behind = say(sentence('terminal.rules', { rules: rules(view.checks).join(', ') }))
  const next = after
    ? sentence('terminal.goes-on', { lab: `${after.stem.slice(0, 2)} ${after.title}` })
    : sentence('terminal.was-last')
  return [
    '',
    `   ${paint('good', done)}`,
    ...indent(wrap(state.labs[at]!.description, columns - 6)),
    '',
    ...indent(wrap(behind, columns - 6)),
    `   ${say(sentence('terminal.after-pass'))}`,
    `   ${say(next)}`,
  ]
}

/** The rules that most checks are about, at most four. */
function rules(checks: CheckView[]): string[] {
  const counts = new Map<string, number>()
  for (const { rule } of checks) counts.set(rule, (counts.get(rule) ?? 0) + 1)
  const sorted = [...counts].sort(([, a], [, b]) => b - a)
  return sorted.slice(0, 4).map(([rule]) => rule)
}

/** The keys that mean something now, on as many lines as they need. */
function keyLines(state: SessionState, view: LabView, columns: number, paint: Paint): string[] {
  const lines = ['']
  let used = 0
  for (const [name, does] of state.showing === 'list' ? keysInList(state) : keysInLab(view)) {
    // Colours have a length and no width, so the width is counted beside.
    const length = name.length + does.length + 3
    if (used > 0 && used + length > columns) {
      lines.push('')
      used = 0
    }
    lines[lines.length - 1] += `${used === 0 ? ' ' : '  '}${paint('strong', name)} ${does}`
    used += length
  }
  return lines
}

function keysInList({ typed }: SessionState): [name: string, does: string][] {
  return [
    [typed ? `${typed}_` : say(sentence('key.two-digits')), say(sentence('key.go-to-lab'))],
    ['l', say(sentence('key.back'))],
    ['q', say(keyWord.q)],
  ]
}

function keysInLab({ help, diff, undone }: LabView): [name: string, does: string][] {
  const { y: _, ...others } = keyWord
  const words = {
    ...(undone ? keyWord : others),
    ...(help && help.hints.length < 3 && { h: sentence('key.hints-ready', { ready: help.ready }) }),
    ...(diff && { d: sentence('key.close-diff') }),
  }
  return Object.entries(words).map(([name, does]) => [name, say(does)])
}
