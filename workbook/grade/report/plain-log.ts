import { say, sayAll } from '../../sentences/say.ts'
import { sentence, type Words } from '../../wire/model/sentence.ts'
import { firstFailing } from '../session/run-verdict.ts'
import type { ShownSession } from '../session/session.ts'
import { overview, type SessionState } from '../session/state.ts'
import { indent } from './columns.ts'
import { failureLines } from './failure-lines.ts'
import { commandsOf, keyWord } from './keys.ts'
import { diffLines, hintLines, listLines, needsLines, whenLine } from './lab-lines.ts'
import { noColour } from './paint.ts'
import { printedLines } from './printed-lines.ts'
import type { Display, Keyboard, Terminal } from './terminal.ts'

const columns = 80

/** Appends lines, without colour; commands come as lines: `h`, `08`, an empty one to grade now. */
export class PlainLog implements Terminal {
  readonly #session: ShownSession
  readonly #input: Keyboard
  readonly #output: Display
  readonly #stopHearing: () => void
  #before: SessionState
  #typed = ''

  constructor(session: ShownSession, input: Keyboard, output: Display) {
    this.#session = session
    this.#input = input
    this.#output = output
    this.#before = session.state
    this.#stopHearing = session.on(this.#tell)
    input.on('data', this.#onText)
    input.resume()
    const { views, current } = this.#before
    const { title, notice = [] } = views[current]!
    this.#print([`Wirebook  ${current.slice(0, 2)} ${title}`, ...notice.map((words) => say(words))])
  }

  setSite(address: string): void {
    const { views, current } = this.#session.state
    this.#print([say(sentence('terminal.open', { address: address + views[current]!.path }))])
  }

  say(words: Words): void {
    this.#print([say(words)])
  }

  close(): void {
    this.#stopHearing()
    this.#input.off('data', this.#onText)
    this.#input.pause()
  }

  readonly #tell = (after: SessionState) => {
    this.#print(newLines(this.#before, after))
    this.#before = after
  }

  readonly #onText = (text: Buffer) => {
    this.#typed += text.toString()
    const lines = this.#typed.split(/\r?\n/)
    this.#typed = lines.pop()!
    for (const line of lines) {
      for (const command of commandsOf(line || '\r')) this.#session.put({ type: 'command', ...command })
    }
  }

  #print(lines: string[]): void {
    if (lines.length > 0) this.#output.write(`${lines.join('\n')}\n`)
  }
}

/** What to print when nothing is ever redrawn: the lines that the step from `before` to `after` adds. */
export function newLines(before: SessionState, after: SessionState): string[] {
  if (after.showing === 'list' && before.showing !== 'list') {
    return [...listLines(overview(after), after.current, columns, noColour), say(sentence('terminal.type-digits'))]
  }
  const was = before.views[after.current]!
  const view = after.views[after.current]!
  const name = `${view.stem.slice(0, 2)} ${view.title}`
  const lines: string[] = []
  if (before.current !== after.current) lines.push('', name, ...needsLines(view, columns))

  const failing = firstFailing(view.checks)
  if (failing?.failure && failing !== firstFailing(was.checks)) {
    lines.push('', `✗ ${failing.title}`, ...indent(failureLines(failing.failure, columns - 3)))
    lines.push(...indent(printedLines(failing.printed, columns - 3)))
  }
  if (was.running && !view.running) {
    const passed = view.checks.filter((check) => check.state === 'passed').length
    const pass = say(sentence('terminal.checks-pass', { passed, checks: view.checks.length }))
    if (view.problem) lines.push('', ...indent(failureLines(view.problem, columns - 3)))
    lines.push(...indent(printedLines(view.printed, columns - 3)))
    lines.push(`${view.green ? '✓' : '✗'} ${name}: ${pass} · ${whenLine(view)}`)
    lines.push(view.green ? keyLine('d', 'n', 'q') : keyLine('h', 'd', 'r', 'u', 'y', 'l', 'q'))
  }
  if (view.help && was.help) lines.push(...hintLines(view.help, was.help.hints.length, columns, noColour))
  if (view.diff && view.diff !== was.diff) lines.push(...diffLines(view.diff, columns, noColour))
  const notice = sayAll(view.notice ?? [])
  if (notice && notice !== sayAll(was.notice ?? [])) lines.push(notice)
  return lines
}

function keyLine(...keys: (keyof typeof keyWord)[]): string {
  return keys.map((key) => `${key} ${say(keyWord[key])}`).join('   ')
}
