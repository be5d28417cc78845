import { fileURLToPath } from 'node:url'

/** Absolute path of the workbook. */
export const root = fileURLToPath(new URL('../../../', import.meta.url))

/** What is being graded. */
export const grading = {
  /** absolute path of the graded tree: `labs`, `solutions`, a student's folder or a mutant */
  get tree(): string {
    return process.env.WIREBOOK_TREE ?? `${root}solutions`
  },
}
