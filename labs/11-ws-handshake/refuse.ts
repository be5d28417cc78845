import { STATUS_CODES } from 'node:http'

/** Why a request does not become a WebSocket. */
export class HandshakeError extends Error {
  /** status of the answer: 400, 403, 405, 426, 431 */
  readonly status: number
  /** headers that the answer has besides */
  readonly headers: Record<string, string>

  constructor(status: number, message: string, headers: Record<string, string> = {}) {
    super(message)
    this.name = 'HandshakeError'
    this.status = status
    this.headers = headers
  }
}

/** The whole answer, with a sentence for a person as its body. */
export function refusal({ status, headers, message }: HandshakeError): string {
  const body = `${message}\n`
  const named = Object.keys(headers).some((name) => name.toLowerCase() === 'upgrade')
  // A 426 must say what to upgrade to (RFC 9110 §15.5.22).
  const upgrade = status === 426 && !named ? { Upgrade: 'websocket' } : {}
  const all = {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': Buffer.byteLength(body),
    ...headers,
    ...upgrade,
    // An Upgrade header is valid only when Connection names it, too (RFC 9110 §7.8).
    Connection: named || status === 426 ? 'close, Upgrade' : 'close',
  }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`)
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('\r\n')}\r\n\r\n${body}`
}
