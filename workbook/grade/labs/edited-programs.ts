/** A change to a file of a solution: a text that occurs exactly once, or the whole file anew. */
type Edit = { file: string; find: string; replace: string } | { file: string; text: string }

/** A program made from a solution by one edit, or by several. */
export interface Edited extends Partial<{ file: string; find: string; replace: string; text: string }> {
  /** what is other about it, in words: `little-endian 16-bit length` */
  name: string
  edits?: Edit[]
}

/** A wrong program: the solution with edits, and what its grader must say. */
export interface Wrong extends Edited {
  /** ids of checks that must fail, the first that does among them; others may fail too */
  fails: string[]
  /** first line of the message of the first check that fails: its `difference.summary`, or the end's `problem` */
  says: string
}

/** A right program of another design than the solution's: it must pass every check. */
export type Right = Edited

/** The edits of a program. @throws {Error} when it names none, or half of one */
export function editsOf({ name, edits, file, find, replace, text }: Edited): Edit[] {
  if (edits) return edits
  if (file !== undefined && text !== undefined) return [{ file, text }]
  if (file === undefined || find === undefined || replace === undefined) {
    throw new Error(`${name}: give file, find and replace, or file and text, or edits`)
  }
  return [{ file, find, replace }]
}

/** A file with an edit made; `undefined` is a file that the solution does not have. @throws {Error} when `find` does not occur exactly once */
export function applyEdit(now: string | undefined, edit: Edit): string {
  if ('text' in edit) return edit.text
  if (now === undefined) throw new Error(`there is no ${edit.file}`)
  const found = now.split(edit.find).length - 1
  if (found !== 1) throw new Error(`${edit.file}: ${JSON.stringify(edit.find)} occurs ${found} times, expected once`)
  return now.replace(edit.find, () => edit.replace)
}
