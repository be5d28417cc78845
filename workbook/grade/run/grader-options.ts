import { join } from 'node:path'
import { root } from '../labs/tree.ts'

/** How vitest runs a grader: in a thread, which dies with its process when a lab loops for ever. */
export const graderOptions = {
  include: ['test/labs/*.test.ts'],
  pool: 'threads' as const,
  isolate: true,
  testTimeout: 15_000,
  setupFiles: [join(root, 'workbook/grade/run/setup.ts')],
}
