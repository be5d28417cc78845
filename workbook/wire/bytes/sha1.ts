/**
 * SHA-1 (FIPS 180-4 §6.1.2). `crypto.subtle` has it too, but only in a secure context, so not on a page that is opened
 * by the name of a machine; and the handshake wants to show the steps.
 *
 * @returns 20 bytes
 */
export function sha1(message: Uint8Array): Uint8Array {
  const blocks = padded(message)
  const state = new Uint32Array([0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0])
  for (let at = 0; at < blocks.byteLength; at += 64) addBlock(state, new DataView(blocks.buffer, at, 64))
  const digest = new DataView(new ArrayBuffer(20))
  state.forEach((word, i) => {
    digest.setUint32(i * 4, word)
  })
  return new Uint8Array(digest.buffer)
}

/** The message, one bit 1, zeros, and the length in bits as the last 8 bytes of a 64-byte block. */
function padded(message: Uint8Array): Uint8Array<ArrayBuffer> {
  const blocks = new Uint8Array(Math.ceil((message.length + 9) / 64) * 64)
  blocks.set(message)
  blocks[message.length] = 0x80
  new DataView(blocks.buffer).setBigUint64(blocks.length - 8, BigInt(message.length) * 8n)
  return blocks
}

function addBlock(state: Uint32Array, block: DataView): void {
  const words = new Uint32Array(80)
  for (let i = 0; i < 16; i++) words[i] = block.getUint32(i * 4)
  for (let i = 16; i < 80; i++) words[i] = rotate(words[i - 3]! ^ words[i - 8]! ^ words[i - 14]! ^ words[i - 16]!, 1)

  let [a, b, c, d, e] = state as unknown as [number, number, number, number, number]
  for (let i = 0; i < 80; i++) {
    const next = (rotate(a, 5) + mix(i, b, c, d) + e + words[i]!) >>> 0
    e = d
    d = c
    c = rotate(b, 30)
    b = a
    a = next
  }
  for (const [i, word] of [a, b, c, d, e].entries()) state[i]! += word
}

/** The function and the constant of round i. */
function mix(i: number, b: number, c: number, d: number): number {
  if (i < 20) return ((b & c) | (~b & d)) + 0x5a827999
  if (i < 40) return (b ^ c ^ d) + 0x6ed9eba1
  if (i < 60) return ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc
  return (b ^ c ^ d) + 0xca62c1d6
}

function rotate(word: number, bits: number): number {
  return ((word << bits) | (word >>> (32 - bits))) >>> 0
}
