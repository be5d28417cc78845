import { createHash } from 'node:crypto'
import { type Dirent, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { holdsSources, isSource } from './source-names.ts'

/** The files of a lab: `/`-paths inside its folder, and their bytes. */
export type Files = Map<string, Buffer>

/**
 * Reads the sources of a folder; an absent one has none. Links lead to what is not of this folder, so they are left out.
 *
 * @param isWanted chooses files by their paths
 */
export function readFolder(folder: string, isWanted = isSource): Files {
  const files = [...entriesBelow(folder)].filter(({ path, entry }) => entry.isFile() && isWanted(path))
  return new Map(files.map(({ path }) => [path, readFileSync(join(folder, path))]))
}

/** Paths of the sources of a folder, and of links that are called like one, wherever they lead. */
export function sourcePaths(folder: string): string[] {
  const sources = [...entriesBelow(folder)].filter(({ path, entry }) => !entry.isDirectory() && isSource(path))
  return sources.map(({ path }) => path)
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
  return Math.max(0, ...sourcePaths(folder).map((path) => writtenAt(join(folder, path))))
}

function writtenAt(file: string): number {
  try {
    return statSync(file).mtimeMs
  } catch {
    return 0 // a link that leads nowhere, or a file that has just gone: nobody has written it
  }
}

/** Yields what stands in a folder and in those of its folders that may hold sources. */
function* entriesBelow(folder: string, above = ''): Generator<{ path: string; entry: Dirent }> {
  for (const entry of entriesOf(folder)) {
    const path = above + entry.name
    yield { path, entry }
    if (entry.isDirectory() && holdsSources(entry.name)) yield* entriesBelow(join(folder, entry.name), `${path}/`)
  }
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch {
    return [] // absent, not a folder, or not ours to read: whoever wants one of its files is told so
  }
}
