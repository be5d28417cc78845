import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Files, readFolder, writeFolder } from '../../../workbook/grade/labs/folder.ts'
import { givenFile, solutionStems } from '../../../workbook/grade/labs/lab-files.ts'
import { root } from '../../../workbook/grade/labs/tree.ts'

const own = join(root, '.wirebook', 'proof', String(process.pid))

/**
 * A folder of this process: inside the project, so that packages resolve as they do for the reader's labs, and ignored by git.
 */
export function proofFolder(name: string): string {
  return join(own, name)
}

/** To be called when the tests are over. */
export function removeProofs(): void {
  rmSync(own, { recursive: true, force: true })
}

/** Writes one lab, beside the solutions of the labs that its files or its grader name. @returns the tree's folder */
export function writeTree(folder: string, stem: string, files: Files, grader = ''): string {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'run.ts'), givenFile(root))
  const written = new Map([[stem, files]])
  // A map may grow while it is walked, and every new entry is visited.
  for (const [name, content] of written) {
    writeFolder(join(folder, name), content)
    const text = name === stem ? [...content.values()].join() + grader : [...content.values()].join()
    for (const [, other] of text.matchAll(/\b(\d\d-[a-z0-9-]+)\//g)) {
      const solution = join(root, 'solutions', other!)
      if (!written.has(other!) && existsSync(solution)) written.set(other!, readFolder(solution))
    }
  }
  return folder
}

/** Fresh starters of all labs, side by side, as a reader gets them. */
export function writeStarters(folder: string, starters: (stem: string) => Files): void {
  rmSync(folder, { recursive: true, force: true })
  for (const stem of solutionStems(root)) writeFolder(join(folder, stem), starters(stem))
  writeFileSync(join(folder, 'run.ts'), givenFile(root))
}
