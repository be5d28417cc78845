import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
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
  const entries = frontMatter(markdown)
  const part = Number(entries.part)
  if (!entries.title) throw new Error(`docs/${stem}.md: expected a title in the front matter.`)
  if (!parts[part])
    throw new Error(`docs/${stem}.md: expected part 1 to 4 in the front matter, received ${entries.part}.`)
  const [number, name] = [stem.slice(0, 2), stem.slice(3)]
  const { title, description = '', mirrors = '' } = entries
  return { stem, number, path: `/${name}`, title, description, part, mirrors }
}

/** The `key: value` lines between the first two `---`, quotes taken off; that is all our front matter uses. */
function frontMatter(markdown: string): Partial<Record<string, string>> {
  const block = /^---\r?\n([\s\S]*?)\r?\n---/.exec(markdown)?.[1] ?? ''
  const lines = [...block.matchAll(/^(\w+):[ \t]*(.*?)[ \t]*\r?$/gm)]
  return Object.fromEntries(lines.map(([, key, value]) => [key!, value!.replace(/^(['"])(.*)\1$/, '$2')]))
}
