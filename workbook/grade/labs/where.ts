import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readFolder } from './folder.ts'

/** A place in a stack, as vitest parses it. */
interface Frame {
  file: string
  line: number
}

/** The tree that is graded. */
export interface Tree {
  /** absolute */
  folder: string
  /** what the reader calls it, in front of every path: `labs` */
  shown: string
}

/** The first place of a stack that is in the reader's files: `labs/12-ws-frames/frame.ts:14`. */
export function ownLine(frames: Frame[], { folder, shown }: Tree): string | undefined {
  for (const { file, line } of frames) {
    const path = relative(folder, file)
    if (!path.startsWith('..') && !path.includes('node_modules') && path !== file)
      return `${shown}/${slashes(path)}:${line}`
  }
  return undefined
}

const place = /(?:\(|at |^)((?:file:\/\/|\/|[A-Za-z]:\\)[^\n()]+?\.ts):(\d+)/gm

/** The places in a stack as Node prints it. */
export function framesOf(stack: string): Frame[] {
  return [...stack.matchAll(place)].map(([, file, line]) => ({
    file: file!.startsWith('file:') ? fileURLToPath(file!) : file!,
    line: Number(line),
  }))
}

/** The place of the first of the TODOs, `labs/12-ws-frames/frame.ts:14`, while its comment stands. */
export function todoLine(todos: number[], stem: string, { folder, shown }: Tree): string | undefined {
  const lab = join(folder, stem)
  if (todos.length === 0) return undefined
  const wanted = new RegExp(`// TODO ${todos[0]}\\b`)
  for (const [file, bytes] of [...readFolder(lab)].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const line = String(bytes)
      .split('\n')
      .findIndex((text) => wanted.test(text))
    if (line >= 0) return `${shown}/${stem}/${file}:${line + 1}`
  }
  return undefined
}

/** A text with the tree's absolute path as the reader writes it. */
export function shortPaths(text: string, { folder, shown }: Tree): string {
  return text.replaceAll(folder + sep, `${shown}/`).replaceAll(folder, shown)
}

function slashes(path: string): string {
  return path.split(sep).join('/')
}
