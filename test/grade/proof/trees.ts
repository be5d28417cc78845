import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Files, readFolder, writeFolder } from '../../../workbook/grade/folder.ts'
import { solutionStems } from '../../../workbook/grade/starters.ts'
import { root } from '../../../workbook/grade/tree.ts'

/** Inside the project, so that packages resolve as they do for the reader's labs; ignored by git. */
export function proofFolder(name: string): string {
  return join(root, '.wirebook', 'proof', name)
}

/** Writes a tree of solutions in which one lab is `files`. @returns its folder */
export function writeTree(folder: string, stem: string, files: Files): string {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const solutions = readFolder(join(root, 'solutions'))
  writeFolder(folder, new Map([...solutions].filter(([path]) => !path.startsWith(`${stem}/`))))
  writeFolder(join(folder, stem), files)
  return folder
}

/** Fresh starters of all labs, side by side, as a reader gets them. */
export function writeStarters(folder: string, starters: (stem: string) => Files): void {
  rmSync(folder, { recursive: true, force: true })
  for (const stem of solutionStems(root)) writeFolder(join(folder, stem), starters(stem))
  writeFileSync(join(folder, 'run.ts'), readFolder(join(root, 'solutions')).get('run.ts')!)
}
