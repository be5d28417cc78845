/** One thing in a folder. */
export interface Entry {
  name: string
  directory: boolean
}

/** A page with a link to each entry. Whoever may upload a file chooses its name, so names are never HTML. */
export function listing(entries: Entry[]): string {
  const items = entries.map(item).join('\n')
  return `<!doctype html>\n<meta charset="utf-8">\n<title>Files</title>\n<ul>\n${items}\n</ul>\n`
}

function item({ name, directory }: Entry): string {
  const slash = directory ? '/' : ''
  // #region item
  // TODO 6: Percent-encode the name in the link, and begin the link with `./`, so that `x:y` is not taken for another
  // protocol. Escape the name in the text.
  // starter: return `<li><a href="${name}${slash}">${name}${slash}</a>`

  return `<li><a href="./${encodeURIComponent(name)}${slash}">${escapeHtml(name)}${slash}</a>`
  // #endregion
}

export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
