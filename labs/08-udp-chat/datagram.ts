// Given: the datagrams of the chat, JSON in UTF-8. Every datagram with a `seq` is answered by an ACK or an ERR with
// the same `seq`; the sender repeats it until then. Each side counts its own `seq` upwards; a client begins with the time in
// milliseconds, so that one which was restarted on the same port repeats no number.

/** From a client to the server. */
export type Request =
  /** `pad` makes room: a stranger gets no answer that is longer than his request, and a refusal gives a reason */
  | { type: 'JOIN'; seq: number; name: string; pad?: string }
  | { type: 'MSG'; seq: number; text: string }
  | { type: 'BEAT'; seq: number }
  | { type: 'LEAVE'; seq: number }

/** From the server to its members. */
export type Notice =
  | { type: 'JOINED'; seq: number; name: string }
  | { type: 'MSG'; seq: number; name: string; text: string }
  | { type: 'LEFT'; seq: number; name: string }

/** ERR means: it arrived, and the answer is no. `reason` is missing for a sender who is not a member. */
export type Answer = { type: 'ACK'; seq: number } | { type: 'ERR'; seq: number; reason?: string }

/** A datagram before it is given its number. */
export type WithoutSeq<T> = T extends unknown ? Omit<T, 'seq'> : never

/**
 * Longest text of a message, in bytes as JSON, quotes included. With the longest name beside it the datagram still fits one
 * Ethernet frame, so IP never has to cut it.
 */
export const maxText = 1000

/** Bytes of a text as it will stand in a datagram. */
export function textLength(text: string): number {
  return Buffer.byteLength(JSON.stringify(text))
}

/** A datagram for the wire. */
export function encode(datagram: Request | Notice | Answer): Buffer {
  return Buffer.from(JSON.stringify(datagram))
}

/** What a client sent; undefined for whatever is no datagram of this chat: anybody may send anything to a UDP port. */
export function decodeRequest(bytes: Uint8Array): Request | Answer | undefined {
  const { type, seq, name, text } = parse(bytes)
  if (!isSeq(seq)) return undefined
  if (type === 'JOIN' && typeof name === 'string') return { type, seq, name }
  if (type === 'MSG' && typeof text === 'string') return { type, seq, text }
  if (type === 'BEAT' || type === 'LEAVE' || type === 'ACK') return { type, seq }
  return undefined
}

/** What a server sent; undefined for whatever is no datagram of this chat. */
export function decodeNotice(bytes: Uint8Array): Notice | Answer | undefined {
  const { type, seq, name, text, reason } = parse(bytes)
  if (!isSeq(seq)) return undefined
  if ((type === 'JOINED' || type === 'LEFT') && typeof name === 'string') return { type, seq, name }
  if (type === 'MSG' && typeof name === 'string' && typeof text === 'string') return { type, seq, name, text }
  if (type === 'ACK') return { type, seq }
  if (type === 'ERR') return typeof reason === 'string' ? { type, seq, reason } : { type, seq }
  return undefined
}

function parse(bytes: Uint8Array): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {} // no UTF-8, or no JSON
  }
}

function isSeq(seq: unknown): seq is number {
  return Number.isSafeInteger(seq) && (seq as number) > 0
}
