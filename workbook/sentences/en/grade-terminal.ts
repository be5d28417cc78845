import type { Catalogue } from '../catalogue.ts'
import { groupedCount } from './grammar.ts'

/** What the terminal shows of a session, in English. */
export const gradeTerminal: Catalogue = {
  'terminal.site-starts': 'the site starts …',
  'terminal.open': 'Open {address}',
  'terminal.standing': 'labs {done}/{labs}   checks {passed}/{checks}',
  'terminal.grading': 'grading …',
  'terminal.first-grading': 'Grading …',
  'terminal.checks-before': '{count} checks before',
  'terminal.more-before': '{count} more before',
  'terminal.later': ({ count }) => `${count} more ${noun(count, 'check')} for later`,
  'terminal.to-come': ({ count }) => `${count} ${noun(count, 'check')} to come`,
  'terminal.passing': '({count} passing)',
  'terminal.checks-pass': '{passed} of {checks} checks pass',

  'terminal.lab-done': 'All {checks} checks pass: lab {lab} is done.',
  'terminal.rules': 'Rules behind the checks: {rules}.',
  'terminal.after-pass': 'd shows your code beside the solution; the chapter now shows every hint.',
  'terminal.goes-on': 'n goes on to {lab}.',
  'terminal.was-last': 'This was the last lab.',

  'terminal.hint': 'hint {number}',
  'terminal.no-difference': 'Your lab and the solution are the same.',
  'terminal.yours': 'yours',
  'terminal.solution': 'solution',
  'terminal.done': 'done',
  'terminal.not-begun': 'not begun',
  'terminal.type-digits': 'Type the two digits of a lab, and Enter.',
  'terminal.graded': 'graded in {seconds} s',
  'terminal.saved-and-graded': 'saved {time}, graded in {seconds} s',
  'terminal.tries': ({ tries }) => `${ordinal(Number(tries))} try on this check`,
  'terminal.needs':
    'This lab builds on {lab}, which is not done yet. Do that first, or press t to take the solution of {lab}.',
  // `labs`: stems with a blank between two of them
  'terminal.needs-several': ({ labs, first }) =>
    `This lab builds on ${String(labs).replaceAll(' ', ' and ')}, which are not done yet. ` +
    `Do that first, or press t to take the solution of ${first}.`,

  'key.hint': 'hint',
  'key.hints-ready': 'hint ({ready} of 3 ready)',
  'key.diff': 'diff',
  'key.close-diff': 'close diff',
  'key.reset': 'reset',
  'key.undo': 'undo',
  'key.redo': 'redo',
  'key.next': 'next',
  'key.list': 'list',
  'key.back': 'back',
  'key.run': 'run',
  'key.quit': 'quit',
  'key.two-digits': 'two digits',
  'key.go-to-lab': 'go to that lab',

  'printed.title': 'your lab printed',
  'printed.left-out': ({ count }) => `… ${groupedCount(Number(count), 'more character')} …`,
  'printed.more-lines': ({ count }) => `… ${groupedCount(Number(count), 'more line')} …`,

  'failure.we': 'we',
  'failure.you': 'you',
  'failure.want': 'want',
  'failure.got': 'got',
  'failure.nothing': 'nothing',
  'failure.in-field': ({ at, name, first, last }) => `byte ${at} is in "${name}" (${bytes(first, last)})`,
  'failure.field-differs': ({ at, name, first, last, want, got }) =>
    `byte ${at} is in "${name}" (${bytes(first, last)}): want ${want}, got ${got}`,
}

function noun(count: unknown, one: string): string {
  return count === 1 ? one : `${one}s`
}

function bytes(first: unknown, last: unknown): string {
  return first === last ? `byte ${first}` : `bytes ${first}-${last}`
}

/** Which one in a row, `1st`, `2nd`, `3rd`, `11th`. */
export function ordinal(number: number): string {
  const ending = { 1: 'st', 2: 'nd', 3: 'rd' }[number % 10] ?? 'th'
  return `${number}${Math.floor((number % 100) / 10) === 1 ? 'th' : ending}`
}
