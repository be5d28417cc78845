import type { UnitParts } from '../model/unit.ts'

/** A line of text, up to its LF. */
export type LineUnit = UnitParts & { kind: 'line' }

declare module '../model/unit.ts' {
  interface UnitKinds {
    line: LineUnit
  }
}

/** The line without its LF or CRLF. */
export function lineOf(bytes: Uint8Array): Uint8Array {
  const end = bytes.length - (bytes.at(-1) === 0x0a ? 1 : 0)
  return bytes.subarray(0, end - (bytes[end] === 0x0a && bytes[end - 1] === 0x0d ? 1 : 0))
}
