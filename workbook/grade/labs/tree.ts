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

/** Deadlines of programs that are known to be wrong may be cut short; see test/grade/proof. Normally 1. */
export function timeoutScale(): number {
  return Number(process.env.WIREBOOK_PATIENCE ?? 1)
}
