import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root } from '../../workbook/grade/labs/tree.ts'

export type PageStep = { file: string; text: string } | { command: string }

/** The files and the commands of docs/contributing.md. A file is a fence below its name in bold; commands are fences of `sh`. */
export function pageSteps(): PageStep[] {
  const page = readFileSync(join(root, 'docs', 'contributing.md'), 'utf8')
  const fence = /(?:^\*\*`([^`]+)`\*\*\n\n)?^(`{3,})(\w*)\n([\s\S]*?)^\2$/gm
  return [...page.matchAll(fence)].flatMap(([, file, , language, text]): PageStep[] => {
    if (file) return [{ file, text: text! }]
    if (language !== 'sh') return []
    return text!
      .trimEnd()
      .split('\n')
      .map((command) => ({ command }))
  })
}

/** Writes a file into a project. */
export function writeInto(folder: string, file: string, text: string): void {
  const path = join(folder, file)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}
