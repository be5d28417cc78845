import type { GradeEvent } from '../checks/events.ts'
import type { Silence, SilenceLimits } from './silence-watch.ts'
import type { WorkerMessage } from './worker-heartbeat.ts'

/** From the runner to its child. */
export type RunnerCommand = { grade: string; limits: SilenceLimits } | { cancel: true }

/** From the child to the runner. */
export type RunnerMessage =
  | { ready: true }
  | { event: GradeEvent }
  /** what the thread of the lab says */
  | WorkerMessage
  /** that thread has been silent for too long */
  | { silence: Silence }
