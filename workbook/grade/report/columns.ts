/** Breaks text between words. A longer word stays whole; lines that are indented, and code in ``` fences, stay as they are. */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = []
  let code = false
  for (const line of text.split('\n')) {
    if (line.startsWith('```')) code = !code
    else if (code || /^ /.test(line)) lines.push(line)
    else lines.push(...wrapLine(line, columns))
  }
  return lines
}

function wrapLine(line: string, columns: number): string[] {
  const lines = ['']
  for (const word of line.split(' ')) {
    const last = lines.at(-1)!
    if (last === '') lines[lines.length - 1] = word
    else if (last.length + 1 + word.length <= columns) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}

/** Breaks text between words, and inside one that no line can hold: what a lab has said may be a single long word. */
export function wrapAll(text: string, columns: number): string[] {
  const pieces = new RegExp(`.{1,${columns}}`, 'gu')
  return wrap(text, columns).flatMap((line) => line.match(pieces) ?? [''])
}

/** Cuts a line that is too long, and says so with `…`. */
export function clip(line: string, columns: number): string {
  return line.length <= columns ? line : `${line.slice(0, columns - 1)}…`
}

/** Puts `left` and `right` at the two ends of a line; `left` gives way. */
export function spread(left: string, right: string, columns: number): string {
  const room = columns - right.length - 1
  return `${clip(left, room).padEnd(room)} ${right}`
}

/** Writes Markdown as a terminal can show it: links by their text. */
export function fromMarkdown(markdown: string): string {
  return markdown.replace(/\[([^\]]+)\]\([^)]+\)/g, '$1').replace(/\*\*([^*]+)\*\*/g, '$1')
}

/** Moves lines three columns in, as everything is that belongs to the line above. */
export function indent(lines: string[]): string[] {
  return lines.map((line) => (line === '' ? '' : `   ${line}`))
}
