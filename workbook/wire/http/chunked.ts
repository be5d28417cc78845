import { concat } from '../bytes/bytes.ts'
import { latin1 } from '../bytes/latin1.ts'

/**
 * Finds the end of a chunked HTTP body (RFC 9112 §7.1): lines with a size in hex, each followed by so many bytes, until
 * a size of 0 and an empty line. The contents are not taken apart.
 */
export class ChunkedBody {
  #line = ''
  /** bytes of the chunk that are still to come, its CRLF among them */
  #left = 0
  /** the chunk of size 0 was seen: what follows are trailer lines */
  #last = false

  /** @returns how many of the bytes belong to the body, and whether it ends with them or with a size that is none */
  take(bytes: Uint8Array): { count: number; state: 'open' | 'ended' | 'broken' } {
    for (let at = 0; at < bytes.length; at++) {
      if (this.#left > 0) {
        const skipped = Math.min(this.#left, bytes.length - at)
        this.#left -= skipped
        at += skipped - 1
      } else if (bytes[at] !== 0x0a) {
        this.#line += String.fromCharCode(bytes[at]!)
        if (this.#line.length > longestLine) return { count: at + 1, state: 'broken' }
      } else {
        const line = this.#line.endsWith('\r') ? this.#line.slice(0, -1) : this.#line
        this.#line = ''
        if (this.#last && line === '') return { count: at + 1, state: 'ended' }
        if (!this.#last && !this.#readSize(line)) return { count: at + 1, state: 'broken' }
      }
    }
    return { count: bytes.length, state: 'open' }
  }

  #readSize(line: string): boolean {
    const [digits = ''] = line.split(';', 1)
    if (!/^[0-9a-f]{1,12}$/i.test(digits.trimEnd())) return false
    const size = Number.parseInt(digits, 16)
    this.#last = size === 0
    this.#left = size === 0 ? 0 : size + 2
    return true
  }
}

/** In characters; a chunk may carry extensions, and trailers are header lines. */
const longestLine = 8 * 1024

/** The contents of a chunked body without the sizes between them. @param body as `ChunkedBody` delimits it */
export function joinChunked(body: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = []
  for (let at = 0; at < body.length; ) {
    const end = body.indexOf(0x0a, at)
    const size = end < 0 ? 0 : Number.parseInt(latin1(body.subarray(at, Math.min(end, at + 16))), 16)
    if (!(size > 0)) break
    parts.push(body.subarray(end + 1, end + 1 + size))
    at = end + 1 + size + 2
  }
  return concat(parts)
}
