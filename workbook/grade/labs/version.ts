import type { Files } from './folder.ts'

/** What a lab held at one time: its files, and the paths that are known to have had none. */
export interface Version {
  files: Files
  absent: ReadonlySet<string>
}

/** One file of a lab that is to change; `undefined` where there is none. */
export interface Change {
  path: string
  before: Buffer | undefined
  after: Buffer | undefined
}

/** Whether each of the files stands in one of the versions. */
export function isKept(files: Files, ...versions: Version[]): boolean {
  return [...files].every(([path, bytes]) => versions.some((version) => version.files.get(path)?.equals(bytes)))
}

/** Whether bringing this version back would undo every one of the changes. */
export function remembers({ files, absent }: Version, changes: Change[]): boolean {
  return changes.every(({ path, before }) => (before ? files.get(path)?.equals(before) : absent.has(path)))
}
