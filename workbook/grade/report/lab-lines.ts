import type { FileDiff } from '../labs/diff.ts'
import type { HelpView, LabProgress, LabView } from '../session/views.ts'
import { clip, fromMarkdown, indent, ordinal, spread, wrap } from './columns.ts'
import type { Paint } from './paint.ts'

// Pieces of what the terminal shows, as lines; the screen and the plain output are put together from them.

/** The hints taken so far, the newest last. @param from index of the first to show */
export function hintLines({ hints }: HelpView, from: number, columns: number, paint: Paint): string[] {
  return hints.slice(from).flatMap((hint, i) => {
    const [first = '', ...more] = wrap(fromMarkdown(hint), columns - 12)
    return [`   ${paint('note', `hint ${from + i + 1}`)}  ${first}`, ...more.map((line) => `           ${line}`)]
  })
}

export function diffLines(files: FileDiff[], columns: number, paint: Paint): string[] {
  const changed = files.filter(({ lines }) => lines.length > 0)
  if (changed.length === 0) return ['   Your lab and the solution are the same.']
  return changed.flatMap(({ file, lines }) => [
    `   ${paint('strong', file)}   ${paint('bad', '- yours')}   ${paint('good', '+ solution')}`,
    ...lines.map(({ side, text }) => {
      if (side === 'both') return paint('quiet', clip(`     ${text}`, columns))
      const [sign, tone] = side === 'yours' ? (['-', 'bad'] as const) : (['+', 'good'] as const)
      return paint(tone, clip(`   ${sign} ${text}`, columns))
    }),
    '',
  ])
}

export function listLines(labs: LabProgress[], current: string, columns: number, paint: Paint): string[] {
  return labs.map(({ stem, title, passed, checks, done }) => {
    const mark = stem === current ? '>' : ' '
    const line = spread(` ${mark} ${stem.slice(0, 2)}  ${title}`, standing(passed, checks, done), columns)
    if (done) return paint('good', line)
    return stem === current ? paint('strong', line) : line
  })
}

function standing(passed: number, checks: number, done: boolean): string {
  if (done) return '✓ done'
  return checks === 0 ? 'not begun' : `${passed}/${checks}`
}

/** `saved 12:04:31, graded in 0.6 s · 3rd try on this check` */
export function whenLine({ savedAt, milliseconds, help }: LabView): string {
  const saved = savedAt ? `saved ${new Date(savedAt).toTimeString().slice(0, 8)}, ` : ''
  const graded = milliseconds === undefined ? '' : `graded in ${(milliseconds / 1000).toFixed(1)} s`
  const tries = help && help.tries > 1 ? ` · ${ordinal(help.tries)} try on this check` : ''
  return `${saved}${graded}${tries}`
}

/** What an unfinished earlier lab means for this one. */
export function needsLines({ needs }: LabView, columns: number): string[] {
  const [first] = needs
  if (!first) return []
  const which = needs.join(' and ')
  const are = needs.length === 1 ? 'which is' : 'which are'
  const text = `This lab builds on ${which}, ${are} not done yet. Do that first, or press t to take the solution of ${first}.`
  return [...indent(wrap(text, columns - 4)), '']
}
