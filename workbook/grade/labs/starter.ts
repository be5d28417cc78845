/** What a reader is asked to write: a region of a solution whose head is a comment `TODO n: …`. */
export interface Todo {
  number: number
  /** text as it stands in the head, on one line */
  text: string
}

interface Region {
  todo: Todo
  indent: string
  /** comment lines of the TODO, as they stand in the file */
  comment: string[]
  /** code of the starter instead of the body */
  starter: string[]
}

type Part = { lines: string[]; region?: Region }

/**
 * What the reader starts from: each region that has a TODO becomes its comment and its `// starter:` lines.
 *
 * @param solution text of a file of `solutions/`
 * @throws {Error} when a region is not closed, or stands in another; so do the functions below
 */
export function starterOf(solution: string): string {
  return strip(solution, () => true)
}

/** The solution with only this TODO left to do: every check that names it must fail. */
export function mutantOf(solution: string, todo: number): string {
  return strip(solution, (region) => region.todo.number === todo)
}

/** The solution of these TODOs, and the starter of all others. */
export function solvedOf(solution: string, todos: ReadonlySet<number>): string {
  return strip(solution, (region) => !todos.has(region.todo.number))
}

/** The TODOs of a solution in the order of the file; several regions may share a number. */
export function todosOf(solution: string): Todo[] {
  return parse(solution).flatMap(({ region }) => (region ? [region.todo] : []))
}

function strip(solution: string, wanted: (region: Region) => boolean): string {
  return parse(solution)
    .flatMap(({ lines, region }) => (region && wanted(region) ? [...region.comment, ...region.starter] : lines))
    .filter((line) => !/^\s*\/\/ #(end)?region\b/.test(line))
    .join('\n')
}

/** What is wrong with the regions of a file: a sentence for each mark that has no partner, with its line from 1. */
export function regionMistakes(text: string): { line: number; sentence: string }[] {
  const mistakes: { line: number; sentence: string }[] = []
  let open: { line: number; mark: string } | undefined
  for (const [i, content] of text.split(/\r?\n/).entries()) {
    const here = { line: i + 1, mark: content.trim() }
    if (/^\/\/ #region\b/.test(here.mark)) {
      if (open)
        mistakes.push({ line: here.line, sentence: `${here.mark}: expected #endregion before it (line ${open.line}).` })
      open = here
    } else if (/^\/\/ #endregion\b/.test(here.mark)) {
      if (!open)
        mistakes.push({ line: here.line, sentence: `${here.mark}: expected #region before it, received none.` })
      open = undefined
    }
  }
  if (open) mistakes.push({ line: open.line, sentence: `${open.mark}: expected #endregion after it, received none.` })
  return mistakes
}

/**
 * Cuts a file into the lines outside of regions and the regions, markers and all.
 *
 * @throws {Error} the first of the file's `regionMistakes`
 */
function parse(text: string): Part[] {
  const [mistake] = regionMistakes(text)
  if (mistake) throw new Error(`line ${mistake.line}: ${mistake.sentence}`)
  const parts: Part[] = [{ lines: [] }]
  let open: string[] | undefined
  for (const line of text.split(/\r?\n/)) {
    if (/^\s*\/\/ #region\b/.test(line)) {
      open = [line]
    } else if (open) {
      open.push(line)
      if (!/^\s*\/\/ #endregion\b/.test(line)) continue
      parts.push({ lines: open, region: readRegion(open) }, { lines: [] })
      open = undefined
    } else {
      parts.at(-1)!.lines.push(line)
    }
  }
  return parts
}

/** A region without a TODO is only a snippet for the chapter. */
function readRegion(lines: string[]): Region | undefined {
  const indent = /^\s*/.exec(lines[0]!)![0]
  const end = lines.findIndex((line, i) => i > 0 && !line.trim().startsWith('//'))
  const head = lines.slice(1, end).map((line) => line.trim())
  const todo = /^\/\/ TODO (\d+): *(.*)$/.exec(head[0] ?? '')
  if (!todo) return undefined

  const number = Number(todo[1])
  const starters = head
    .filter((line) => /^\/\/ starter:/.test(line))
    .map((line) => line.replace(/^\/\/ starter: ?/, ''))
  const comment = head.filter((line) => !/^\/\/ starter:/.test(line))
  const text = [todo[2], ...comment.slice(1).map((line) => line.replace(/^\/\/ ?/, ''))].join(' ')
  const code = starters.length > 0 ? starters.filter((line) => line !== '') : [`throw new Error('TODO ${number}')`]
  return {
    todo: { number, text },
    indent,
    comment: comment.map((line) => indent + line),
    starter: code.map((line) => indent + line),
  }
}
