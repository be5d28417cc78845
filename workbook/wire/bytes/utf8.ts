/**
 * Checks UTF-8 piece by piece, as RFC 6455 §8.1 asks of text messages: the pieces may end inside a character.
 * The ranges of the second byte shut out overlong forms, surrogates and what lies above U+10FFFF (RFC 3629 §4).
 */
export class Utf8Check {
  /** index of the first byte that cannot be UTF-8, over all pieces; `undefined` while everything fits */
  badAt: number | undefined
  /** how many bytes of the last character are still missing */
  missing = 0
  /** how many bytes were pushed */
  checked = 0
  #low = 0x80
  #high = 0xbf

  push(bytes: Uint8Array): void {
    for (let i = 0; i < bytes.length && this.badAt === undefined; i++) {
      // Most text is ASCII, and is told here.
      if (this.missing === 0 && bytes[i]! < 0x80) continue
      if (!this.#accepts(bytes[i]!)) this.badAt = this.checked + i
    }
    this.checked += bytes.length
  }

  #accepts(byte: number): boolean {
    if (this.missing > 0) {
      const fits = byte >= this.#low && byte <= this.#high
      this.#low = 0x80
      this.#high = 0xbf
      this.missing--
      return fits
    }
    if (byte < 0x80) return true
    if (byte >= 0xc2 && byte <= 0xdf) this.missing = 1
    else if (byte >= 0xe0 && byte <= 0xef) this.missing = 2
    else if (byte >= 0xf0 && byte <= 0xf4) this.missing = 3
    else return false
    if (byte === 0xe0) this.#low = 0xa0
    if (byte === 0xed) this.#high = 0x9f
    if (byte === 0xf0) this.#low = 0x90
    if (byte === 0xf4) this.#high = 0x8f
    return true
  }
}
