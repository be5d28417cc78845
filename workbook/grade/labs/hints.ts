/** A block of hints in a chapter, as it is written. */
export interface HintBlock {
  /** ids of the checks that it helps with */
  ids: string[]
  /** the first and the last line of the block, from 0; the last is `:::` */
  first: number
  last: number
  /** the Markdown of each hint */
  hints: string[]
  /** what is wrong with it, by line from 0; none when it is as it should be */
  mistakes: { line: number; sentence: string }[]
}

/**
 * Reads the hints that a chapter holds, three per check: look, idea, almost code. One block may serve several checks:
 *
 *     ::: hints length-16 length-64
 *     1. Look at …
 *     2. The marker …
 *     3. `header.writeUInt16BE(…` …
 *     :::
 *
 * A block in a fence is an example and none of the page's.
 */
export function hintBlocks(markdown: string): HintBlock[] {
  const lines = markdown.split(/\r?\n/)
  const blocks: HintBlock[] = []
  let fence: string | undefined
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at]!
    const mark = /^(`{3,}|~{3,})/.exec(line)?.[1]
    if (fence !== undefined) {
      if (mark?.startsWith(fence) && line.trim() === mark) fence = undefined
    } else if (mark) {
      fence = mark
    } else if (/^::: *hints\b/.test(line)) {
      const block = readBlock(lines, at)
      blocks.push(block)
      at = block.last
    }
  }
  return blocks
}

/** The Markdown of each hint, by id of the check. */
export function readHints(chapter: string): Map<string, string[]> {
  return new Map(hintBlocks(chapter).flatMap(({ ids, hints }) => ids.map((id) => [id, hints] as const)))
}

function readBlock(lines: string[], first: number): HintBlock {
  const ids = lines[first]!.replace(/^::: *hints/, '').trim()
  const mistakes: HintBlock['mistakes'] = []
  if (!/^[a-z0-9-]+( +[a-z0-9-]+)*$/.test(ids)) {
    mistakes.push({ line: first, sentence: `hints: expected ids of checks behind it, received "${ids}".` })
  }
  const end = lines.findIndex((line, at) => at > first && line.startsWith(':::'))
  const last = end < 0 ? lines.length - 1 : end
  if (!/^::: *$/.test(lines[last]!)) {
    mistakes.push({ line: first, sentence: `hints ${ids}: expected ::: at the end of the block, received none.` })
  }

  const hints: string[][] = []
  for (let at = first + 1; at < last; at++) {
    const line = lines[at]!
    const item = /^(\d+)([.)]) +(.*)$/.exec(line)
    const number = `${hints.length + 1}.`
    if (item && item[1] + item[2]! !== number) {
      mistakes.push({ line: at, sentence: `hints ${ids}: expected "${number}", received "${item[1]}${item[2]}".` })
    }
    if (item) hints.push([item[3]!])
    else if (hints.length > 0) hints.at(-1)!.push(line.replace(/^ {1,3}/, ''))
    else if (line.trim() !== '') {
      mistakes.push({ line: at, sentence: `hints ${ids}: expected "1." to begin the first one, received "${line}".` })
    }
  }
  if (hints.length !== 3) {
    const sentence = `hints ${ids}: expected three (look, idea, almost code), received ${hints.length}.`
    mistakes.push({ line: first, sentence })
  }
  return { ids: ids.split(/ +/), first, last, hints: hints.map((text) => text.join('\n').trim()), mistakes }
}
