import { concat } from '../wire/bytes/bytes.ts'
import { parseHex } from '../wire/bytes/parse-hex.ts'
import { Opcode } from '../wire/websocket/opcode.ts'
import { encode } from './encoder.ts'

export type Kind = 'text' | 'binary' | 'ping' | 'pong' | 'close' | 'fragments' | 'hex' | 'broken'

/** What the fields of the composer hold. */
export interface Form {
  text: string
  hex: string
  code: number
  reason: string
  /** how many fragments the text is cut into */
  pieces: number
  /** a ping after the first fragment */
  ping: boolean
}

/** The kinds that a sender can write: the browser's API knows no ping, no fragment and no broken frame. */
export const kinds: Record<'browser' | 'client' | 'server' | 'tcp', Kind[]> = {
  browser: ['text', 'binary', 'close'],
  client: ['text', 'binary', 'ping', 'pong', 'close', 'fragments', 'hex', 'broken'],
  server: ['text', 'binary', 'ping', 'pong', 'close', 'fragments', 'hex', 'broken'],
  tcp: ['text', 'hex'],
}

/** @param maskingKey of a client; none for a server */
export function draftBytes(kind: Kind, form: Form, maskingKey?: Uint8Array): { bytes: Uint8Array } | { error: string } {
  if (kind === 'hex' || kind === 'binary') {
    const parsed = parseHex(form.hex)
    if ('error' in parsed || kind === 'hex') return parsed
    return { bytes: encode({ opcode: Opcode.binary, payload: parsed.bytes, maskingKey }) }
  }
  const payload = new TextEncoder().encode(form.text)
  if (kind === 'fragments')
    return { bytes: concat(fragments(payload, form).map((draft) => encode({ ...draft, maskingKey }))) }
  if (kind === 'close') return { bytes: encode({ opcode: Opcode.close, payload: closePayload(form), maskingKey }) }
  const opcode = kind === 'ping' ? Opcode.ping : kind === 'pong' ? Opcode.pong : Opcode.text
  return { bytes: encode({ opcode, payload, maskingKey }) }
}

/** A status code in network byte order, then the reason (RFC 6455 §5.5.1); nothing at all for code 0. */
export function closePayload({ code, reason }: Pick<Form, 'code' | 'reason'>): Uint8Array {
  if (!code) return new Uint8Array()
  return concat([Uint8Array.of(code >> 8, code & 0xff), new TextEncoder().encode(reason)])
}

function fragments(payload: Uint8Array, { pieces, ping }: Form) {
  const count = Math.max(1, Math.min(20, Math.trunc(pieces) || 1))
  const size = Math.ceil(payload.length / count)
  const parts = Array.from({ length: count }, (_, i) => ({
    fin: i === count - 1,
    opcode: i === 0 ? Opcode.text : Opcode.continuation,
    payload: payload.subarray(i * size, (i + 1) * size),
  }))
  if (!ping) return parts
  return [parts[0]!, { fin: true, opcode: Opcode.ping, payload: new TextEncoder().encode('p') }, ...parts.slice(1)]
}
