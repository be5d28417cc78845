import { onCommand, onWritten } from './commands.ts'
import { change, type Input, type Practice, type Step, withNeeds } from './practice.ts'
import { onVerdict } from './verdict.ts'

/** @param now milliseconds since the epoch */
export function step(state: Practice, input: Input, now: number): Step {
  switch (input.type) {
    case 'command':
      return onCommand(state, input)
    case 'saved': {
      const seen = { ...state, current: input.lab, showing: 'lab' as const, asked: undefined }
      return {
        state: change(seen, input.lab, { notice: undefined }),
        effects: [{ do: 'run', lab: input.lab }, { do: 'remember' }],
      }
    }
    case 'wrote':
      return onWritten(state, input)
    case 'diffed':
      return { state: change(state, input.lab, { diff: input.diff }), effects: [] }
    case 'notice':
      return { state: change(state, state.current, { notice: input.text }), effects: [] }
    default: {
      const after = onVerdict(state, input, now)
      return { ...after, state: withNeeds(after.state) }
    }
  }
}
