import { type RunnerTask, type RunnerTestSuite, TestRunner } from 'vitest'

/** Names the environment variable with the ids of the checks that must fail, separated by spaces; empty: all must run. */
export const NEEDED = 'PROOF_NEEDED'

/**
 * Of a wrong program two things are judged: what the first failing check says, and whether the checks of its list
 * fail. So after the first failure the others are skipped.
 */
export default class ProofRunner extends TestRunner {
  #failed = false

  override async onBeforeRunTask(task: RunnerTask): Promise<void> {
    const needed = process.env[NEEDED]
    const id = task.meta.check?.id
    if (this.#failed && needed && id && !needed.split(' ').includes(id)) task.mode = 'skip'
    await super.onBeforeRunTask(task)
  }

  override async onBeforeRunSuite(suite: RunnerTestSuite): Promise<void> {
    // A file is a suite: the next variant of this worker.
    if (suite.file === suite) this.#failed = false
    await super.onBeforeRunSuite(suite)
  }

  override onAfterRunTask(task: RunnerTask): void {
    if (task.result?.state === 'fail') this.#failed = true
    super.onAfterRunTask(task)
  }
}
