// Loads graders without running their checks; forked by collect-checks.ts: collect-program.ts ROOT GRADER …
import { join } from 'node:path'
import { createVitest } from 'vitest/node'
import type { CollectedGrader } from './collect-checks.ts'
import { graderOptions } from './grader-options.ts'
import { treePlugin } from './tree-plugin.ts'

const [root = '', ...graders] = process.argv.slice(2)

const vitest = await createVitest(
  'test',
  {
    ...graderOptions,
    config: false,
    root,
    watch: false,
    isolate: false,
    includeTaskLocation: true,
    reporters: [{}],
    env: { WIREBOOK_TREE: join(root, 'solutions') },
  },
  { plugins: [treePlugin(join(root, 'solutions'))], server: { watch: null } },
)
const project = vitest.getRootProject()
const { testModules } = await vitest.collectTests(graders.map((grader) => project.createSpecification(grader)))
const collected = testModules.map((module): CollectedGrader => {
  const checks = [...module.children.allTests()].flatMap((test) => {
    const info = test.meta().check
    return info ? [{ ...info, line: test.location?.line ?? 1 }] : []
  })
  return { grader: module.moduleId, checks, problem: module.errors()[0]?.message }
})
process.send!(collected)
process.once('SIGTERM', () => process.exit(0))
await vitest.close()
process.exit(0)
