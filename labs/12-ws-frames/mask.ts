import { xorWords } from './xor-words.ts'

/**
 * XORs `bytes` in place with the masking key (RFC 6455 §5.3). The same call masks and unmasks.
 *
 * @param key 4 bytes
 * @param offset where in the payload `bytes` begins, when the payload comes in pieces
 * @returns `bytes`
 */
export function applyMask<Bytes extends Uint8Array>(bytes: Bytes, key: Uint8Array, offset = 0): Bytes {
  // TODO 2: XOR byte i of `bytes` with byte (offset + i) % 4 of the key. A loop over all bytes is right; beginning it
  // where xorWords stopped makes it fast. See RFC 6455 §5.3.
  return bytes
}
