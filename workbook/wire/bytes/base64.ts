const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** Base64 with padding (RFC 4648 §4): three bytes become four characters. */
export function toBase64(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 3) {
    const [a = 0, b = 0, c = 0] = bytes.subarray(at, at + 3)
    const group = (a << 16) | (b << 8) | c
    const characters = [18, 12, 6, 0].map((shift) => alphabet[(group >> shift) & 63]).join('')
    text += characters.slice(0, bytes.length - at + 1).padEnd(4, '=')
  }
  return text
}

/** The bytes of a text in Base64. @returns `undefined` when it is not as `toBase64` writes it */
export function fromBase64(text: string): Uint8Array | undefined {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  const digits = text.slice(0, text.length - padding)
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*$/.test(digits)) return undefined
  const bytes = new Uint8Array(Math.floor((digits.length * 3) / 4))
  for (let at = 0, group = 0; at < digits.length; at++) {
    group = ((group << 6) | alphabet.indexOf(digits[at]!)) & 0xffffff
    // After 2, 3 and 4 digits of a group there are 12, 18 and 24 bits, enough for one more byte.
    if (at % 4 > 0) bytes[at - Math.floor(at / 4) - 1] = (group >> (6 - 2 * (at % 4))) & 0xff
  }
  return bytes
}
