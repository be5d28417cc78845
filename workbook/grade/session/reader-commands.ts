import { type Sentence, sentence } from '../../wire/model/sentence.ts'
import { findLab } from '../labs/labs.ts'
import { withHelp } from './run-verdict.ts'
import { type Command, change, type Effect, type Input, type Reduction, type SessionState } from './state.ts'
import type { HelpView } from './views.ts'

/** A key of the terminal, or a button of the page. */
export function onCommand(before: SessionState, input: Command): Reduction {
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
    case 'redo':
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
export function onWritten(state: SessionState, { lab, what, changed }: Extract<Input, { type: 'wrote' }>): Reduction {
  const told = notify(state, state.current, changed ? written[what] : unchanged[what])
  if (!changed) return { state: what === 'redo' ? change(told, lab, { undone: false }) : told, effects: [] }
  const after = change(told, lab, { undone: what === 'undo' || what === 'redo' })
  const waiting = state.labs.filter(({ stem, buildsOn }) => buildsOn.includes(lab) && state.runs[stem])
  const effects: Effect[] = [{ do: 'run', lab }, ...waiting.map(({ stem }): Effect => ({ do: 'refresh', lab: stem }))]
  return { state: after, effects }
}

const written = {
  reset: sentence('session.reset-done'),
  undo: sentence('session.undo-done'),
  redo: sentence('session.redo-done'),
  take: sentence('session.take-done'),
}

const unchanged = {
  reset: sentence('session.reset-needless'),
  undo: sentence('session.undo-needless'),
  redo: sentence('session.redo-needless'),
  take: sentence('session.take-needless'),
}

/** @param again the reader was told that it is early, and pressed once more */
function hint(state: SessionState, again: boolean): Reduction {
  const { current: lab } = state
  const { help, green } = state.views[lab]!
  if (green) return { state: notify(state, lab, sentence('session.hint-all-pass')), effects: [] }
  if (!help) return { state: notify(state, lab, sentence('session.hint-none-fails')), effects: [] }

  const written = state.hints[lab]?.[help.check] ?? []
  const taken = help.hints.length
  if (taken >= written.length) return { state: notify(state, lab, noMore(help)), effects: [] }
  if (taken >= help.ready && !again) {
    const asked = `hint ${lab}`
    return { state: notify({ ...state, asked }, lab, sentence('session.hint-early', { taken })), effects: [] }
  }
  const before = state.progress[lab]![help.check]!
  const checks = { ...state.progress[lab], [help.check]: { ...before, hints: taken + 1 } }
  const progress = { ...state.progress, [lab]: checks }
  return { state: withHelp({ ...state, progress }, lab), effects: [{ do: 'remember' }] }
}

function noMore({ hints }: HelpView): Sentence {
  return hints.length === 0 ? sentence('session.hint-unwritten') : sentence('session.hint-no-more')
}

function diff(state: SessionState, again: boolean): Reduction {
  const { current: lab } = state
  const view = state.views[lab]!
  if (view.diff) return { state: change(state, lab, { diff: undefined }), effects: [] }
  if (view.diffReady || again) return { state, effects: [{ do: 'diff', lab }] }
  const asked = `diff ${lab}`
  return { state: notify({ ...state, asked }, lab, sentence('session.diff-early')), effects: [] }
}

/** @param wanted lab whose solution the page asks for; a key asks for the one that the current lab waits for */
function take(state: SessionState, wanted: string | undefined, again: boolean): Reduction {
  const view = state.views[state.current]!
  const lab = wanted ?? view.needs[0] ?? state.current
  if (lab !== state.current || view.diffReady || again) return { state, effects: [{ do: 'take', lab }] }
  const asked = `take ${lab}`
  return { state: notify({ ...state, asked }, lab, sentence('session.take-early')), effects: [] }
}

function next(state: SessionState): Reduction {
  const at = state.labs.findIndex(({ stem }) => stem === state.current)
  const lab = state.labs[at + 1]
  if (!lab) return { state: notify(state, state.current, sentence('session.last-lab')), effects: [] }
  return goTo(state, lab.stem)
}

function digit(state: SessionState, typed: string): Reduction {
  if (state.typed === '') return { state: { ...state, showing: 'list', typed }, effects: [] }
  const lab = findLab(state.labs, state.typed + typed)
  return lab ? goTo(state, lab.stem) : { state: { ...state, typed: '' }, effects: [] }
}

function goTo(state: SessionState, lab: string): Reduction {
  const there = { ...state, current: lab, showing: 'lab' as const, typed: '' }
  return { state: change(there, lab, { notice: undefined }), effects: [{ do: 'refresh', lab }, { do: 'remember' }] }
}

function notify(state: SessionState, lab: string, notice: Sentence): SessionState {
  return change(state, lab, { notice: [notice] })
}
