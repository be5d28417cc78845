import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Files, readFolder } from './folder.ts'
import { mutantOf, starterOf, type Todo, todosOf } from './starter.ts'

/** Stems of the labs that have a solution. @param root folder of the project */
export function solutionStems(root: string): string[] {
  return readdirSync(join(root, 'solutions'))
    .filter((name) => /^\d\d-/.test(name))
    .sort()
}

/** What the reader starts from in `labs/STEM/`. */
export function starterFiles(root: string, stem: string): Files {
  return mapText(readFolder(join(root, 'solutions', stem)), starterOf)
}

/** The solution of a lab with one TODO left to do. */
export function mutantFiles(root: string, stem: string, todo: number): Files {
  return mapText(readFolder(join(root, 'solutions', stem)), (text) => mutantOf(text, todo))
}

/** The TODOs of a lab by number, each once. */
export function labTodos(root: string, stem: string): Todo[] {
  const all = [...readFolder(join(root, 'solutions', stem))].flatMap(([, bytes]) => todosOf(String(bytes)))
  return [...new Map(all.reverse().map((todo) => [todo.number, todo])).values()].sort((a, b) => a.number - b.number)
}

/** The file beside the labs that is given to the reader as it is. */
export function givenFile(root: string): Buffer {
  return readFileSync(join(root, 'solutions', 'run.ts'))
}

function mapText(files: Files, change: (text: string) => string): Files {
  return new Map(
    [...files].map(([path, bytes]) => [path, path.endsWith('.ts') ? Buffer.from(change(String(bytes))) : bytes]),
  )
}
