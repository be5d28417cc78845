import { createHash } from 'node:crypto'
import { HandshakeError } from './refuse.ts'

/** RFC 6455 §1.3. Nobody else would append it by accident, so an answer that holds its hash was meant for us. */
export const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

/** A request that may be answered with 101. */
export interface UpgradeRequest {
  /** request target, as it stands in the request line: `/chat?room=1` */
  target: string
  host: string
  /** Sec-WebSocket-Key */
  key: string
  /** page whose script connects, `https://example.com`; only browsers send it */
  origin: string | undefined
  /** Sec-WebSocket-Protocol, the client's favourite first */
  protocols: string[]
  /** values by name in lower case, repeated ones joined with `, ` */
  headers: Map<string, string>
}

/** Sec-WebSocket-Accept for a Sec-WebSocket-Key (RFC 6455 §4.2.2). Proves that the server knows the protocol. */
export function acceptKey(key: string): string {
  // #region accept
  // TODO 1: Append GUID to the key, take the SHA-1 of that text, and return the 20 bytes in base64. See RFC 6455 §4.2.2.
  // starter: return key

  return createHash('sha1')
    .update(key + GUID)
    .digest('base64')
  // #endregion
}

/**
 * The header lines of a head as a map, names in lower case, repeated headers joined with `, ` (RFC 9110 §5).
 *
 * @throws {HandshakeError} 400 for a line that is no header
 */
export function parseHeaders(lines: string[]): Map<string, string> {
  const headers = new Map<string, string>()
  for (const line of lines) {
    checkCharacters(line)
    // #region header
    // TODO 3: Split at the first colon, blanks after it or not. Names are compared in lower case, values lose the blanks and tabs
    // around them, and a repeated name joins. No name, a blank in it, or a CR, LF or NUL in the line is a 400. See RFC 9112 §5.
    // starter: const [name, value] = line.split(': ')
    // starter: if (value !== undefined) headers.set(name!.toLowerCase(), value)

    const colon = line.indexOf(':')
    const name = line.slice(0, colon).toLowerCase()
    // Not one pattern for the whole line: 2,000 blanks and a lonely CR kept it busy for two seconds, 4,000 for 25.
    if (colon < 1 || /\s/.test(name) || /[\r\n\0]/.test(line))
      throw new HandshakeError(400, `header: expected "Name: value", received ${JSON.stringify(line)}`)
    const value = withoutBlanks(line.slice(colon + 1))
    const earlier = headers.get(name)
    headers.set(name, earlier === undefined ? value : `${earlier}, ${value}`)
    // #endregion
  }
  return headers
}

