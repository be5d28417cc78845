import type { GradeEvent } from '../checks/events.ts'

/** From the runner to its child. */
export type RunnerCommand = { grade: string } | { cancel: true }

/** From the child to the runner. */
export type RunnerMessage =
  | { ready: true }
  | { event: GradeEvent }
  /** the worker's event loop turns */
  | { alive: true }
  /** id of the check that begins */
  | { begins: string }
  /** what the lab printed */
  | { output: string }
