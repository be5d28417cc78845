import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { holdsSources, isSource } from './source-names.ts'

/** The files of a lab: `/`-paths inside its folder, and their bytes. */
export type Files = Map<string, Buffer>

/** Reads the sources of a folder; an absent one has none. */
export function readFolder(folder: string): Files {
  return new Map(paths(folder).map((path) => [path, readFileSync(join(folder, path))]))
}

/** Writes the files that differ. What else is in the folder stays. */
export function writeFolder(folder: string, files: Files): void {
  for (const [path, bytes] of files) {
    const file = join(folder, path)
    if (existsSync(file) && readFileSync(file).equals(bytes)) continue
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, bytes)
  }
}

/** Whether writing `files` over `now` would change nothing. */
export function covers(now: Files, files: Files): boolean {
  return [...files].every(([path, bytes]) => now.get(path)?.equals(bytes))
}

/** Twelve hex digits that differ when a file of the folder does, or its name. */
export function versionOf(files: Files): string {
  const hash = createHash('sha256')
  for (const path of [...files.keys()].sort()) {
    hash.update(`${path}\0${files.get(path)!.length}\0`).update(files.get(path)!)
  }
  return hash.digest('hex').slice(0, 12)
}

/** The time at which a file of the folder was last written, in milliseconds since the epoch; 0 for an empty one. */
export function savedAt(folder: string): number {
  return Math.max(0, ...paths(folder).map((path) => statSync(join(folder, path)).mtimeMs))
}

/** The sources below a folder; links lead to what is not of this folder, so they are left out. */
function paths(folder: string): string[] {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return []
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.isFile()) return isSource(entry.name) ? [entry.name] : []
    if (!entry.isDirectory() || !holdsSources(entry.name)) return []
    return paths(join(folder, entry.name)).map((path) => `${entry.name}/${path}`)
  })
}
