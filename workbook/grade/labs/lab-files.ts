import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Complaint, complaintLine } from './complaint.ts'
import { type Files, readFolder } from './folder.ts'
import { allToLf, toLf } from './line-ends.ts'
import { mutantOf, regionMistakes, starterOf, type Todo, todosOf } from './starter.ts'

/** Stems of the labs that have a solution. @param root folder of the project */
export function solutionStems(root: string): string[] {
  return readdirSync(join(root, 'solutions'))
    .filter((name) => /^\d\d-/.test(name))
    .sort()
}

/** The solution of a lab, with LF at the end of each line. */
export function solutionFiles(root: string, stem: string): Files {
  return allToLf(readFolder(join(root, 'solutions', stem)))
}

/** What the reader starts from in `labs/STEM/`. @throws {Error} with the file and the line of a region that is not closed */
export function starterFiles(root: string, stem: string): Files {
  return mapText(soundSolution(root, stem), starterOf)
}

/** The solution of a lab with one TODO left to do. @throws {Error} as `starterFiles` */
export function mutantFiles(root: string, stem: string, todo: number): Files {
  return mapText(soundSolution(root, stem), (text) => mutantOf(text, todo))
}

/** The TODOs of a lab by number, each once. @throws {Error} as `starterFiles` */
export function labTodos(root: string, stem: string): Todo[] {
  const all = [...soundSolution(root, stem)].flatMap(([, bytes]) => todosOf(String(bytes)))
  return [...new Map(all.reverse().map((todo) => [todo.number, todo])).values()].sort((a, b) => a.number - b.number)
}

/** The file beside the labs that is given to the reader as it is. */
export function givenFile(root: string): Buffer {
  return toLf(readFileSync(join(root, 'solutions', 'run.ts')))
}

/** What is wrong with the regions of a lab's solution. */
export function regionComplaints(root: string, stem: string): Complaint[] {
  return [...solutionFiles(root, stem)].flatMap(([path, bytes]) =>
    path.endsWith('.ts')
      ? regionMistakes(String(bytes)).map((mistake) => ({ file: `solutions/${stem}/${path}`, ...mistake }))
      : [],
  )
}

function soundSolution(root: string, stem: string): Files {
  const complaints = regionComplaints(root, stem)
  if (complaints.length > 0) throw new Error(complaints.map(complaintLine).join('\n'))
  return solutionFiles(root, stem)
}

function mapText(files: Files, change: (text: string) => string): Files {
  return new Map(
    [...files].map(([path, bytes]) => [path, path.endsWith('.ts') ? Buffer.from(change(String(bytes))) : bytes]),
  )
}
