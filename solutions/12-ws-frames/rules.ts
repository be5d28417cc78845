import type { Frame, Header } from './header.ts'

/** Which end we are: a server takes only masked frames, a client only unmasked ones (RFC 6455 §5.1). */
export type Role = 'server' | 'client'

/** A frame that breaks a rule. The connection must be failed with `closeCode` (RFC 6455 §7.1.7). */
export class FrameError extends Error {
  /** 1002 protocol error, 1009 message too big (RFC 6455 §7.4.1) */
  readonly closeCode: number
  /** the good frames before it that came in the same chunk */
  frames: Frame[] = []

  constructor(closeCode: number, field: string, expected: string, received: string | number, rule: string) {
    super(`${field}: expected ${expected}, received ${received} (${rule})`)
    this.name = 'FrameError'
    this.closeCode = closeCode
  }
}

/** The rule that a header breaks, if any. */
export function brokenRule(header: Header, role: Role, maxPayload: number): FrameError | undefined {
  // #region rules
  // TODO 6: Return a FrameError with 1002 for RSV bits (no extension was agreed on), reserved opcodes, control frames
  // that are fragmented or longer than 125 bytes, a client's frame without MASK, a server's frame with it, and topBit;
  // with 1009 for more than maxPayload. See RFC 6455 §5.1, §5.2 and §5.5.
  // starter: return undefined

  const { fin, rsv, opcode, mask, payloadLength, topBit } = header
  const control = opcode >= 0x8
  if (rsv !== 0) return broken('rsv', '0 without an extension', rsv, '§5.2')
  if ((opcode > 0x2 && opcode < 0x8) || opcode > 0xa) return broken('opcode', '0, 1, 2, 8, 9 or 10', opcode, '§5.2')
  if (control && !fin) return broken('fin', 'a control frame in one piece', 0, '§5.5')
  if (control && payloadLength > 125)
    return broken('payloadLength', 'at most 125 in a control frame', payloadLength, '§5.5')
  if (role === 'server' && !mask) return broken('mask', '1 from a client', 0, '§5.1')
  if (role === 'client' && mask) return broken('mask', '0 from a server', 1, '§5.1')
  if (topBit) return broken('payloadLength', 'the top bit of 64 to be 0', 1, '§5.2')
  if (payloadLength > maxPayload) {
    return new FrameError(1009, 'payloadLength', `at most ${maxPayload}`, payloadLength, 'RFC 6455 §10.4')
  }
  return undefined
  // #endregion
}

function broken(field: string, expected: string, received: number, section: string): FrameError {
  return new FrameError(1002, field, expected, received, `RFC 6455 ${section}`)
}
