import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { defaultServerConditions } from 'vite'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { graderOptions } from './workbook/grade/run/grader-options.ts'

/** The proofs of all labs and the rude peers take the longest by far: begun late, they would run alone at the end. */
const longest = ['test/grade/labs.test.ts', 'test/peers/rude-peers.test.ts']

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification) => longest.some((file) => moduleId.endsWith(file))
    const sorted = await super.sort(files)
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))]
  }
}

// The same graders run over the reader's labs and over our solutions. Only the package condition differs (`imports` in
// package.json). Other trees, a student's or a mutant, are graded by workbook/grade/run/runner.config.ts.
export default defineConfig({
  test: {
    // Much of it waits for a browser or for programs: also a small machine has two files under way.
    sequence: { sequencer: LongestFirst },
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      {
        test: { ...graderOptions, name: 'labs', env: { WIREBOOK_TREE: path('labs') } },
      },
      {
        ssr: { resolve: { conditions: ['solution', ...defaultServerConditions] } },
        // Solutions clean up after themselves; a worker for each grader would cost a fifth more.
        test: { ...graderOptions, isolate: false, name: 'solutions', env: { WIREBOOK_TREE: path('solutions') } },
      },
      {
        test: {
          name: 'workbook',
          include: ['test/{wire,view,server,grade,peers}/*.test.ts', 'test/*.test.ts'],
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'site',
          include: ['test/site/*.test.ts'],
          globalSetup: ['test/site/build.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
})

function path(folder: string): string {
  return fileURLToPath(new URL(folder, import.meta.url))
}
