import type { Catalogue } from '../catalogue.ts'

/** What a practice session answers to a command, in English. */
export const gradeSession: Catalogue = {
  'session.reset-done': 'The starter is back. What you had is kept: undo brings it back.',
  'session.undo-done': 'Undone. Undo again to go further back, redo to come forward.',
  'session.redo-done': 'Redone. Redo again to come further forward, undo to go back.',
  'session.take-done': 'The solution is in your lab. What you had is kept: undo brings it back.',
  'session.reset-needless': 'Nothing to reset: this is the starter.',
  'session.undo-needless': 'Nothing to undo.',
  'session.redo-needless': 'Nothing to redo.',
  'session.take-needless': 'This is the solution already.',

  'session.hint-all-pass': 'Every check passes. The chapter shows all of its hints.',
  'session.hint-none-fails': 'A hint belongs to a check that fails, and none does yet.',
  'session.hint-early': 'Try once with hint {taken}, or ask again to take the next one now.',
  'session.hint-unwritten': 'The chapter has no hint for this check.',
  'session.hint-no-more': 'These are all the hints. The diff shows the solution beside yours.',
  'session.diff-early': 'The solution is offered after a pass or the third hint. Ask again to see it now.',
  'session.take-early':
    'This writes the solution over your lab; yours is kept, and undo brings it back. Ask again to do it.',
  'session.last-lab': 'This is the last lab.',

  'session.write-failed': 'Could not {command}: {why} Your lab is as it was.',
  'session.effect-failed': ({ effect, error }) => `Could not ${effects[String(effect)] ?? effect}: ${error}`,
  'session.no-events':
    'The system does not announce the saves in labs/, as on network folders and /mnt/c. From now on the workbook looks for them itself, three times a second.',
  'session.watch-refused':
    'The system refuses to watch labs/ ({error}), so the workbook looks for saves itself, three times a second.',
  'session.progress-unreadable': 'progress.json could not be read. It is now {aside}; grading fills in a new one.',
  'session.current-unreadable':
    'current, which names the lab of last time, could not be read. It is now {aside}; the first lab that is not done is open.',
  'session.unknown-lab': '{name}: expected the number of a lab: {numbers}.',
  'session.no-lab': 'docs/ and solutions/: expected a lab in both, such as 12-ws-frames.',
}

/** Effects whose name is no verb. */
const effects: Partial<Record<string, string>> = { keepPassed: 'keep the version that passed' }
