/** The beginning of a frame, up to its payload (RFC 6455 §5.2). */
export interface Header {
  fin: boolean
  /** RSV1, RSV2 and RSV3 as one number, 0–7 */
  rsv: number
  opcode: number
  mask: boolean
  /** length of the payload in bytes. Beyond 2^53 only roughly right, which is enough to refuse it */
  payloadLength: number
  /** most significant bit of a 64-bit length, which must be 0 */
  topBit: boolean
  /** length of the header without the masking key, in bytes: where the key or the payload begins */
  length: number
}

/** Longest header in bytes: 2, then a 64-bit length and a masking key. */
export const maxHeaderBytes = 14

/** A whole frame, as a decoder yields it. */
export interface Frame {
  /** whether this is the last frame of its message */
  fin: boolean
  opcode: number
  /** unmasked bytes, in memory of their own */
  payload: Buffer
}

/** Reads the header that begins at `bytes[at]`; `undefined` while some of it, masking key included, is still to come. */
export function readHeader(bytes: Uint8Array, at: number, end: number): Header | undefined {
  if (end - at < 2) return undefined
  const first = bytes[at]!
  const second = bytes[at + 1]!
  const mask = second >= 0x80
  const short = second & 0x7f
  const length = short < 126 ? 2 : short === 126 ? 4 : 10
  if (end - at < length + (mask ? 4 : 0)) return undefined

  const payloadLength = length === 2 ? short : extendedLength(bytes, at + 2, at + length)
  const topBit = length === 10 && bytes[at + 2]! >= 0x80
  return { fin: first >= 0x80, rsv: (first >> 4) & 7, opcode: first & 0x0f, mask, payloadLength, topBit, length }
}

/** Extended payload length: `bytes[from]` up to but not including `bytes[to]`. */
function extendedLength(bytes: Uint8Array, from: number, to: number): number {
  // TODO 4: Read the 2 or 8 bytes as one number, most significant byte first. See RFC 6455 §5.2.
  return to - from
}
