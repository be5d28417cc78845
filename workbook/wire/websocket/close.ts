import { decodeText, showText } from '../bytes/text.ts'
import { Utf8Check } from '../bytes/utf8.ts'
import type { Field } from '../model/field.ts'
import type { Problem } from '../model/problem.ts'
import { type Sentence, sentence } from '../model/sentence.ts'

/** Why a connection ends: what a close frame carries (RFC 6455 §5.5.1). */
export interface Close {
  /** the status code; `undefined` when the frame carries none */
  code?: number
  reason: string
}

/** The status codes below 3000 that mean something (RFC 6455 §7.4.1 and the IANA registry that it opened). */
const registered = new Set([1000, 1001, 1002, 1003, 1005, 1006, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 1015])

/** What a status code means (RFC 6455 §7.4). */
export function closeMeaning(code: number): Sentence {
  if (code >= 3000 && code <= 3999) return sentence('websocket.close.library')
  if (code >= 4000 && code <= 4999) return sentence('websocket.close.application')
  return sentence(registered.has(code) ? `websocket.close.${code}` : 'websocket.close.undefined')
}

/** 1005, 1006 and 1015 are for programs to tell each other locally; they must not be sent (RFC 6455 §7.4.1). */
export function mayBeSent(code: number): boolean {
  if (code >= 3000) return code <= 4999
  return code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)
}

export function readClose(payload: Uint8Array): Close {
  if (payload.length < 2) return { reason: '' }
  const code = payload[0]! * 0x100 + payload[1]!
  return { code, reason: decodeText(payload.subarray(2)) }
}

/** The rules that the unmasked payload of a close frame breaks. */
export function checkClose(payload: Uint8Array): Problem[] {
  if (payload.length === 0) return []
  if (payload.length === 1) return [broken('payloadData', sentence('websocket.half-code'), '§5.5.1', 1002)]
  const code = payload[0]! * 0x100 + payload[1]!
  const problems: Problem[] = []
  if (!mayBeSent(code)) problems.push(broken('statusCode', sentence('websocket.code-not-sent', { code }), '§7.4', 1002))
  const utf8 = new Utf8Check()
  utf8.push(payload.subarray(2))
  if (utf8.badAt !== undefined || utf8.missing > 0)
    problems.push(broken('reason', sentence('websocket.reason-not-utf8'), '§5.5.1', 1007))
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

function broken(field: string, text: Sentence, section: string, answer: number): Problem {
  return { field, text, rfc: `RFC 6455 ${section}`, severity: 'broken', answer }
}
