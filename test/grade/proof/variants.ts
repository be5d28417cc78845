import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Files } from '../../../workbook/grade/labs/folder.ts'
import { labTodos, mutantFiles, solutionFiles, starterFiles } from '../../../workbook/grade/labs/lab-files.ts'
import { root } from '../../../workbook/grade/labs/tree.ts'
import { applyEdit, editsOf, type Wrong } from '../../../workbook/grade/labs/wrong.ts'

/** One version of a lab that its grader must judge rightly. */
export interface Variant {
  /** also the name of its folder: `todo-2` */
  name: string
  files: Files
  /** the TODOs that are left to do; of a wrong program none */
  todo: number[]
  wrong?: Wrong
}

/** The starter, one mutant for each TODO, and the wrong programs of a lab. */
export async function variantsOf(stem: string): Promise<Variant[]> {
  const todos = labTodos(root, stem).map(({ number }) => number)
  const starter = { name: 'starter', files: starterFiles(root, stem), todo: todos }
  const mutants = todos.map((todo) => ({ name: `todo-${todo}`, files: mutantFiles(root, stem, todo), todo: [todo] }))
  const wrongs = (await wrongsOf(stem)).map((wrong, i) => ({
    name: `wrong-${i + 1}`,
    files: edited(stem, wrong),
    todo: [],
    wrong,
  }))
  return [starter, ...mutants, ...wrongs]
}

/** The list in `test/labs/wrong/STEM.ts`; empty without the file. @param folder of the project */
export async function wrongsOf(stem: string, folder = root): Promise<Wrong[]> {
  const file = join(folder, 'test', 'labs', 'wrong', `${stem}.ts`)
  if (!existsSync(file)) return []
  // A file is loaded once for an address, so one that was edited meanwhile needs another.
  const version = createHash('sha256').update(readFileSync(file)).digest('hex')
  const module = (await import(`${pathToFileURL(file).href}?version=${version}`)) as { default: Wrong[] }
  return module.default
}

function edited(stem: string, wrong: Wrong): Files {
  const files = new Map(solutionFiles(root, stem))
  for (const edit of editsOf(wrong)) {
    const text = files.get(edit.file)
    if (!text) throw new Error(`${stem}, ${wrong.name}: there is no ${edit.file}`)
    files.set(edit.file, Buffer.from(applyEdit(String(text), edit)))
  }
  return files
}
