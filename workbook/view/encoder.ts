import { concat } from '../wire/bytes/bytes.ts'
import { unmask } from '../wire/websocket/frame-header.ts'

/** What the composer writes. It holds nothing back: a frame may break any rule. */
export interface Draft {
  fin?: boolean
  /** RSV1, RSV2, RSV3 as the bits 0x40, 0x20, 0x10 of byte 0 */
  rsv?: number
  opcode: number
  payload: Uint8Array
  /** no key, no MASK */
  maskingKey?: Uint8Array
  /** bits of the length field: 7, 16 or 64; by default the shortest */
  form?: 7 | 16 | 64
}

/** The bytes of a frame (RFC 6455 §5.2). */
export function encode({ fin = true, rsv = 0, opcode, payload, maskingKey, form }: Draft): Uint8Array {
  const first = (fin ? 0x80 : 0) | rsv | opcode
  const length = lengthBytes(payload.length, maskingKey !== undefined, form)
  return concat([Uint8Array.of(first), length, maskingKey ?? new Uint8Array(), unmask(payload, maskingKey)])
}

/** Byte 1 and the extended payload length behind it. */
export function lengthBytes(length: number, mask: boolean, form = shortest(length)): Uint8Array {
  const bit = mask ? 0x80 : 0
  if (form === 7) return Uint8Array.of(bit | length)
  const bytes = new Uint8Array(form === 16 ? 3 : 9)
  const view = new DataView(bytes.buffer)
  bytes[0] = bit | (form === 16 ? 126 : 127)
  if (form === 16) view.setUint16(1, length)
  else view.setBigUint64(1, BigInt(length))
  return bytes
}

function shortest(length: number): 7 | 16 | 64 {
  return length < 126 ? 7 : length < 65_536 ? 16 : 64
}
