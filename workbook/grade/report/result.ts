import type { CheckInfo, Failure, GradeEvent, Printed } from '../checks/events.ts'

/** One lab, graded once. */
export interface LabResult {
  /** `12-ws-frames` */
  lab: string
  title: string
  /** every check passes, and nothing went wrong beside them */
  passed: boolean
  checks: CheckResult[]
  /** why it could not be graded, or not to the end */
  problem?: Failure
  /** what it printed while it was loaded, or in the check that did not come back */
  printed?: Printed
  milliseconds: number
}

/** One check of a lab, graded once. */
export interface CheckResult extends CheckInfo {
  /** `notReached`: the lab hung, or ended the run, before this check */
  state: 'passed' | 'failed' | 'notReached'
  milliseconds?: number
  failure?: Failure
  /** what this machine could not show */
  notes?: string[]
  /** what the lab printed meanwhile */
  printed?: Printed
}

/** Puts together what the runner said of one lab. */
export function resultOf(lab: string, title: string, events: GradeEvent[]): LabResult {
  let checks: CheckResult[] = []
  let problem: Failure | undefined
  let printed: Printed | undefined
  let milliseconds = 0
  for (const event of events) {
    if (event.type === 'start') {
      checks = event.checks.map((check) => ({ ...check, state: 'notReached' }))
    } else if (event.type === 'check') {
      const { type: _, lab: __, ...verdict } = event
      checks = checks.map((check) => (check.id === verdict.id ? { ...check, ...verdict } : check))
    } else if (event.type === 'end') {
      ;({ problem, printed, milliseconds } = event)
    }
  }
  const passed = !problem && checks.length > 0 && checks.every(({ state }) => state === 'passed')
  return { lab, title, passed, checks, problem, printed, milliseconds }
}
