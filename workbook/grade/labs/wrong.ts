/** A wrong program: the solution with edits, and what its grader must say. */
export interface Wrong extends Partial<Edit> {
  /** the mistake, in words: `little-endian 16-bit length` */
  name: string
  /** several edits, instead of one in `file`, `find` and `replace` */
  edits?: Edit[]
  /** ids of checks that must fail, the first that does among them; others may fail too */
  fails: string[]
  /** first line of the message of the first check that fails: its `difference.summary`, or the end's `problem` */
  says: string
}

interface Edit {
  /** `frame.ts`, in the folder of the lab */
  file: string
  /** text that occurs exactly once */
  find: string
  replace: string
}

/** The edits of a wrong program. @throws {Error} when it names none, or half of one */
export function editsOf({ name, edits, file, find, replace }: Wrong): Edit[] {
  if (edits) return edits
  if (file === undefined || find === undefined || replace === undefined) {
    throw new Error(`${name}: give file, find and replace, or edits`)
  }
  return [{ file, find, replace }]
}

/** The text with the edit made. @throws {Error} when `find` does not occur exactly once */
export function applyEdit(text: string, { file, find, replace }: Edit): string {
  const found = text.split(find).length - 1
  if (found !== 1) throw new Error(`${file}: ${JSON.stringify(find)} occurs ${found} times, expected once`)
  return text.replace(find, () => replace)
}
