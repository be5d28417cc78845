import type { ChunkedBody } from '../http/chunked.ts'

/** How the next bytes of a direction are to be read. */
export type Mode =
  /** it is not known yet what they begin */
  | { name: 'detect' }
  /** of the line that is arriving so far, in bytes */
  | { name: 'head'; lineLength: number }
  | { name: 'body'; length: number }
  | { name: 'chunked'; body: ChunkedBody }
  /** for the answer of the server, which decides */
  | { name: 'wait' }
  | { name: 'frames'; deflate: boolean }
  | { name: 'records' }
  | { name: 'bytes'; why: string }

/** Bytes of no protocol. @param why in words, what came before or is missing */
export function plain(why: string): Mode {
  return { name: 'bytes', why }
}
