/** What the first 2 to 14 bytes of a WebSocket frame say (RFC 6455 §5.2), without their positions. */
export interface FrameHeader {
  fin: boolean
  rsv1: boolean
  rsv2: boolean
  rsv3: boolean
  opcode: number
  mask: boolean
  /** the seven bits of byte 1: the length itself, or the marker 126 or 127 */
  shortLength: number
  /** length in bytes, exact up to 2^53 - 1, rounded above, where no receiver could keep it */
  payloadLength: number
  /** 2 to 14 bytes */
  headerLength: number
  maskingKey?: Uint8Array
}

/** The length of the header in bytes, which its first two bytes decide. */
export function headerLength(second: number): number {
  const short = second & 0x7f
  return 2 + (short === 126 ? 2 : short === 127 ? 8 : 0) + (second & 0x80 ? 4 : 0)
}

/**
 * How many bytes the frame that starts at `at` has, or as many as decide that: 2, then its header. It allocates nothing,
 * so the starts of many frames cost next to nothing.
 *
 * @param end offset behind the last byte that is there
 * @returns the length of the header alone, when the payload's is too large to count to
 */
export function frameLength(bytes: Uint8Array, at = 0, end = bytes.length): number {
  if (end - at < 2) return 2
  const header = headerLength(bytes[at + 1]!)
  if (end - at < header) return header
  const payloadLength = readPayloadLength(bytes, at, bytes[at + 1]! & 0x7f)
  return payloadLength <= maxCountableBytes ? header + payloadLength : header
}

/** The longest payload whose frame ends at an exact integer. */
export const maxCountableBytes = Number.MAX_SAFE_INTEGER - 14

/**
 * Reads the header of the frame that starts at `at`. Cheap: no positions, no problems, for lists of many frames.
 *
 * @returns `undefined` when the bytes end inside the header
 */
export function readHeader(bytes: Uint8Array, at = 0): FrameHeader | undefined {
  if (bytes.length < at + 2) return undefined
  const first = bytes[at]!
  const second = bytes[at + 1]!
  const length = headerLength(second)
  if (bytes.length < at + length) return undefined
  const shortLength = second & 0x7f
  const mask = (second & 0x80) !== 0
  return {
    fin: (first & 0x80) !== 0,
    rsv1: (first & 0x40) !== 0,
    rsv2: (first & 0x20) !== 0,
    rsv3: (first & 0x10) !== 0,
    opcode: first & 0x0f,
    mask,
    shortLength,
    payloadLength: readPayloadLength(bytes, at, shortLength),
    headerLength: length,
    maskingKey: mask ? bytes.slice(at + length - 4, at + length) : undefined,
  }
}

function readPayloadLength(bytes: Uint8Array, at: number, shortLength: number): number {
  if (shortLength < 126) return shortLength
  if (shortLength === 126) return bytes[at + 2]! * 0x100 + bytes[at + 3]!
  let length = 0
  for (let i = at + 2; i < at + 10; i++) length = length * 0x100 + bytes[i]!
  // Rounding must not reach 2^63, which would be the top bit.
  return bytes[at + 2]! < 0x80 ? Math.min(length, 2 ** 63 - 1024) : length
}

/** XORs byte i with byte i % 4 of the key, into a copy (RFC 6455 §5.3). @param from i of the first byte */
export function unmask(payload: Uint8Array, maskingKey: Uint8Array | undefined, from = 0): Uint8Array {
  return unmaskInPlace(payload.slice(), maskingKey, from)
}

/** The same without a copy, for bytes that nobody else holds. */
export function unmaskInPlace(payload: Uint8Array, maskingKey: Uint8Array | undefined, from = 0): Uint8Array {
  if (maskingKey) for (let i = 0; i < payload.length; i++) payload[i]! ^= maskingKey[(from + i) & 3]!
  return payload
}
