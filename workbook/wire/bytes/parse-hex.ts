import { readDump } from './hex-dump.ts'
import { readNumbers } from './hex-numbers.ts'
import type { ParsedHex } from './parsed-hex.ts'

/**
 * Reads hex as people paste it: `81 85 37fa`, `81:85`, `0x81, 0x85`, `\x81\x85`, an array or a string of a program with
 * what stands around it, and the dumps of the usual tools, whose offsets and text columns are left out.
 */
export function parseHex(text: string): ParsedHex {
  return readDump(text.split(/\r?\n/)) ?? readNumbers(text)
}
