import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import {
  applyEdit,
  type Edited,
  editsOf,
  type Right,
  type Wrong,
} from '../../../workbook/grade/labs/edited-programs.ts'
import type { Files } from '../../../workbook/grade/labs/folder.ts'
import { labTodos, mutantFiles, solutionFiles, starterFiles } from '../../../workbook/grade/labs/lab-files.ts'
import { root } from '../../../workbook/grade/labs/tree.ts'

/** One version of a lab that its grader must judge rightly. */
export interface Variant {
  /** also the name of its folder: `todo-2` */
  name: string
  files: Files
  /** the TODOs that are left to do; of a program that somebody has written none */
  todo: number[]
  wrong?: Wrong
  right?: Right
}

/** The starter, one mutant for each TODO, the wrong programs of a lab and the right ones of another design. */
export async function variantsOf(stem: string): Promise<Variant[]> {
  const todos = labTodos(root, stem).map(({ number }) => number)
  const starter = { name: 'starter', files: starterFiles(root, stem), todo: todos }
  const mutants = todos.map((todo) => ({ name: `todo-${todo}`, files: mutantFiles(root, stem, todo), todo: [todo] }))
  const wrongs = (await wrongsOf(stem)).map((wrong, i) => ({ ...variantOf(stem, `wrong-${i + 1}`, wrong), wrong }))
  const rights = (await rightsOf(stem)).map((right, i) => ({ ...variantOf(stem, `right-${i + 1}`, right), right }))
  return [starter, ...mutants, ...wrongs, ...rights]
}

/** A program that was made from the solution. @param name of the variant. @throws {Error} when an edit cannot be made */
export function variantOf(stem: string, name: string, program: Edited): Variant {
  const files = new Map(solutionFiles(root, stem))
  for (const edit of editsOf(program)) {
    try {
      files.set(edit.file, Buffer.from(applyEdit(files.get(edit.file)?.toString(), edit)))
    } catch (error) {
      throw new Error(`${stem}, "${program.name}": ${(error as Error).message}`)
    }
  }
  return { name, files, todo: [] }
}

/** The list in `test/labs/wrong/STEM.ts`; empty without the file. @param folder of the project */
export function wrongsOf(stem: string, folder = root): Promise<Wrong[]> {
  return listIn(join(folder, 'test', 'labs', 'wrong', `${stem}.ts`))
}

/** The list in `test/labs/right/STEM.ts`; empty without the file. @param folder of the project */
export function rightsOf(stem: string, folder = root): Promise<Right[]> {
  return listIn(join(folder, 'test', 'labs', 'right', `${stem}.ts`))
}

/** What a file exports by default; empty without the file. */
export async function listIn<T>(file: string): Promise<T[]> {
  if (!existsSync(file)) return []
  // A file is loaded once for an address, so one that was edited meanwhile needs another.
  const version = createHash('sha256').update(readFileSync(file)).digest('hex')
  const module = (await import(`${pathToFileURL(file).href}?version=${version}`)) as { default: T[] }
  return module.default
}
