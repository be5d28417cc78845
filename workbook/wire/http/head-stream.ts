import { latin1 } from '../bytes/latin1.ts'
import { isToken } from './head.ts'

// A head as it arrives, in whatever pieces: each byte is looked at once.

/**
 * Tells whether a connection speaks HTTP, from the first line of its client. `hello world` is a `no` at the `w`, and
 * `hello` a `maybe`. The method may be any token, since a page may choose it.
 */
export class FirstLine {
  #line = ''
  #part: 'start' | 'method' | 'blank' | 'rest' = 'start'
  #answer: 'yes' | 'no' | 'maybe' = 'maybe'

  /** @returns `maybe` while the line has not ended and could still become a request line; any other answer stays */
  push(bytes: Uint8Array): 'yes' | 'no' | 'maybe' {
    if (this.#answer !== 'maybe') return this.#answer
    const end = bytes.indexOf(0x0a)
    const text = latin1(end < 0 ? bytes : bytes.subarray(0, end))
    this.#line += text
    if (end >= 0) this.#answer = namesHttp(this.#line) ? 'yes' : 'no'
    else if (!this.#fits(text)) this.#answer = 'no'
    return this.#answer
  }

  /** The target of a request is `/path`, `*` or `http://…`; another word is enough to know that it is none. */
  #fits(text: string): boolean {
    for (const character of text) {
      if (this.#part === 'rest') return true
      if (this.#part === 'blank') {
        if (!'/*h'.includes(character)) return false
        this.#part = 'rest'
      } else if (character === ' ' && this.#part === 'method') this.#part = 'blank'
      else if (isToken(character)) this.#part = 'method'
      else return false
    }
    return true
  }
}

/** Whether a whole line is a method and, after it, a version: well formed or not, the guard is to see it. */
function namesHttp(line: string): boolean {
  const blank = line.indexOf(' ')
  return isToken(line.slice(0, Math.max(0, blank))) && /HTTP\/\d/.test(line.slice(blank))
}

/** Finds the end of a head: an empty line, ended by CRLF or by LF alone. */
export class HeadEnd {
  /** what the last bytes were: in a line, at the start of one, or behind a CR at the start of one */
  #at: 'line' | 'start' | 'cr' = 'line'

  /** @returns the offset behind the empty line, in these bytes, or `undefined` while the head goes on */
  push(bytes: Uint8Array): number | undefined {
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes[i]
      if (byte === 0x0a) {
        if (this.#at !== 'line') return i + 1
        this.#at = 'start'
      } else this.#at = byte === 0x0d && this.#at === 'start' ? 'cr' : 'line'
    }
    return undefined
  }
}
