import { readdirSync } from 'node:fs'
import { isHidden, resolvePath } from './files.ts'
import { ifAbsent } from './http-error.ts'

/** One thing in a folder. */
export interface Entry {
  name: string
  directory: boolean
}

/**
 * What a visitor may see of a folder, in order. A link is what it leads to, and nothing when it leads out.
 *
 * @param root path of the folder that is served
 * @param path path of the folder's target, with a slash at its end and none before it
 * @param folder real path of that folder
 */
export async function entriesOf(root: string, path: string, folder: string): Promise<Entry[]> {
  const entries: Entry[] = []
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const { name } = entry
    if (isHidden(name)) continue
    const isPlain = entry.isFile() || entry.isDirectory()
    const found = isPlain ? undefined : await resolvePath(root, `/${path}${encodeURIComponent(name)}`).catch(ifAbsent)
    const stats = isPlain ? entry : found?.stats
    if (stats) entries.push({ name, directory: stats.isDirectory() })
  }
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** A page with a link to each entry. Whoever may upload a file chooses its name, so names are never HTML. */
export function listing(entries: Entry[]): string {
  const items = entries.map(item).join('\n')
  return `<!doctype html>\n<meta charset="utf-8">\n<title>Files</title>\n<ul>\n${items}\n</ul>\n`
}

function item({ name, directory }: Entry): string {
  const slash = directory ? '/' : ''
  // TODO 6: Percent-encode the name in the link, and begin the link with `./`, so that `x:y` is not taken for another
  // protocol. Escape the name in the text.
  return `<li><a href="${name}${slash}">${name}${slash}</a>`
}

/** The text as it stands in HTML, in quotes or out of them. */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
