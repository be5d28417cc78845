import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { frontMatter } from '../workbook/grade/labs/front-matter.ts'
import type { Chapter } from './theme/composables/useChapters.ts'

/** Titles of the parts; a chapter's front matter holds the number. */
export const parts: Record<number, string> = {
  1: 'TCP vs UDP',
  2: 'HTTPS',
  3: 'WebSocket frames',
  4: 'Socket.IO rooms',
}

const docs = fileURLToPath(new URL('../docs/', import.meta.url))

/** The chapters that exist, in the order of their numbers. */
export function readChapters(): Chapter[] {
  return readdirSync(docs)
    .filter((name) => /^\d\d-.+\.md$/.test(name))
    .sort()
    .map((name) => toChapter(name.slice(0, -3), readFileSync(docs + name, 'utf8')))
}

/** @throws {Error} when the front matter has no title, or no part that exists */
function toChapter(stem: string, markdown: string): Chapter {
  const { title, part, description = '', mirrors = '' } = frontMatter(markdown)
  if (!title) throw new Error(`docs/${stem}.md: expected a title in the front matter.`)
  if (!parts[Number(part)])
    throw new Error(`docs/${stem}.md: expected part 1 to 4 in the front matter, received ${part}.`)
  return { stem, number: stem.slice(0, 2), path: `/${stem.slice(3)}`, title, description, part: Number(part), mirrors }
}
