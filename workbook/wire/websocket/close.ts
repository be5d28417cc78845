import { decodeText, showText } from '../bytes/text.ts'
import { Utf8Check } from '../bytes/utf8.ts'
import type { Field } from '../model/field.ts'
import type { Problem } from '../model/problem.ts'

/** Why a connection ends: what a close frame carries (RFC 6455 §5.5.1). */
export interface Close {
  /** the status code; `undefined` when the frame carries none */
  code?: number
  reason: string
  /** what the code means, in words */
  meaning: string
}

const meanings: Record<number, string> = {
  1000: 'normal closure',
  1001: 'going away: the server stops or the page is left',
  1002: 'protocol error',
  1003: 'a kind of data that cannot be accepted',
  1005: 'no status code was present (never on the wire)',
  1006: 'closed without a close frame (never on the wire)',
  1007: 'data that does not fit the type of the message, such as text that is not UTF-8',
  1008: 'against a policy of the receiver',
  1009: 'a message that is too big',
  1010: 'the server did not negotiate an extension that the client needs',
  1011: 'the server met a condition that it did not expect',
  1012: 'the service restarts',
  1013: 'try again later',
  1014: 'a bad answer from the server behind the gateway',
  1015: 'the TLS handshake failed (never on the wire)',
}

/** What a status code means (RFC 6455 §7.4.1 and the IANA registry that it opened). */
export function closeMeaning(code: number): string {
  if (code >= 3000 && code <= 3999) return 'registered by a library or framework'
  if (code >= 4000 && code <= 4999) return 'private use of the application'
  return meanings[code] ?? 'not defined'
}

/** 1005, 1006 and 1015 are for programs to tell each other locally; they must not be sent (RFC 6455 §7.4.1). */
export function mayBeSent(code: number): boolean {
  if (code >= 3000) return code <= 4999
  return code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)
}

export function readClose(payload: Uint8Array): Close {
  if (payload.length < 2) return { reason: '', meaning: closeMeaning(1005) }
  const code = payload[0]! * 0x100 + payload[1]!
  return { code, reason: decodeText(payload.subarray(2)), meaning: closeMeaning(code) }
}

/** The rules that the unmasked payload of a close frame breaks. */
export function checkClose(payload: Uint8Array): Problem[] {
  if (payload.length === 0) return []
  if (payload.length === 1) return [broken('payloadData', 'one byte is half a status code', '§5.5.1', 1002)]
  const code = payload[0]! * 0x100 + payload[1]!
  const problems: Problem[] = []
  if (!mayBeSent(code)) problems.push(broken('statusCode', `${code} must not be sent`, '§7.4', 1002))
  const utf8 = new Utf8Check()
  utf8.push(payload.subarray(2))
  if (utf8.badAt !== undefined || utf8.missing > 0)
    problems.push(broken('reason', 'the reason is not UTF-8', '§5.5.1', 1007))
  return problems
}

/** The parts of the unmasked payload of a close frame. @param start of the payload in the frame, in bits */
export function* closeFields(payload: Uint8Array, start: number): Generator<Field, void> {
  if (payload.length < 2) return
  const code = payload[0]! * 0x100 + payload[1]!
  yield { name: 'statusCode', start, length: 16, value: code, note: closeMeaning(code), rfc: 'RFC 6455 §7.4' }
  const reason = payload.subarray(2)
  if (reason.length === 0) return
  const value = showText(reason)
  yield { name: 'reason', start: start + 16, length: reason.length * 8, value, rfc: 'RFC 6455 §5.5.1' }
}

function broken(field: string, text: string, section: string, answer: number): Problem {
  return { field, text, rfc: `RFC 6455 ${section}`, severity: 'broken', answer }
}
