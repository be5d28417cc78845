/** One byte as two lower-case digits. */
export function hexByte(byte: number): string {
  return byte.toString(16).padStart(2, '0')
}

/** Two lower-case digits a byte, without spaces. */
export function toHex(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += hexByte(byte)
  return text
}

/** Bytes as the RFCs print them: `37 fa 21 3d`. */
export function spacedHex(bytes: Uint8Array): string {
  return Array.from(bytes, hexByte).join(' ')
}

/** The bytes of pairs of hex digits without anything between. @returns `undefined` for any other text */
export function fromHex(text: string): Uint8Array | undefined {
  if (text.length % 2 === 1 || !/^[0-9a-f]*$/i.test(text)) return undefined
  const bytes = new Uint8Array(text.length / 2)
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(text.slice(i * 2, i * 2 + 2), 16)
  return bytes
}

/** A dump as `xxd` prints it: offset, 16 bytes in pairs, the printable characters. */
export function hexDump(bytes: Uint8Array): string {
  let dump = ''
  for (let at = 0; at < bytes.length; at += 16) {
    const row = bytes.subarray(at, at + 16)
    const pairs = toHex(row).replace(/(.{4})(?=.)/g, '$1 ')
    const text = Array.from(row, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('')
    dump += `${at.toString(16).padStart(8, '0')}: ${pairs.padEnd(40)} ${text}\n`
  }
  return dump
}
