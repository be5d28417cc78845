import type { Catalogue } from '../catalogue.ts'

/** What the runner says of a lab that no check can speak of, in English. */
export const gradeRun: Catalogue = {
  'run.loaded': 'loaded {lab}',
  'run.stands-still': 'never came back: its event loop stands still',
  'run.hangs-in-check': '{lab} does not come back in the check "{check}": look for a loop that never ends',
  'run.hangs-while-loading': '{lab} does not come back while it was loaded: look for a loop that never ends',
  'run.ended': 'the grading process has ended',
  'run.ended-by-signal': 'the grading process ended ({signal})',
  'run.ended-with-code': 'the grading process ended (code {code})',

  'run.loaded-yours': 'loaded your lab',
  'run.not-loaded': 'it cannot be loaded',
  'run.not-typescript': 'it is not TypeScript',
  'run.syntax-error': 'syntax error: {error}',
  'run.every-check': 'ran every check',
  'run.threw-late': 'threw after a check had ended, where nobody catches',
}