/** Refuses what TODO 3 leaves: controls such as VT and DEL, and `(`, `"` or `é` in a name (RFC 9110 §5.5, §5.6.2). */
function checkCharacters(header: string): void {
  const name = header.slice(0, Math.max(0, header.indexOf(':')))
  if (/[^\s\0!#$%&'*+.^_`|~0-9A-Za-z-]/.test(name) || /[^\t\r\n\0\x20-\x7e\x80-\uffff]/.test(header)) {
    throw new HandshakeError(400, `expected a header line, received ${JSON.stringify(header)}`)
  }
}

/** The text without the blanks and tabs around it. `trim` takes more: A0, too, which is half of an `à` in UTF-8. */
function withoutBlanks(text: string): string {
  let from = 0
  let to = text.length
  while (text[from] === ' ' || text[from] === '\t') from++
  while (to > from && (text[to - 1] === ' ' || text[to - 1] === '\t')) to--
  return text.slice(from, to)
}

/**
 * Reads a head, and checks that it asks for a WebSocket (RFC 6455 §4.2.1).
 *
 * @param head up to its empty line, with it or without
 * @throws {HandshakeError} with the status to answer
 */
export function parseUpgrade(head: string): UpgradeRequest {
  const [requestLine = '', ...lines] = linesOf(head)
  const [, method, target, version] = /^(\S+) (\/\S*|https?:\/\/\S+) (\S+)$/i.exec(requestLine) ?? []
  if (target === undefined) {
    throw new HandshakeError(
      400,
      `request line: expected "GET /target HTTP/1.1", received ${JSON.stringify(requestLine)}`,
    )
  }
  const headers = parseHeaders(lines)
  checkUpgrade(method, version, headers)
  return {
    target,
    host: headers.get('host') ?? '',
    key: headers.get('sec-websocket-key') ?? '',
    origin: headers.get('origin'),
    protocols: tokens(headers.get('sec-websocket-protocol')),
    headers,
  }
}

/** The lines of a head, without the empty ones at its end. */
function linesOf(head: string): string[] {
  const lines = head.split('\r\n')
  while (lines.at(-1) === '') lines.pop()
  return lines
}

/** The comma-separated values of a header. */
export function tokens(value: string | undefined): string[] {
  return (value ?? '')
    .split(',')
    .map(withoutBlanks)
    .filter((token) => token !== '')
}

function checkUpgrade(method: string | undefined, version: string | undefined, headers: Map<string, string>): void {
  // #region check
  // TODO 4: Throw a HandshakeError: 405 with Allow: GET unless GET, 400 unless HTTP/1.1 and one Host, 426 with Upgrade: websocket
  // unless `websocket` is among the values of Upgrade and `upgrade` among those of Connection (in any case), 426 with
  // Sec-WebSocket-Version: 13 for another version, 400 unless the key is 16 bytes in base64. See RFC 6455 §4.2.1 and §4.4.
  // starter: if (!headers.has('sec-websocket-key')) throw new HandshakeError(400, `${method} ${version}: no key`)

  const has = (name: string, token: string) => tokens(headers.get(name)).some((value) => value.toLowerCase() === token)
  if (version !== 'HTTP/1.1') throw new HandshakeError(400, `request line: expected HTTP/1.1, received ${version}`)
  if (method !== 'GET') throw new HandshakeError(405, `method: expected GET, received ${method}`, { Allow: 'GET' })
  const host = headers.get('host')
  if (!host || host.includes(',')) throw new HandshakeError(400, `Host: expected one, received ${host ?? 'none'}`)
  if (!has('upgrade', 'websocket') || !has('connection', 'upgrade')) {
    throw new HandshakeError(426, 'expected Upgrade: websocket and Connection: Upgrade', { Upgrade: 'websocket' })
  }
  const wanted = headers.get('sec-websocket-version')
  if (wanted !== '13') {
    throw new HandshakeError(426, `Sec-WebSocket-Version: expected 13, received ${wanted ?? 'none'}`, {
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
    })
  }
  const key = headers.get('sec-websocket-key')
  // 16 bytes in base64 are 22 digits and two signs of padding.
  if (!key || !/^[A-Za-z0-9+/]{22}==$/.test(key)) {
    throw new HandshakeError(400, `Sec-WebSocket-Key: expected 16 bytes in base64, received ${key ?? 'none'}`)
  }
  // #endregion
}

/** The answer that turns HTTP into WebSocket, up to and with its empty line. */
export function acceptResponse(request: UpgradeRequest, protocol?: string): string {
  const lines = [
    'HTTP/1.1 101 Switching Protocols',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Accept: ${acceptKey(request.key)}`,
  ]
  if (protocol !== undefined) lines.push(`Sec-WebSocket-Protocol: ${protocol}`)
  return `${lines.join('\r\n')}\r\n\r\n`
}

/** Finds the end of a head in a stream. What comes behind it belongs to whoever reads on. */
export class HeadReader {
  readonly #maxLength: number
  #bytes = Buffer.alloc(0)

  /** @param maxLength longest head, in bytes, its empty line included */
  constructor(maxLength = 16 * 1024) {
    this.#maxLength = maxLength
  }

  /**
   * The head, and what came behind it; undefined while it is still arriving.
   *
   * @throws {HandshakeError} 431 when the head does not end in time
   */
  push(chunk: Uint8Array): { head: string; rest: Buffer } | undefined {
    // #region head
    // TODO 2: Keep the bytes until an empty line (\r\n\r\n) has come, however they are cut. Return the head with it, and
    // the bytes behind it as `rest`. A head longer than maxLength is a 431, whatever stands behind it. See RFC 9112 §2.2.
    // starter: return { head: String(chunk), rest: Buffer.alloc(0) }

    this.#bytes = Buffer.concat([this.#bytes, chunk])
    const end = this.#bytes.indexOf('\r\n\r\n')
    // What stands behind the head does not count.
    if ((end < 0 ? this.#bytes.length : end + 4) > this.#maxLength) {
      throw new HandshakeError(431, `head: expected at most ${this.#maxLength} bytes, received more`)
    }
    if (end < 0) return undefined
    return { head: this.#bytes.toString('latin1', 0, end + 4), rest: this.#bytes.subarray(end + 4) }
    // #endregion
  }
}
