import type { MarkdownRenderer } from 'vitepress'

type Tokens = ReturnType<MarkdownRenderer['parse']>

/**
 * Turns
 *
 *     ::: hints length-16 length-64
 *     1. Look at …
 *     2. The idea …
 *     3. Almost code …
 *     :::
 *
 * into `<LabHints checks="length-16 length-64">` with one slot for each item of the list.
 */
export function hints(md: MarkdownRenderer): void {
  md.block.ruler.before('fence', 'hints', (state, startLine, endLine, silent) => {
    const opening = /^::: *hints +([a-z0-9- ]+?) *$/.exec(line(startLine))
    if (!opening) return false
    if (silent) return true

    let end = startLine + 1
    while (end < endLine && !/^::: *$/.test(line(end))) end++
    const where = `${state.env.relativePath ?? 'hints'}, hints for ${opening[1]}`
    if (end === endLine) throw new Error(`${where}: expected ::: at the end, received the end of the page.`)

    const first = state.tokens.length
    state.md.block.tokenize(state, startLine + 1, end)
    const slots = toSlots(state.tokens.splice(first), where)

    html(`<LabHints checks="${opening[1]}">`)
    for (const [i, slot] of slots.entries()) {
      html(`<template #hint${i + 1}>`)
      state.tokens.push(...slot)
      html('</template>')
    }
    html('</LabHints>')
    state.line = end + 1
    return true

    function line(at: number): string {
      return state.src.slice(state.bMarks[at]! + state.tShift[at]!, state.eMarks[at])
    }

    function html(content: string): void {
      state.push('html_block', '', 0).content = `${content}\n`
    }
  })
}

/** The content of each item of the one list in `tokens`. @throws {Error} when it is anything but a list of three */
function toSlots(tokens: Tokens, where: string): Tokens[] {
  const open = tokens.flatMap((token, i) =>
    token.type === 'list_item_open' && token.level === tokens[0]!.level + 1 ? [i] : [],
  )
  if (tokens[0]?.type !== 'ordered_list_open' || tokens.at(-1)?.type !== 'ordered_list_close' || open.length !== 3) {
    throw new Error(`${where}: expected one numbered list of three (look, idea, almost code), received ${open.length}.`)
  }
  return open.map((at, i) => tokens.slice(at + 1, (open[i + 1] ?? tokens.length - 1) - 1))
}
