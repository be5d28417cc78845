import type { ParsedHex } from './parsed-hex.ts'

/** Reads bytes that stand one after another, with or without a program around them. */
export function readNumbers(text: string): ParsedHex {
  const part = bytesPart(text)
  const readLine = isDecimal(part, text) ? readDecimals : readHex
  const bytes: number[] = []
  for (const [index, line] of part.split(/\r?\n/).entries()) {
    const error = readLine(line, bytes)
    if (error) return { error: error.text, line: index + 1, column: error.at + 1 }
  }
  return { bytes: Uint8Array.from(bytes) }
}

/**
 * `{ 0x81, 0x85 }` of `const unsigned char frame[2] = { 0x81, 0x85 };`, with blanks for all else: of the parts between
 * brackets and signs the one with the most bytes in it.
 */
function bytesPart(text: string): string {
  const code = withoutComments(text).replace(/<Buffer|\bb(?=["'])|,\s*["']hex["']/g, blank)
  let best = { start: 0, part: code, count: -1 }
  for (const { 0: part, index } of code.matchAll(/[^={}()[\]<>;]+/g)) {
    const count = (part.match(/[\w\\]+/g) ?? []).filter((word) => byteWord.test(word)).join('').length
    if (count > best.count) best = { start: index, part, count }
  }
  return blank(code.slice(0, best.start)) + best.part
}

function withoutComments(text: string): string {
  const code = text.replace(/\/\/.*/g, blank)
  const parts: string[] = []
  let at = 0
  for (;;) {
    const start = code.indexOf('/*', at)
    const end = start < 0 ? -1 : code.indexOf('*/', start + 2)
    if (end < 0) return parts.join('') + code.slice(at)
    parts.push(code.slice(at, start), blank(code.slice(start, end + 2)))
    at = end + 2
  }
}

const byteWord = /^(?:0x[0-9a-f]{1,2}|(?:\\x[0-9a-f]{2})+|(?:[0-9a-f]{2})+|\d{1,3})$/i
const blank = (text: string) => text.replace(/[^\r\n]/g, ' ')

/** `[ 129, 133 ]`, as programs print bytes: numbers up to 255, not all of two digits. */
function isDecimal(part: string, text: string): boolean {
  const numbers = part.split(',').map((number) => number.trim())
  if (!/[[{(]/.test(text) || !numbers.every((number) => /^\d{1,3}$/.test(number) && Number(number) < 256)) return false
  return /Uint8Array\(\d+\)/.test(text) || numbers.some((number) => number.length !== 2)
}

interface Wrong {
  text: string
  /** offset in the line */
  at: number
}

function readDecimals(line: string, bytes: number[]): Wrong | undefined {
  for (const [number] of line.matchAll(/\d+/g)) bytes.push(Number(number))
  return undefined
}

/** Separators between bytes, and what may stand before the digits of one. */
const token = /\s+|[,;:|[\](){}"'`_-]|0x[0-9a-f](?![0-9a-f])|0x|\\x|[0-9a-f]+|./gi

function readHex(line: string, bytes: number[]): Wrong | undefined {
  for (const { 0: part, index: at } of line.matchAll(token)) {
    if (/^0x[0-9a-f]$/i.test(part)) bytes.push(Number(part))
    else if (/^(?:\s+|[,;:|[\](){}"'`_-]|0x|\\x)$/i.test(part)) continue
    else if (!/^[0-9a-f]+$/i.test(part)) return { text: `“${part}” is not a hex digit`, at }
    else if (part.length % 2 === 1) return { text: `“${part}” has an odd number of digits; a byte has two`, at }
    else for (let i = 0; i < part.length; i += 2) bytes.push(Number.parseInt(part.slice(i, i + 2), 16))
  }
  return undefined
}
