import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type Files, readFolder, writeFolder } from './folder.ts'
import { givenFile, solutionStems, starterFiles } from './lab-files.ts'

/** The folder of the labs in one that somebody handed in: itself, or its `labs`. */
export function labsIn(folder: string): string {
  return existsSync(join(folder, 'labs')) ? join(folder, 'labs') : folder
}

/**
 * Copies somebody's labs into a tree of ours, so that they find our packages, and nothing of theirs is loaded from where
 * it lies. What they lack is filled in from the starters.
 *
 * @param labs their folder, which holds `01-…` and so on
 * @param to is made anew
 */
export function takeSnapshot(root: string, labs: string, to: string): void {
  rmSync(to, { recursive: true, force: true })
  for (const stem of solutionStems(root)) {
    writeFolder(join(to, stem), starterFiles(root, stem))
    writeFolder(join(to, stem), sources(join(labs, stem)))
  }
  writeFolder(to, new Map([['run.ts', givenFile(root)]]))
}

/** The files that a lab consists of; no packages, and no folders in it. */
function sources(folder: string): Files {
  return new Map([...readFolder(folder)].filter(([path]) => !path.includes('/')))
}
