import { readFileSync } from 'node:fs'
import { relative, sep } from 'node:path'
import type { MarkdownRenderer } from 'vitepress'
import { complaintLine } from '../workbook/grade/labs/complaint.ts'
import { hintBlocks } from '../workbook/grade/labs/hints.ts'
import { root } from '../workbook/grade/labs/tree.ts'

type Tokens = ReturnType<MarkdownRenderer['parse']>

/**
 * Turns a block of hints (see `hintBlocks`) into `<LabHints checks="length-16 length-64">` with one slot for each hint.
 * A block that is not as it should be ends the page with a sentence.
 */
export function hints(md: MarkdownRenderer): void {
  md.block.ruler.before('fence', 'hints', (state, startLine, _, silent) => {
    const block = hintBlocks(state.src).find(({ first }) => first === startLine)
    if (!block) return false
    if (silent) return true
    if (block.mistakes.length > 0) throw new Error(complaint(state.env.path, block.mistakes[0]!.sentence))

    html(`<LabHints checks="${block.ids.join(' ')}">`)
    for (const [i, hint] of block.hints.entries()) {
      html(`<template #hint${i + 1}>`)
      const tokens: Tokens = []
      state.md.block.parse(hint, state.md, state.env, tokens)
      // Without <p>, as in a list whose items stand close together.
      for (const token of tokens) {
        if (token.level === 0 && token.type.startsWith('paragraph_')) token.hidden = true
      }
      state.tokens.push(...tokens)
      html('</template>')
    }
    html('</LabHints>')
    state.line = block.last + 1
    return true

    function html(content: string): void {
      state.push('html_block', '', 0).content = `${content}\n`
    }
  })
}

/** The sentence with the line of the page; the Markdown that is rendered begins below the front matter. */
function complaint(path: string | undefined, sentence: string): string {
  if (path === undefined) return sentence
  const found = hintBlocks(readFileSync(path, 'utf8')).flatMap(({ mistakes }) => mistakes)
  const line = found.find((mistake) => mistake.sentence === sentence)?.line
  return complaintLine({
    file: relative(root, path).split(sep).join('/'),
    line: line === undefined ? undefined : line + 1,
    sentence,
  })
}
