import { type RunnerTask, TestRunner } from 'vitest'

/** Names the environment variable with the ids of the checks that must fail, separated by spaces; empty: all must run. */
export const NEEDED = 'PROOF_NEEDED'

/** Leaves out the checks that a wrong program's list does not name: they pass, or fail after the one that it names. */
export default class ProofRunner extends TestRunner {
  override async onBeforeRunTask(task: RunnerTask): Promise<void> {
    const needed = process.env[NEEDED]
    const id = task.meta.check?.id
    if (needed && id && !needed.split(' ').includes(id)) task.mode = 'skip'
    await super.onBeforeRunTask(task)
  }
}
