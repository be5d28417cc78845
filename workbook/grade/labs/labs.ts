import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { frontMatter, listOf } from './front-matter.ts'

/** One lab, as its chapter and its solution describe it; nothing else registers a lab. */
export interface Lab {
  /** `12-ws-frames`, the name of the chapter, the lab, the solution and the grader */
  stem: string
  title: string
  /** one sentence: what the chapter teaches */
  description: string
  /** of the site, `/ws-frames` */
  path: string
  /** 1–4; 0 when the chapter does not say */
  part: number
  /** stems of the labs that this one imports */
  buildsOn: string[]
  /** `labs/12-ws-frames/frame.ts`: the files with TODOs, the one with the lowest first */
  files: string[]
}

/** @param root folder of the project */
export function readLabs(root: string): Lab[] {
  return readdirSync(join(root, 'docs'))
    .filter((name) => /^\d\d-.+\.md$/.test(name))
    .map((name) => name.slice(0, -3))
    .filter((stem) => existsSync(join(root, 'solutions', stem)))
    .sort()
    .map((stem) => readLab(root, stem))
}

function readLab(root: string, stem: string): Lab {
  const matter = frontMatter(readFileSync(join(root, 'docs', `${stem}.md`), 'utf8'))
  return {
    stem,
    title: matter.title ?? stem,
    description: matter.description ?? '',
    path: `/${stem.slice(3)}`,
    part: Number(matter.part ?? 0),
    buildsOn: listOf(matter.buildsOn),
    files: filesToWrite(join(root, 'solutions', stem)).map((file) => `labs/${stem}/${file}`),
  }
}

function filesToWrite(folder: string): string[] {
  const found: { file: string; todo: number }[] = []
  for (const file of readdirSync(folder)) {
    if (!file.endsWith('.ts')) continue
    const todos = [...readFileSync(join(folder, file), 'utf8').matchAll(/^\s*\/\/ TODO (\d+):/gm)]
    if (todos.length > 0) found.push({ file, todo: Math.min(...todos.map(([, number]) => Number(number))) })
  }
  return found.sort((a, b) => a.todo - b.todo || a.file.localeCompare(b.file)).map(({ file }) => file)
}

/** The lab that a person means by `12`, `8`, `ws-frames` or the whole stem. */
export function findLab<Named extends { stem: string }>(labs: Named[], name: string): Named | undefined {
  const number = /^\d{1,2}$/.test(name) ? name.padStart(2, '0') : undefined
  return labs.find(({ stem }) => stem === name || stem.slice(0, 2) === number || stem.slice(3) === name)
}
