/**
 * Whether a file of this name is the reader's work: something that a program can import. What editors and systems put
 * beside it is not: `.#frame.ts` of Emacs, `.frame.ts.swp` and `4913` of Vim, `frame.ts~`, `._frame.ts` of macOS, our own
 * temporary files.
 *
 * @param path a name, or a `/`-path inside the lab's folder
 */
export function isSource(path: string): boolean {
  const folders = path.split('/')
  const name = folders.pop()!
  return folders.every(holdsSources) && !isHidden(name) && extension.test(name)
}

/** Whether sources may stand in a folder of this name: not in a hidden one, in packages, or in one that is called like a source. */
export function holdsSources(folder: string): boolean {
  return !isHidden(folder) && folder !== 'node_modules' && !extension.test(folder)
}

// `frame.ts.orig`, `frame.ts___jb_tmp___` and `#frame.ts#` end otherwise; `~$frame.ts` and `.#frame.ts` begin otherwise.
const extension = /\.(?:[cm]?[jt]sx?|json)$/

function isHidden(name: string): boolean {
  return /^[.#~]/.test(name)
}
