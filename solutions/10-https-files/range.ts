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
  // #region range
  // TODO 3: Understand `bytes=FIRST-LAST`, `bytes=FIRST-` and `bytes=-LENGTH` (the last bytes). LAST and LENGTH may be
  // larger than the file. Ignore what has another form, and a LAST before its FIRST.
  // starter: return undefined

  const [, first, last] = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i.exec(header ?? '') ?? []
  if (first === undefined || last === undefined || first + last === '') return undefined
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first)
  // Numbers too large for exact arithmetic are too large for any file, and compare rightly.
  if (first !== '' && last !== '' && Number(last) < start) return undefined
  if (start >= size) return 'unsatisfiable'
  return { start, end: first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1) }
  // #endregion
}
