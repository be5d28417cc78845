import { say } from '../../sentences/say.ts'
import { sentence } from '../../wire/model/sentence.ts'
import type { FileDiff } from '../labs/diff.ts'
import type { HelpView, LabProgress, LabView } from '../session/views.ts'
import { clip, fromMarkdown, indent, spread, wrap } from './columns.ts'
import type { Paint } from './paint.ts'

// Pieces of what the terminal shows, as lines; the screen and the plain output are put together from them.

/** The hints taken so far, the newest last. @param from index of the first to show */
export function hintLines({ hints }: HelpView, from: number, columns: number, paint: Paint): string[] {
  return hints.slice(from).flatMap((hint, i) => {
    const label = say(sentence('terminal.hint', { number: from + i + 1 }))
    const [first = '', ...more] = wrap(fromMarkdown(hint), columns - 12)
    return [`   ${paint('note', label)}  ${first}`, ...more.map((line) => `   ${' '.repeat(label.length)}  ${line}`)]
  })
}

/** The lab against the solution, file by file. */
export function diffLines(files: FileDiff[], columns: number, paint: Paint): string[] {
  const changed = files.filter(({ lines }) => lines.length > 0)
  if (changed.length === 0) return [`   ${say(sentence('terminal.no-difference'))}`]
  const yours = paint('bad', `- ${say(sentence('terminal.yours'))}`)
  const solution = paint('good', `+ ${say(sentence('terminal.solution'))}`)
  return changed.flatMap(({ file, lines }) => [
    `   ${paint('strong', file)}   ${yours}   ${solution}`,
    ...lines.map(({ side, text }) => {
      if (side === 'both') return paint('quiet', clip(`     ${text}`, columns))
      const [sign, tone] = side === 'yours' ? (['-', 'bad'] as const) : (['+', 'good'] as const)
      return paint(tone, clip(`   ${sign} ${text}`, columns))
    }),
    '',
  ])
}

/** A line for each lab. @param current stem of the lab that is marked */
export function listLines(labs: LabProgress[], current: string, columns: number, paint: Paint): string[] {
  return labs.map(({ stem, title, passed, checks, done }) => {
    const mark = stem === current ? '>' : ' '
    const line = spread(` ${mark} ${stem.slice(0, 2)}  ${title}`, standing(passed, checks, done), columns)
    if (done) return paint('good', line)
    return stem === current ? paint('strong', line) : line
  })
}

function standing(passed: number, checks: number, done: boolean): string {
  if (done) return `✓ ${say(sentence('terminal.done'))}`
  return checks === 0 ? say(sentence('terminal.not-begun')) : `${passed}/${checks}`
}

/** The time of the last run: `saved 12:04:31, graded in 0.6 s · 3rd try on this check`. */
export function whenLine({ savedAt, milliseconds = 0, help }: LabView): string {
  const seconds = (milliseconds / 1000).toFixed(1)
  const time = savedAt ? new Date(savedAt).toTimeString().slice(0, 8) : ''
  const graded = time
    ? sentence('terminal.saved-and-graded', { time, seconds })
    : sentence('terminal.graded', { seconds })
  const tries = help && help.tries > 1 ? ` · ${say(sentence('terminal.tries', { tries: help.tries }))}` : ''
  return say(graded) + tries
}

/** What an unfinished earlier lab means for this one. */
export function needsLines({ needs }: LabView, columns: number): string[] {
  const [first] = needs
  if (!first) return []
  const text = say(
    needs.length === 1
      ? sentence('terminal.needs', { lab: first })
      : sentence('terminal.needs-several', { labs: needs.join(' '), first }),
  )
  return [...indent(wrap(text, columns - 4)), '']
}
