import { isUtf8 } from 'node:buffer'

/** Checks UTF-8 that arrives in pieces, and finds the first byte that cannot be right as soon as it is there (RFC 3629 §4). */
export class Utf8Checker {
  /** continuation bytes that the current character still needs */
  #needed = 0
  /** range of the next continuation byte */
  #low = 0x80
  #high = 0xbf

  /** Whether the text may end here. */
  get complete(): boolean {
    return this.#needed === 0
  }

  /** Takes the next bytes. @returns whether everything so far can be the beginning of valid text */
  push(bytes: Uint8Array): boolean {
    // Most pieces are whole and right, and the built-in check is many times faster.
    if (this.#needed === 0 && isUtf8(bytes)) return true
    for (const byte of bytes) {
      if (!(this.#needed === 0 ? this.#begin(byte) : this.#continue(byte))) return false
    }
    return true
  }

  #begin(byte: number): boolean {
    if (byte < 0x80) return true
    // C0, C1 and the narrowed ranges below would be overlong, surrogates, or beyond U+10FFFF.
    if (byte < 0xc2 || byte > 0xf4) return false
    this.#needed = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3
    this.#low = byte === 0xe0 ? 0xa0 : byte === 0xf0 ? 0x90 : 0x80
    this.#high = byte === 0xed ? 0x9f : byte === 0xf4 ? 0x8f : 0xbf
    return true
  }

  #continue(byte: number): boolean {
    if (byte < this.#low || byte > this.#high) return false
    this.#needed -= 1
    this.#low = 0x80
    this.#high = 0xbf
    return true
  }
}
