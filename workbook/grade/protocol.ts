import type { GradeEvent } from './events.ts'

/** From the runner to its child. */
export type Order = { grade: string } | { cancel: true }

/** From the child to the runner. */
export type News =
  | { ready: true }
  | { event: GradeEvent }
  /** the worker's event loop turns */
  | { alive: true }
  /** id of the check that begins */
  | { begins: string }
  /** what the lab printed */
  | { output: string }
