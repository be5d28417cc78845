import { say } from '../../sentences/say.ts'
import { sentence } from '../../wire/model/sentence.ts'
import type { Printed } from '../checks/events.ts'
import { clip } from './columns.ts'

/** What stands in front of each line that a lab has printed, so that it is told from what we say. */
const margin = '  │ '

/**
 * What a lab printed, under a line that says so; nothing when it printed nothing.
 *
 * @param maxLines lines of the lab; where there are more, some in the middle are only counted
 */
export function printedLines(printed: Printed | undefined, columns: number, maxLines = Infinity): string[] {
  if (!printed) return []
  const lines = shortened(textLines(printed), maxLines)
  return ['', say(sentence('printed.title')), ...lines.map((line) => margin + clip(line, columns - margin.length))]
}

/** What a lab printed, as one text. */
export function printedText(printed: Printed): string {
  return textLines(printed).join('\n')
}

function textLines({ start, leftOut, end }: Printed): string[] {
  if (leftOut === 0) return linesOf(start)
  return [...linesOf(start), say(sentence('printed.left-out', { count: leftOut })), ...linesOf(end)]
}

function linesOf(text: string): string[] {
  return text.replace(/\n$/, '').split('\n')
}

/** Lines, of which some in the middle are only counted where there are too many. */
export function shortened(lines: string[], max: number): string[] {
  if (lines.length <= max) return lines
  const before = Math.ceil((max - 1) / 2)
  const after = max - 1 - before
  const count = lines.length - before - after
  const end = after > 0 ? lines.slice(-after) : []
  return [...lines.slice(0, before), say(sentence('printed.more-lines', { count })), ...end]
}
