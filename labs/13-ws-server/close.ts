import { isUtf8 } from 'node:buffer'
import { FrameError } from '../12-ws-frames/frame.ts'

/** What a close frame says. */
export interface Close {
  /** 1005 when it says nothing, which never stands on the wire */
  code: number
  reason: string
}

/** Reads the payload of a close frame (RFC 6455 §5.5.1). @throws {FrameError} when it may not look like that */
export function parseClose(payload: Buffer): Close {
  if (payload.length === 0) return { code: 1005, reason: '' }
  const code = payload.length > 1 ? payload.readUInt16BE(0) : payload[0]!
  const reason = payload.subarray(2)
  // TODO 6: Throw a FrameError: 1002 for a payload of one byte and for a code that may not be sent (use maySend), 1007 for a
  // reason that is not UTF-8. See RFC 6455 §5.5.1 and §7.4.
  if (!maySend(1000)) throw new FrameError(1002, 'code', 'a code', code, 'RFC 6455 §7.4')
  return { code, reason: reason.toString() }
}

/** The payload of a close frame; empty for 1005, no code. The reason is cut to the 123 bytes that fit. */
export function closePayload(code: number, reason: string): Buffer {
  if (code === 1005) return Buffer.alloc(0)
  const text = Buffer.from(reason)
  // Cut where a character begins: a byte 10xxxxxx continues one.
  let end = Math.min(text.length, 123)
  while (end < text.length && end > 0 && (text[end]! & 0xc0) === 0x80) end--
  return Buffer.concat([Buffer.from([code >> 8, code & 0xff]), text.subarray(0, end)])
}

/** Whether a code may stand in a close frame: the registered ones, and those for libraries and applications (§7.4). */
export function maySend(code: number): boolean {
  if (code >= 3000) return code <= 4999
  return code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006
}
