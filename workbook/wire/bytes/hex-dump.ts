import type { ParsedHex } from './parsed-hex.ts'

/** What surely begins a dump: an offset with a colon, a zero with two blanks, or the bar at the end of hexdump -C. */
const sureOffset = /^\s*(?:0x)?(?:[0-9a-f]{4,16}:\s|0{4,16}\s\s|[0-9a-f]{8}\s\s.*\|$)/i
const offset = /^\s*(?:0x)?([0-9a-f]{4,16}):?\s+/i
/** hexdump and od end with the length alone on a line. */
const total = /^\s*([0-9a-f]{6,16})\s*$/i
/** hexdump without -C */
const words = /^[0-9a-f]{7}(?:\s+[0-9a-f]{4})+\s*$/i
const longestLine = 4096

interface Row {
  index: number
  offset: string
  /** where its bytes begin in the line */
  start: number
}

/**
 * Reads the dumps of xxd, hexdump -C, od -t x1, tcpdump -X and Wireshark: an offset, the bytes, their text.
 *
 * @returns `undefined` when the lines are no dump
 */
export function readDump(lines: string[]): ParsedHex | undefined {
  const filled = [...lines.entries()].filter(([, line]) => line.trim() !== '')
  const first = filled[0]?.[1] ?? ''
  const sure = sureOffset.test(first)
  if (words.test(first))
    return problem(filled[0]![0], 0, 'hexdump without -C swaps the bytes of each pair; make the dump with -C')
  if (filled.some(([, line]) => line.length > longestLine)) return undefined
  // Otherwise only offsets that grow from line to line tell them from bytes.
  if (!sure && (filled.length < 2 || !offset.test(first))) return undefined

  const rows: Row[] = []
  let end: string | undefined
  for (const [index, line] of filled) {
    if (line.trim() === '*') return problem(index, 0, '“*” leaves out lines like the one before; make the dump with -v')
    const found = offset.exec(line)
    if (found) rows.push({ index, offset: found[1]!, start: found[0].length })
    else if (index === filled.at(-1)![0] && total.test(line)) end = line.trim()
    else return undefined
  }
  return readRows(rows, end, lines, sure)
}

function readRows(rows: Row[], end: string | undefined, lines: string[], sure: boolean): ParsedHex | undefined {
  const bytes: number[] = []
  const ends: number[] = []
  for (const { index, start } of rows) {
    const stuck = readRow(lines[index]!, start, bytes)
    if (stuck !== undefined && !sure) return undefined
    if (stuck !== undefined)
      return problem(index, stuck, 'here should be two hex digits, or the text of the bytes before')
    ends.push(bytes.length)
  }
  const offsets = [...rows.map((row) => row.offset), ...(end === undefined ? [] : [end])]
  // od counts in octal, unless it is told otherwise.
  const gap = firstGap(offsets, ends, 16)
  if (gap < 0 || firstGap(offsets, ends, 8) < 0) return { bytes: Uint8Array.from(bytes) }
  if (!sure) return undefined
  const last = rows[Math.min(gap, rows.length - 1)]!
  return problem(last.index, 0, 'this offset does not follow from the bytes before it: is a line missing?')
}

/** The first row whose offset is not where the rows before it end; -1 when all are. */
function firstGap(offsets: string[], ends: number[], base: number): number {
  const start = Number.parseInt(offsets[0]!, base)
  return offsets.findIndex((text, i) => i > 0 && Number.parseInt(text, base) !== start + ends[i - 1]!)
}

/** Reads pairs of digits until the rest of the line is their text. @returns where that does not work */
function readRow(line: string, start: number, bytes: number[]): number | undefined {
  const row: number[] = []
  let visible = 0
  let signs = line.slice(start).replace(/\s/g, '').length
  for (let at = start; ; at += 2, signs -= 2) {
    const from = at
    while (at < line.length && /\s/.test(line[at]!)) at++
    if (at === line.length || (at > from && mayBeText(signs, [row.length, visible]) && isText(line.slice(at), row)))
      break
    const pair = line.slice(at, at + 2)
    if (!/^[0-9a-f]{2}$/i.test(pair)) return at
    const byte = Number.parseInt(pair, 16)
    row.push(byte)
    if (byte !== 0x20) visible++
  }
  bytes.push(...row)
  return undefined
}

/** Whether so many signs could be the text of so many bytes, alone or between two bars: looked at once in a row. */
function mayBeText(signs: number, lengths: number[]): boolean {
  return lengths.some((length) => signs === length || signs === length + 2)
}

/** Whether this is what the bytes look like as text; for some programs a blank is a sign that cannot be printed. */
function isText(column: string, row: number[]): boolean {
  const signs = column.replace(/\s/g, '')
  const shown = [signs, signs.replace(/^[|>](.*)[|<]$/, '$1')]
  const expected = [row, row.filter((byte) => byte !== 0x20)]
  return shown.some((text) => expected.some((some) => some.length > 0 && looksLike(text, some)))
}

function looksLike(text: string, row: number[]): boolean {
  if (text.length !== row.length) return false
  return row.every((byte, i) => byte <= 0x20 || byte > 0x7e || text[i] === String.fromCharCode(byte))
}

function problem(index: number, at: number, error: string): ParsedHex {
  return { error, line: index + 1, column: at + 1 }
}
