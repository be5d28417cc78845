import type { Words } from '../../wire/model/sentence.ts'
import type { CheckInfo, GradeEvent } from '../checks/events.ts'
import type { FileDiff } from '../labs/diff.ts'
import type { Lab } from '../labs/labs.ts'
import { isDone, type Progress } from './progress.ts'
import type { LabProgress, LabView } from './views.ts'

/**
 * Everything that the terminal and the page show. A key, a button, a save and the runner each give one {@link Input};
 * `reduce` answers with the next state and with what is to be done outside. So both stay in step, and a test needs
 * neither of them.
 */
export interface SessionState {
  labs: Lab[]
  /** what there is to see, by stem; every lab has one */
  views: Record<string, LabView>
  progress: Progress
  /** hints of the graded labs, in Markdown, by stem and id of the check */
  hints: Record<string, Record<string, string[]>>
  /** what each lab's last run was about, by stem */
  runs: Record<string, Run>
  /** stem of the lab that the terminal shows */
  current: string
  showing: 'lab' | 'list'
  /** the first digit of a lab's number, typed in the list */
  typed: string
  /** the command that will be carried out when it comes again, though it is early */
  asked?: string
}

interface Run {
  /** version of the lab's files, so that the same failure does not count twice */
  version: string
  /** when it was asked for, in milliseconds since the epoch */
  at: number
  /** its checks, while none of them has a verdict */
  coming?: CheckInfo[]
}

/** What a reader asks for, by a key of the terminal or a button of the page. */
export type Command =
  /** `lab` is the current one when it is left out */
  | { command: 'hint' | 'diff' | 'reset' | 'undo' | 'redo' | 'take' | 'run' | 'show'; lab?: string }
  | { command: 'next' | 'list' | 'quit' }
  | { command: 'digit'; digit: string }

/** The commands that write to a lab. */
export type LabWrite = 'reset' | 'undo' | 'redo' | 'take'

/** What happens to a session: a command, a save, news of a run, or of an effect. */
export type Input =
  | ({ type: 'command' } & Command)
  /** a file of the lab was saved */
  | { type: 'saved'; lab: string }
  /** a run is about to begin; times in milliseconds since the epoch: when it was asked for, when the lab was written */
  | { type: 'grading'; lab: string; version: string; at: number; savedAt: number; hints: Record<string, string[]> }
  | GradeEvent
  /** an effect was carried out; `changed` is false when there was nothing to do */
  | { type: 'wrote'; lab: string; what: LabWrite; changed: boolean }
  | { type: 'diffed'; lab: string; diff: FileDiff[] }
  /** something other than a command has to be told */
  | { type: 'notice'; notice: Words[] }

/** What is to be done outside. */
export type Effect =
  | { do: 'run' | 'diff' | 'keepPassed'; lab: string }
  | { do: LabWrite; lab: string }
  /** run it, unless the version that is there was graded */
  | { do: 'refresh'; lab: string }
  /** write down the progress, and which lab is the current one */
  | { do: 'remember' }
  | { do: 'quit' }

/** The answer to an input. */
export interface Reduction {
  state: SessionState
  effects: Effect[]
}

/** The state at the start: nothing is graded yet. @param current stem of the lab to begin with */
export function createSessionState(labs: Lab[], progress: Progress, current: string): SessionState {
  const views = Object.fromEntries(labs.map((lab) => [lab.stem, emptyView(lab)]))
  const start = { labs, views, progress, hints: {}, runs: {}, current, showing: 'lab' as const, typed: '' }
  return withNeeds(start)
}

/** The state with something of one lab's view changed. */
export function change(state: SessionState, lab: string, changes: Partial<LabView>): SessionState {
  return { ...state, views: { ...state.views, [lab]: { ...state.views[lab]!, ...changes } } }
}

/** The reader's standing with every lab. */
export function overview({ labs, progress }: SessionState): LabProgress[] {
  return labs.map(({ stem, title, path }) => {
    const checks = Object.values(progress[stem] ?? {})
    const passed = checks.filter(({ passedAt }) => passedAt !== undefined).length
    return { stem, title, path, passed, checks: checks.length, done: isDone(progress, stem) }
  })
}

/** The state with what each lab still waits for. A lab that was graded since the start counts by its last verdict, another by what is remembered. */
export function withNeeds(state: SessionState): SessionState {
  const isReady = (stem: string) => {
    const view = state.views[stem]
    return view === undefined || (view.checks.length > 0 && !view.running ? view.green : isDone(state.progress, stem))
  }
  const views = { ...state.views }
  for (const { stem, buildsOn } of state.labs) {
    const needs = buildsOn.filter((earlier) => !isReady(earlier))
    if (needs.join() !== views[stem]!.needs.join()) views[stem] = { ...views[stem]!, needs }
  }
  return { ...state, views }
}

function emptyView({ stem, title, path, files }: Lab): LabView {
  return { stem, title, path, files, needs: [], running: false, checks: [], green: false, diffReady: false }
}
