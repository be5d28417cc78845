import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { chapterStems, readSoundChapter } from './chapter.ts'
import { readFolder } from './folder.ts'
import type { FrontMatter } from './front-matter.ts'

/** One lab, as its chapter and its solution describe it; nothing else registers a lab. */
export interface Lab {
  /** `12-ws-frames`, the name of the chapter, the lab, the solution and the grader */
  stem: string
  title: string
  /** one sentence: what the chapter teaches */
  description: string
  /** path on the site, `/ws-frames` */
  path: string
  /** 0–5, see `partTitles` */
  part: number
  /** stems of the labs that this one imports */
  buildsOn: string[]
  /** `labs/12-ws-frames/frame.ts`: the files with TODOs, the one with the lowest first */
  files: string[]
}

/**
 * Reads the chapters that have a solution.
 *
 * @param root folder of the project
 * @throws {Error} a sentence for each mistake in a chapter
 */
export function readLabs(root: string): Lab[] {
  return chapterStems(root)
    .filter((stem) => existsSync(join(root, 'solutions', stem)))
    .map((stem) => readLab(root, stem))
}

/** A lab that can be run and answers on a port. */
interface ServingLab {
  stem: string
  /** what it speaks, by its chapter's front matter */
  target: FrontMatter['target']
  /** what is spoken over TCP there, as the registry of the wire names it */
  protocols: string[]
  /** `labs/13-ws-server/server.ts` */
  file: string
}

/**
 * Finds the labs with a file that listens: `server.ts`, else the first one that calls `serve`.
 *
 * @param root folder of the project
 * @throws {Error} a sentence for each mistake in a chapter
 */
export function readServingLabs(root: string): ServingLab[] {
  return chapterStems(root).flatMap((stem) => {
    const file = servingFile(join(root, 'solutions', stem))
    if (!file) return []
    const { target, protocols } = readSoundChapter(root, stem).frontMatter
    return { stem, target, protocols, file: `labs/${stem}/${file}` }
  })
}

function servingFile(folder: string): string | undefined {
  const files = readFolder(folder)
  if (files.has('server.ts')) return 'server.ts'
  return [...files.keys()].sort().find((name) => /\bserve\(/.test(String(files.get(name))))
}

/** Reads one chapter that has a solution. @throws {Error} a sentence for each mistake in it */
export function readLab(root: string, stem: string): Lab {
  const { title, description, part, buildsOn } = readSoundChapter(root, stem).frontMatter
  return {
    stem,
    title,
    description,
    path: `/${stem.slice(3)}`,
    part,
    buildsOn,
    files: filesToWrite(join(root, 'solutions', stem)).map((file) => `labs/${stem}/${file}`),
  }
}

function filesToWrite(folder: string): string[] {
  const found: { file: string; todo: number }[] = []
  for (const [file, bytes] of readFolder(folder)) {
    const todos = [...String(bytes).matchAll(/^\s*\/\/ TODO (\d+):/gm)]
    if (todos.length > 0) found.push({ file, todo: Math.min(...todos.map(([, number]) => Number(number))) })
  }
  return found.sort((a, b) => a.todo - b.todo || a.file.localeCompare(b.file)).map(({ file }) => file)
}

/** The lab that a person means by `12`, `8`, `ws-frames` or the whole stem. */
export function findLab<Named extends { stem: string }>(labs: Named[], name: string): Named | undefined {
  const number = /^\d{1,2}$/.test(name) ? name.padStart(2, '0') : undefined
  return labs.find(({ stem }) => stem === name || stem.slice(0, 2) === number || stem.slice(3) === name)
}
