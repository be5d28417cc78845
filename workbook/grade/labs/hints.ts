/**
 * The hints that a chapter holds, three per check: look, idea, almost code. One block may serve several checks:
 *
 *     ::: hints length-16 length-64
 *     1. Look at …
 *     2. The marker …
 *     3. `header.writeUInt16BE(…` …
 *     :::
 *
 * @returns the Markdown of each hint, by id of the check
 */
export function readHints(chapter: string): Map<string, string[]> {
  const hints = new Map<string, string[]>()
  for (const [, ids, block] of chapter.matchAll(/^::: *hints +(.+?) *\r?\n([\s\S]*?)^::: *$/gm)) {
    for (const id of ids!.split(/\s+/)) hints.set(id, items(block!))
  }
  return hints
}

/** The items of a numbered list, without their numbers and their indentation. */
function items(list: string): string[] {
  const found: string[][] = []
  for (const line of list.split(/\r?\n/)) {
    const first = /^\d\. +(.*)$/.exec(line)
    if (first) found.push([first[1]!])
    else found.at(-1)?.push(line.replace(/^ {1,3}/, ''))
  }
  return found.map((lines) => lines.join('\n').trim())
}
