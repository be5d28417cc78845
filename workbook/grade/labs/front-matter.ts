/**
 * The `key: value` lines between the first two `---` of a page, quotes taken off. A list on lines of its own is joined
 * into one value; our pages use nothing more of YAML.
 */
export function frontMatter(markdown: string): Partial<Record<string, string>> {
  const block = /^---\r?\n([\s\S]*?)\r?\n---/.exec(markdown)?.[1] ?? ''
  const entries: Partial<Record<string, string>> = {}
  let last = ''
  for (const line of block.split(/\r?\n/)) {
    const entry = /^(\w+):\s*(.*?)\s*$/.exec(line)
    const item = /^\s*-\s+(.*?)\s*$/.exec(line)
    if (entry) {
      last = entry[1]!
      entries[last] = unquoted(entry[2]!)
    } else if (item && last) {
      entries[last] = [entries[last], unquoted(item[1]!)].filter(Boolean).join(', ')
    }
  }
  return entries
}

/** The items of `[a, b]` or of a list on lines of its own. */
export function listOf(value: string | undefined): string[] {
  const items = (value ?? '').replace(/^\[(.*)\]$/, '$1').split(',')
  return items.map((item) => unquoted(item.trim())).filter((item) => item !== '')
}

function unquoted(text: string): string {
  return text.replace(/^(['"])(.*)\1$/, '$2')
}
