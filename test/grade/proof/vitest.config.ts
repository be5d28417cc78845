import { basename, dirname, join, relative } from 'node:path'
import { defineConfig } from 'vitest/config'
import type { Reporter, SerializedError, TestModule } from 'vitest/node'
import { timeoutScale } from '../../../workbook/grade/checks/lifetime.ts'
import { root } from '../../../workbook/grade/labs/tree.ts'
import { failureOf, infoOf, lateProblem, loadProblem } from '../../../workbook/grade/run/causes.ts'
import { graderOptions } from '../../../workbook/grade/run/grader-options.ts'
import { treePlugin } from '../../../workbook/grade/run/tree-plugin.ts'
import type { Outcome } from './grade-variants.ts'

const { PROOF_STEM: stem = '', PROOF_FOLDER: folder = '' } = process.env

/** Sends the outcome of each variant to whoever forked this vitest. */
class OutcomeReporter implements Reporter {
  onTestModuleEnd(module: TestModule): void {
    const tree = { folder: dirname(module.moduleId), shown: 'labs' }
    const outcome: Outcome = { variant: basename(tree.folder), checks: [] }
    const error = module.errors()[0]
    if (error) outcome.problem = loadProblem(error, tree)
    for (const test of module.children.allTests()) {
      const info = infoOf(test)
      const [first] = test.result().errors ?? []
      outcome.checks.push({ ...info, failure: first && failureOf(first, info, stem, tree) })
    }
    process.send!(outcome)
  }

  onTestRunEnd(_: unknown, unhandled: readonly SerializedError[]): void {
    for (const error of unhandled) {
      const variant = /[/\\]((?:wrong|right|todo)-\d+|starter)[/\\]/.exec(JSON.stringify(error.stacks ?? []))?.[1]
      if (!variant) continue
      const problem = lateProblem(error, { folder: `${folder}/${variant}`, shown: 'labs' })
      process.send!({ variant, checks: [], problem } satisfies Outcome)
    }
  }
}

// Grades many trees at once: beside each stands a file that loads the grader for that tree alone.
export default defineConfig({
  root,
  plugins: [treePlugin('')],
  server: { watch: null },
  test: {
    ...graderOptions,
    isolate: timeoutScale() === 1,
    runner: join(import.meta.dirname, 'runner.ts'),
    include: [`${relative(root, folder).replaceAll('\\', '/')}/*/grader.test.ts`],
    // With short deadlines most of the time goes into waiting; at the second look no check may be late.
    maxWorkers: timeoutScale() === 1 ? 2 : 4,
    reporters: [new OutcomeReporter()],
  },
})
