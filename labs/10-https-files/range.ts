/** A part of a file: offsets of its first and last byte, both included. */
export interface ByteRange {
  start: number
  end: number
}

/**
 * Reads a Range header (RFC 9110 §14.2). Several ranges at once are ignored, as the RFC allows.
 *
 * @param header value of the header, if there is one
 * @param size length of the file, in bytes
 * @returns the range, cut to the file; `undefined` for the whole file; `unsatisfiable` when no byte of it is there
 */
export function parseRange(header: string | undefined, size: number): ByteRange | 'unsatisfiable' | undefined {
  // TODO 3: Understand `bytes=FIRST-LAST`, `bytes=FIRST-` and `bytes=-LENGTH` (the last bytes). LAST and LENGTH may be
  // larger than the file. Ignore what has another form, and a LAST before its FIRST.
  return undefined
}
