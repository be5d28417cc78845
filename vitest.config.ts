import { fileURLToPath } from 'node:url'
import { defaultServerConditions } from 'vite'
import { defineConfig } from 'vitest/config'

// The same graders run twice: over the reader's labs and over our solutions. Only the package condition differs
// (`imports` in package.json). WIREBOOK_LABS grades a third tree instead: a student's folder, or a mutant.
const tree = process.env.WIREBOOK_LABS

const grader = {
  include: ['test/labs/*.test.ts'],
  pool: 'threads' as const,
  testTimeout: 10_000,
  setupFiles: ['workbook/grade/setup.ts'],
}

export default defineConfig({
  test: {
    projects: [
      {
        resolve: tree ? { alias: [{ find: /^#lab\//, replacement: `${tree.replaceAll('\\', '/')}/` }] } : {},
        test: { name: 'labs', env: { WIREBOOK_TREE: tree ?? path('labs') }, ...grader },
      },
      {
        ssr: { resolve: { conditions: ['solution', ...defaultServerConditions] } },
        test: { name: 'solutions', env: { WIREBOOK_TREE: path('solutions') }, ...grader },
      },
      {
        test: {
          name: 'workbook',
          include: ['test/{wire,server,grade}/*.test.ts', 'test/*.test.ts'],
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
