import { findLab } from '../labs/labs.ts'
import { withHelp } from './run-verdict.ts'
import { type Command, change, type Effect, type Input, type SessionState, type Step } from './state.ts'
import type { HelpView } from './views.ts'

/** A key of the terminal, or a button of the page. */
export function onCommand(before: SessionState, input: Command): Step {
  const lab = ('lab' in input && input.lab) || before.current
  if (!before.labs.some(({ stem }) => stem === lab)) return { state: before, effects: [] }
  // A page that opens asks for nothing else, and must not disturb what the reader does elsewhere.
  if (input.command === 'show') return { state: before, effects: [{ do: 'refresh', lab }] }

  const state = change({ ...before, asked: undefined }, lab, { notice: undefined })
  // A button belongs to the lab of its page, so the terminal goes there too; only what is asked about another lab stays.
  const here = { ...state, current: lab, showing: 'lab' as const }

  switch (input.command) {
    case 'hint':
      return hint(here, before.asked === `hint ${lab}`)
    case 'diff':
      return diff(here, before.asked === `diff ${lab}`)
    case 'reset':
    case 'undo':
      return { state: here, effects: [{ do: input.command, lab }] }
    case 'run':
      return { state: here, effects: [{ do: 'run', lab }] }
    case 'take':
      return take(state, input.lab, before.asked === `take ${lab}`)
    case 'next':
      return next(state)
    case 'list':
      return { state: { ...state, showing: state.showing === 'list' ? 'lab' : 'list', typed: '' }, effects: [] }
    case 'digit':
      return digit(state, input.digit)
    case 'quit':
      return { state, effects: [{ do: 'quit' }] }
  }
}

/** A write to a lab was carried out. */
export function onWritten(state: SessionState, { lab, what, changed }: Extract<Input, { type: 'wrote' }>): Step {
  const after = say(state, state.current, changed ? written[what] : unchanged[what])
  if (!changed) return { state: after, effects: [] }
  const waiting = state.labs.filter(({ stem, buildsOn }) => buildsOn.includes(lab) && state.runs[stem])
  const effects: Effect[] = [{ do: 'run', lab }, ...waiting.map(({ stem }): Effect => ({ do: 'refresh', lab: stem }))]
  return { state: after, effects }
}

const written = {
  reset: 'The starter is back. What you had is kept: undo brings it back.',
  undo: 'Undone. Undo again to go further back.',
  take: 'The solution is in your lab. What you had is kept: undo brings it back.',
}

const unchanged = {
  reset: 'Nothing to reset: this is the starter.',
  undo: 'Nothing to undo.',
  take: 'This is the solution already.',
}

/** @param again the reader was told that it is early, and pressed once more */
function hint(state: SessionState, again: boolean): Step {
  const { current: lab } = state
  const { help, green } = state.views[lab]!
  if (green) return { state: say(state, lab, 'Every check passes. The chapter shows all of its hints.'), effects: [] }
  if (!help) return { state: say(state, lab, 'A hint belongs to a check that fails, and none does yet.'), effects: [] }

  const written = state.hints[lab]?.[help.check] ?? []
  const taken = help.hints.length
  if (taken >= written.length) return { state: say(state, lab, noMore(help)), effects: [] }
  if (taken >= help.ready && !again) {
    const asked = `hint ${lab}`
    return {
      state: say({ ...state, asked }, lab, `Try once with hint ${taken}, or ask again to take the next one now.`),
      effects: [],
    }
  }
  const before = state.progress[lab]![help.check]!
  const checks = { ...state.progress[lab], [help.check]: { ...before, hints: taken + 1 } }
  const progress = { ...state.progress, [lab]: checks }
  return { state: withHelp({ ...state, progress }, lab), effects: [{ do: 'remember' }] }
}

function noMore({ hints }: HelpView): string {
  return hints.length === 0
    ? 'The chapter has no hint for this check.'
    : 'These are all the hints. The diff shows the solution beside yours.'
}

function diff(state: SessionState, again: boolean): Step {
  const { current: lab } = state
  const view = state.views[lab]!
  if (view.diff) return { state: change(state, lab, { diff: undefined }), effects: [] }
  if (view.diffReady || again) return { state, effects: [{ do: 'diff', lab }] }
  const why = 'The solution is offered after a pass or the third hint. Ask again to see it now.'
  return { state: say({ ...state, asked: `diff ${lab}` }, lab, why), effects: [] }
}

/** @param asked lab whose solution the page asks for; a key asks for the one that the current lab waits for */
function take(state: SessionState, asked: string | undefined, again: boolean): Step {
  const view = state.views[state.current]!
  const lab = asked ?? view.needs[0] ?? state.current
  if (lab !== state.current || view.diffReady || again) return { state, effects: [{ do: 'take', lab }] }
  const why = 'This writes the solution over your lab; yours is kept, and undo brings it back. Ask again to do it.'
  return { state: say({ ...state, asked: `take ${lab}` }, lab, why), effects: [] }
}

function next(state: SessionState): Step {
  const at = state.labs.findIndex(({ stem }) => stem === state.current)
  const lab = state.labs[at + 1]
  if (!lab) return { state: say(state, state.current, 'This is the last lab.'), effects: [] }
  return goTo(state, lab.stem)
}

function digit(state: SessionState, typed: string): Step {
  if (state.typed === '') return { state: { ...state, showing: 'list', typed }, effects: [] }
  const lab = findLab(state.labs, state.typed + typed)
  return lab ? goTo(state, lab.stem) : { state: { ...state, typed: '' }, effects: [] }
}

function goTo(state: SessionState, lab: string): Step {
  const there = { ...state, current: lab, showing: 'lab' as const, typed: '' }
  return { state: change(there, lab, { notice: undefined }), effects: [{ do: 'refresh', lab }, { do: 'remember' }] }
}

function say(state: SessionState, lab: string, notice: string): SessionState {
  return change(state, lab, { notice })
}
