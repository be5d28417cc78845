import type { CheckInfo, Failure, GradeEvent, Printed } from '../../workbook/grade/checks/events.ts'
import type { Lab } from '../../workbook/grade/labs/labs.ts'
import { reduce } from '../../workbook/grade/session/reduce.ts'
import { createSessionState, type Effect, type Input, type SessionState } from '../../workbook/grade/session/state.ts'
import { sayAll } from '../../workbook/sentences/say.ts'

// A workbook of two labs on paper: 12 has three checks and three hints for each, 13 builds on 12.

export const ids = ['short', 'long', 'masked']

export const checks: CheckInfo[] = ids.map((id, i) => ({
  id,
  title: `a ${id} frame`,
  todo: [i + 1],
  anchor: id,
  rule: 'RFC 6455 §5.2',
}))

export const failure: Failure = {
  action: 'encodeFrame of 126 bytes',
  received: '81 7e 61',
  difference: {
    shape: 'bytes',
    summary: 'first difference at byte 2: want 00, got 61',
    want: '817e007e61',
    got: '817e61',
    at: 2,
    fields: [{ name: 'extendedPayloadLength', first: 2, last: 3, want: '126', got: '24929' }],
  },
  rule: 'RFC 6455 §5.2',
  where: 'labs/12-frames/frame.ts:14',
}

export const hints = Object.fromEntries(ids.map((id) => [id, [`look at ${id}`, `idea of ${id}`, `almost ${id}`]]))

export function lab(stem: string, buildsOn: string[] = []): Lab {
  const name = stem.slice(3)
  const description = `What ${name} are.`
  return { stem, title: `The ${name}`, description, path: `/${name}`, part: 3, buildsOn, files: [`labs/${stem}/a.ts`] }
}

const now = Date.UTC(2026, 10, 23)

/** A session, the effects it has asked for, and what a person does with it. */
export class Table {
  state: SessionState
  effects: Effect[] = []
  #version = 0

  constructor(state = createSessionState([lab('12-frames'), lab('13-server', ['12-frames'])], {}, '12-frames')) {
    this.state = state
  }

  put(input: Input): void {
    const { state, effects } = reduce(this.state, input, now)
    this.state = state
    this.effects = effects
  }

  press(...keys: ('hint' | 'diff' | 'reset' | 'undo' | 'redo' | 'take' | 'run' | 'next' | 'list' | 'quit')[]): void {
    for (const command of keys) this.put({ type: 'command', command })
  }

  /** Grades a lab: the checks named fail. @param version a new one unless told */
  grade(
    failing: string[],
    { stem = '12-frames', version = `v${++this.#version}`, problem, printed }: Graded = {},
  ): void {
    const grading = { type: 'grading', lab: stem, version, at: now - 600, savedAt: 0, hints } as const
    const results = ids.map((id): GradeEvent & { type: 'check' } => {
      const failed = failing.includes(id)
      return {
        type: 'check',
        lab: stem,
        id,
        state: failed ? 'failed' : 'passed',
        milliseconds: 2,
        ...(failed && { failure, printed }),
      }
    })
    const passed = ids.length - failing.length
    const end = {
      type: 'end',
      lab: stem,
      passed,
      failed: failing.length,
      milliseconds: 9,
      problem,
      printed: problem && printed,
    } as const
    const none = { ...end, passed: 0, failed: 0 }
    for (const input of problem
      ? [grading, none]
      : [grading, { type: 'start', lab: stem, checks } as const, ...results, end]) {
      this.put(input)
    }
  }

  /** The notice of the current lab, said. */
  get notice() {
    return sayAll(this.view.notice ?? [])
  }

  get view() {
    return this.state.views[this.state.current]!
  }
}

interface Graded {
  stem?: string
  version?: string
  problem?: Failure
  /** in the checks that fail, or beside the problem */
  printed?: Printed
}
