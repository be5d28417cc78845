import { join } from 'node:path'
import { structuredPatch } from 'diff'
import type { Files } from './folder.ts'
import { solutionFiles } from './lab-files.ts'
import { LabFolder } from './lab-folder.ts'
import type { Lab } from './labs.ts'
import { solvedOf } from './starter.ts'

/** One file of a lab against the solution's. */
export interface FileDiff {
  /** `frame.ts` */
  file: string
  lines: DiffLine[]
}

interface DiffLine {
  side: 'both' | 'yours' | 'solution'
  text: string
}

const sides = { '-': 'yours', '+': 'solution', ' ': 'both' } as const

/**
 * The reader's lab against the solution, file by file; a file that is the same in both has no lines.
 *
 * @param todos show the solution of these TODOs only, since the others are still to be done; all of them unless told
 */
export function diffLab(root: string, lab: Lab, todos?: ReadonlySet<number>): FileDiff[] {
  const yours = new LabFolder(join(root, 'labs', lab.stem)).read().files
  const solutions = solutionFiles(root, lab.stem)
  return lab.files.map((path) => {
    const file = path.split('/').at(-1)!
    const solution = String(solutions.get(file))
    const shown = answerOf(todos ? solvedOf(solution, todos) : solution)
    return { file, lines: diffText(String(yours.get(file) ?? ''), shown) }
  })
}

/** The lines that differ, with three of context; a line `⋯` stands for what is the same in between. */
export function diffText(yours: string, solution: string): DiffLine[] {
  const options = { context: 3, stripTrailingCr: true }
  const { hunks } = structuredPatch('yours', 'solution', yours, solution, undefined, undefined, options)
  return hunks.flatMap((hunk, i): DiffLine[] => {
    const lines = hunk.lines.flatMap((line): DiffLine[] => {
      const side = sides[line[0] as keyof typeof sides]
      return side ? [{ side, text: line.slice(1) }] : [] // "\ No newline at end of file" is on no side
    })
    return i === 0 ? lines : [{ side: 'both', text: '⋯' }, ...lines]
  })
}

/** What taking the solution writes into the lab. */
export function answerFiles(root: string, stem: string): Files {
  const files = [...solutionFiles(root, stem)]
  return new Map(
    files.map(([path, bytes]) => [path, path.endsWith('.ts') ? Buffer.from(answerOf(String(bytes))) : bytes]),
  )
}

/** A solution as a reader would have written it: its TODOs stay, the marks that the starter is made from go. */
export function answerOf(solution: string): string {
  const marks = /^\s*\/\/ (#region|#endregion|starter:)/
  return solution
    .split('\n')
    .filter((line) => !marks.test(line))
    .join('\n')
}
