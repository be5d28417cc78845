/** Two lower-case digits a byte, without spaces. */
export function toHex(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0')
  return text
}

/** The bytes of pairs of hex digits without anything between. @returns `undefined` for any other text */
export function fromHex(text: string): Uint8Array | undefined {
  if (text.length % 2 === 1 || !/^[0-9a-f]*$/i.test(text)) return undefined
  const bytes = new Uint8Array(text.length / 2)
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(text.slice(i * 2, i * 2 + 2), 16)
  return bytes
}

/** What `parseHex` found: bytes, or what stands where no hex digits were expected. */
export type ParsedHex = { bytes: Uint8Array } | { error: string; line: number; column: number }

/**
 * Reads hex as people paste it: `81 85 37fa`, `0x81, 0x85`, `\x81\x85`, `81:85`, `[0x81, 0x85]`, and the dumps of
 * `xxd`, `hexdump -C` and `hexDump`, whose offsets and text columns are left out. Lines are read one by one.
 */
export function parseHex(text: string): ParsedHex {
  const bytes: number[] = []
  const lines = text.split(/\r?\n/)
  const dump = isDump(lines)
  for (const [index, line] of lines.entries()) {
    if (dump && line.trim() === '*')
      return { error: '“*” leaves out lines like the one before; make the dump with -v', line: index + 1, column: 1 }
    const { start, end } = dump ? dumpColumns(line) : { start: 0, end: line.length }
    const error = readLine(line.slice(0, end), start, bytes)
    if (error) return { error: error.text, line: index + 1, column: error.at + 1 }
  }
  return { bytes: Uint8Array.from(bytes) }
}

/** `00000000: 4745 …` of xxd, `00000000  47 45 …` of hexdump: an offset that every line begins with, growing from 0. */
const offset = /^\s*([0-9a-f]{4,16})(?::\s|\s\s)/i

function isDump(lines: string[]): boolean {
  const filled = lines.filter((line) => line.trim() !== '')
  const first = offset.exec(filled[0] ?? '')
  return first !== null && /^0+$/.test(first[1]!) && filled.every((line) => offset.test(line) || isLastOffset(line))
}

/** hexdump ends with the length alone on a line, and writes `*` for lines like the one before. */
function isLastOffset(line: string): boolean {
  return /^\s*([0-9a-f]{7,16}|\*)\s*$/i.test(line)
}

/** The part of a dump's line that holds the bytes: after the offset, before the text. */
function dumpColumns(line: string): { start: number; end: number } {
  const start = offset.exec(line)?.[0].length ?? line.length
  // xxd sets its text off by two spaces; hexdump by a bar, since it also has two spaces after eight bytes.
  const end = line.slice(0, start).includes(':') ? line.indexOf('  ', start) : line.indexOf('|', start)
  return { start, end: end < 0 ? line.length : end }
}

/** Separators between bytes, and what may stand before the two digits of one. */
const token = /\s+|[,;:|[\](){}"'`_-]|0x|\\x|[0-9a-f]+|./gi

function readLine(line: string, start: number, bytes: number[]): { text: string; at: number } | undefined {
  for (const match of line.slice(start).matchAll(token)) {
    const at = start + match.index
    const [part] = match
    if (!/^[0-9a-f]+$/i.test(part)) {
      if (/^(?:\s+|[,;:|[\](){}"'`_-]|0x|\\x)$/i.test(part)) continue
      return { text: `“${part}” is not a hex digit`, at }
    }
    if (part.length % 2 === 1) return { text: `“${part}” has an odd number of digits; a byte has two`, at }
    for (let i = 0; i < part.length; i += 2) bytes.push(Number.parseInt(part.slice(i, i + 2), 16))
  }
  return undefined
}

/** A dump as `xxd` prints it: offset, 16 bytes in pairs, the printable characters. */
export function hexDump(bytes: Uint8Array): string {
  let dump = ''
  for (let at = 0; at < bytes.length; at += 16) {
    const row = bytes.subarray(at, at + 16)
    const pairs = toHex(row).replace(/(.{4})(?=.)/g, '$1 ')
    const text = Array.from(row, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('')
    dump += `${at.toString(16).padStart(8, '0')}: ${pairs.padEnd(40)} ${text}\n`
  }
  return dump
}
