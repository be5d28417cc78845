import { defineConfig } from 'vitest/config'
import { grading, root } from '../labs/tree.ts'
import { graderOptions } from './grader-options.ts'
import { GradeReporter } from './reporter.ts'
import { treePlugin } from './tree-plugin.ts'

// Vitest inside the runner's child: it watches nothing, and grades when the runner says so.
export default defineConfig({
  root,
  plugins: [treePlugin(grading.tree)],
  server: { watch: null },
  test: {
    ...graderOptions,
    name: 'labs',
    env: { WIREBOOK_TREE: grading.tree },
    reporters: [new GradeReporter()],
    // What a lab prints is kept where it is printed; see checks/lab-output.ts.
    disableConsoleIntercept: true,
    maxWorkers: 1,
  },
})
