import { onCommand, onWritten } from './reader-commands.ts'
import { onVerdict } from './run-verdict.ts'
import { change, type Input, type Reduction, type SessionState, withNeeds } from './state.ts'

/** Answers an input with the next state and what is to be done outside. @param now milliseconds since the epoch */
export function reduce(state: SessionState, input: Input, now: number): Reduction {
  switch (input.type) {
    case 'command':
      return onCommand(state, input)
    case 'saved': {
      const seen = { ...state, current: input.lab, showing: 'lab' as const, asked: undefined }
      return {
        state: change(seen, input.lab, { notice: undefined, undone: false }),
        effects: [{ do: 'run', lab: input.lab }, { do: 'remember' }],
      }
    }
    case 'wrote':
      return onWritten(state, input)
    case 'diffed':
      return { state: change(state, input.lab, { diff: input.diff }), effects: [] }
    case 'notice':
      return { state: change(state, state.current, { notice: input.notice }), effects: [] }
    default: {
      const after = onVerdict(state, input, now)
      return { ...after, state: withNeeds(after.state) }
    }
  }
}
