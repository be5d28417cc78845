import type { Catalogue } from '../catalogue.ts'
import { groupedCount } from './grammar.ts'

/** What the runner says of a lab that no check can speak of, in English. */
export const gradeRun: Catalogue = {
  'run.loaded': 'loaded {lab}',
  'run.in-check': 'in the check "{check}"',
  'run.while-loading': 'while it was loaded',
  'run.stands-still': 'never came back: its event loop stands still',
  'run.loop': '{lab} does not come back {place}: look for a loop that never ends',
  'run.sleeps': 'never came back: it sleeps in a call, and its event loop stands still',
  'run.sleep':
    '{lab} does not come back {place}, and does not compute either: look for a call that blocks, such as Atomics.wait or execFileSync',
  'run.is-silent': 'nothing within a minute',
  'run.silence':
    '{lab} said nothing for a minute {place}, and computed next to nothing. Either a call in it blocks, or this machine is too busy to grade: try again when it has less to do',
  'run.started': 'started the process that grades, several times',
  'run.not-started': 'it ended each time before it could grade',
  'run.start-again':
    'The process that grades cannot be started; what it said stands below. Save a file or press Enter to try again; if it stays like this, run npm ci.',
  'run.ended': 'the grading process has ended',
  'run.ended-by-signal': 'the grading process ended ({signal})',
  'run.ended-with-code': 'the grading process ended (code {code})',

  'run.loaded-yours': 'loaded your lab',
  'run.not-loaded': 'it cannot be loaded',
  'run.not-typescript': 'it is not TypeScript',
  'run.syntax-error': 'syntax error: {error}',
  'run.every-check': 'ran every check',
  'run.threw-late': 'threw after a check had ended, where nobody catches',
  'run.thread-ended': 'the thread in which it ran has ended',
  'run.unfinished-check':
    '{lab}: the run ended in the middle of the check "{check}", without a verdict. Look for what ends the thread: memory that runs out, or an exit',
  'run.unfinished-loading':
    '{lab}: the run ended while it was loaded, without a verdict. Look for what ends the thread: memory that runs out, or an exit',
  'run.cut': ({ start, length }) => `${start} … (${groupedCount(Number(length), 'character')})`,
}
