import { type RunnerTask, TestRunner } from 'vitest'

/** Names the environment variable with the checks to run: ids, or `todo 3` for those that name it; empty: all of them. */
export const neededVariable = 'PROOF_NEEDED'

/** Names the environment variable that is set where the first failure of a variant is enough. */
export const firstOnlyVariable = 'PROOF_FIRST_ONLY'

/** Leaves out the checks that a variant is not judged by. */
export default class ProofRunner extends TestRunner {
  override async onBeforeRunTask(task: RunnerTask): Promise<void> {
    const needed = (process.env[neededVariable] ?? '').split(', ')
    const check = task.meta.check
    const names = check && [check.id, ...check.todo.map((todo) => `todo ${todo}`)]
    if (names && needed[0] !== '' && !names.some((name) => needed.includes(name))) task.mode = 'skip'
    const isOver = process.env[firstOnlyVariable] && task.file.tasks.some(({ result }) => result?.state === 'fail')
    if (isOver) task.mode = 'skip'
    await super.onBeforeRunTask(task)
  }
}
