import type { CheckInfo } from '../checks/events.ts'
import type { CheckProgress } from './progress.ts'
import { change, type Effect, type Input, type Reduction, type SessionState } from './state.ts'
import type { CheckView, HelpView } from './views.ts'

type Verdict = Extract<Input, { type: 'grading' | 'start' | 'check' | 'end' }>

/** What a run says, put into the view of its lab. @param now milliseconds since the epoch */
export function onVerdict(state: SessionState, input: Verdict, now: number): Reduction {
  const view = state.views[input.lab]
  if (!view) return { state, effects: [] }
  switch (input.type) {
    case 'grading': {
      const hints = { ...state.hints, [input.lab]: input.hints }
      const runs = { ...state.runs, [input.lab]: { version: input.version, at: input.at } }
      return only(change({ ...state, hints, runs }, input.lab, { running: true, savedAt: input.savedAt }))
    }
    case 'start': {
      const runs = { ...state.runs, [input.lab]: { ...state.runs[input.lab]!, coming: input.checks } }
      return only(view.checks.length > 0 ? { ...state, runs } : begun({ ...state, runs }, input.lab))
    }
    case 'check': {
      const after = begun(state, input.lab)
      const { id, state: verdict, milliseconds, failure, printed } = input
      const checks = after.views[input.lab]!.checks.map((check) =>
        check.id === id ? { ...check, state: verdict, milliseconds, failure, printed } : check,
      )
      return only(change(after, input.lab, { checks, help: undefined }))
    }
    case 'end':
      return ended(begun(state, input.lab), input, now)
  }
}

/**
 * What was known before stays on the screen until the first check of the new run has its verdict, so that a save does
 * not make the screen flicker; then all of it goes.
 */
function begun(state: SessionState, lab: string): SessionState {
  const run = state.runs[lab]
  if (!run?.coming) return state
  const runs = { ...state.runs, [lab]: { ...run, coming: undefined } }
  const checks: CheckView[] = run.coming.map((check) => ({ ...check, state: 'waiting' }))
  return change({ ...state, runs }, lab, { checks, problem: undefined, green: false, help: undefined })
}

function ended(state: SessionState, end: Extract<Verdict, { type: 'end' }>, now: number): Reduction {
  const { lab, problem } = end
  const run = state.runs[lab]
  const view = state.views[lab]!
  // A lab that does not load has no verdicts, and the old ones are about another version.
  const checks = problem && end.passed + end.failed === 0 ? view.checks.map(unknown) : view.checks
  const failing = firstFailing(checks)
  const green = !problem && !failing && checks.length > 0 && checks.every((check) => check.state === 'passed')

  const known = state.progress[lab] ?? {}
  const entries: Record<string, CheckProgress> = {}
  for (const { id, state: verdict } of checks) {
    const before = known[id] ?? { tries: 0, hints: 0 }
    entries[id] = before
    if (verdict === 'passed' && !before.passedAt) entries[id] = { ...before, passedAt: new Date(now).toISOString() }
    if (id === failing?.id && before.lastTry !== run?.version) {
      entries[id] = { ...before, tries: before.tries + 1, lastTry: run?.version }
    }
  }
  const progress = checks.length > 0 ? { ...state.progress, [lab]: entries } : state.progress
  const after = change({ ...state, progress }, lab, {
    checks,
    problem,
    printed: end.printed,
    green,
    running: false,
    milliseconds: run ? now - run.at : end.milliseconds,
  })
  const effects: Effect[] = [{ do: 'remember' }]
  if (green) effects.push({ do: 'keepPassed', lab })
  if (view.diff) effects.push({ do: 'diff', lab })
  return { state: withHelp(after, lab), effects }
}

/** The view with the help that its first failing check has earned. */
export function withHelp(state: SessionState, lab: string): SessionState {
  const view = state.views[lab]!
  const failing = firstFailing(view.checks)
  const help = failing && helpFor(state, lab, failing)
  return change(state, lab, { help, diffReady: view.green || help?.hints.length === 3 })
}

function helpFor(state: SessionState, lab: string, { id }: CheckInfo): HelpView {
  const { tries, hints: taken } = state.progress[lab]?.[id] ?? { tries: 0, hints: 0 }
  const hints = (state.hints[lab]?.[id] ?? []).slice(0, taken)
  return { check: id, tries, ready: Math.min(3, Math.max(tries, taken)), hints }
}

/** The check that is opened: the first that fails. */
export function firstFailing(checks: CheckView[]): CheckView | undefined {
  return checks.find((check) => check.state === 'failed')
}

function unknown({ milliseconds: _, failure: __, printed: ___, ...check }: CheckView): CheckView {
  return { ...check, state: 'waiting' }
}

function only(state: SessionState): Reduction {
  return { state, effects: [] }
}
