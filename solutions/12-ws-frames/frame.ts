import { applyMask } from './mask.ts'

export { FrameDecoder } from './decoder.ts'
export type { Frame } from './header.ts'
export { FrameError, type Role } from './rules.ts'
export { applyMask }

/** The opcodes that RFC 6455 §5.2 defines; 3–7 and 11–15 are reserved. */
export const opcodes = { continuation: 0x0, text: 0x1, binary: 0x2, close: 0x8, ping: 0x9, pong: 0xa } as const

/** What `encodeFrame` takes. */
export interface FrameToEncode {
  /** whether this is the last frame of its message; default `true` */
  fin?: boolean
  /** bit of an extension such as permessage-deflate; default `false` */
  rsv1?: boolean
  opcode: number
  payload: Uint8Array
  /** 4 bytes: fresh random ones for every frame of a client, none for a server */
  maskingKey?: Uint8Array
}

/** The bytes of one frame (RFC 6455 §5.2). `payload` is left as it was. */
export function encodeFrame({ fin = true, rsv1 = false, opcode, payload, maskingKey }: FrameToEncode): Buffer {
  const header = Buffer.alloc(headerLength(payload.length))
  header[0] = (fin ? 0x80 : 0) | (rsv1 ? 0x40 : 0) | opcode
  writePayloadLength(header, payload.length)

  // #region masked
  // TODO 3: When there is a maskingKey, set MASK (0x80 of byte 1), put the key after the length, and mask the payload.
  // Mask a copy: `payload` belongs to the caller. See RFC 6455 §5.2 and §5.3.
  // starter: return Buffer.concat([header, payload])

  if (!maskingKey) return Buffer.concat([header, payload])
  header[1]! |= 0x80
  return Buffer.concat([header, maskingKey, applyMask(Buffer.from(payload), maskingKey)])
  // #endregion
}

/** Length of a header without masking key, in bytes: the shortest form that holds `payloadLength`. */
function headerLength(payloadLength: number): number {
  // #region header-length
  // TODO 1: Return 2 bytes up to 125, 4 up to 65,535 (16-bit length), 10 above (64-bit length). See RFC 6455 §5.2.
  // starter: return 2

  if (payloadLength <= 125) return 2
  return payloadLength <= 0xffff ? 4 : 10
  // #endregion
}

/** Writes Payload length, and Extended payload length where the header has room for it. */
function writePayloadLength(header: Buffer, payloadLength: number): void {
  // #region lengths
  // TODO 1: In a header of 4 bytes write 126 and the length in 16 bits, in one of 10 bytes 127 and the length in 64 bits,
  // most significant byte first. See RFC 6455 §5.2.
  // starter: header[1] = payloadLength & 0x7f

  if (header.length === 2) {
    header[1] = payloadLength
  } else if (header.length === 4) {
    header[1] = 126
    header.writeUInt16BE(payloadLength, 2)
  } else {
    header[1] = 127
    header.writeBigUInt64BE(BigInt(payloadLength), 2)
  }
  // #endregion
}
