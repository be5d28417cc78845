import { randomBytes } from 'node:crypto'
import { acceptKey, parseHeaders, tokens } from '../11-ws-handshake/handshake.ts'

/** Why there is no WebSocket. */
export class ConnectError extends Error {
  /** status of the server's answer, when there was one */
  readonly status: number | undefined

  constructor(message: string, status?: number) {
    super(message)
    this.name = 'ConnectError'
    this.status = status
  }
}

export interface RequestOptions {
  /** subprotocols that we speak, our favourite first */
  protocols?: string[]
  /** more headers, such as Origin, Cookie or Authorization */
  headers?: Record<string, string>
}

/** Sec-WebSocket-Key: new for every connection, so that no cache can know the answer (RFC 6455 §4.1). */
export function newKey(): string {
  // TODO 1: Return 16 random bytes in base64, other ones each time, from node:crypto. See RFC 6455 §4.1.
  return 'dGhlIHNhbXBsZSBub25jZQ=='
}

/**
 * The request that asks for a WebSocket, up to and with its empty line. Name and password of `ws://name:password@host`
 * become an Authorization header (RFC 7617 §2), unless `headers` has one.
 *
 * @throws {TypeError} for a header that is none: a line break in it, no token as its name
 */
export function upgradeRequest(url: URL, key: string, { protocols = [], headers = {} }: RequestOptions = {}): string {
  const all: Record<string, string> = {
    Host: url.host,
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': key,
    ...credentials(url, headers),
    ...headers,
  }
  if (protocols.length > 0) all['Sec-WebSocket-Protocol'] = protocols.join(', ')
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`)
  // Whoever can put a line break into a value writes headers of his own, or a second request.
  const broken = lines.find((line) => !/^[!#$%&'*+.^`|~\w-]+: (?:\t|\P{Cc})*$/u.test(line))
  if (broken) {
    throw new TypeError(`headers: expected "Name: value", no control characters, received ${JSON.stringify(broken)}`)
  }
  return `GET ${url.pathname}${url.search} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`
}

function credentials({ username, password }: URL, headers: Record<string, string>): Record<string, string> {
  const given = Object.keys(headers).some((name) => name.toLowerCase() === 'authorization')
  if (given || (username === '' && password === '')) return {}
  // In a URL `%40` is an @ of the password; in the header it is three characters.
  const text = `${decoded(username)}:${decoded(password)}`
  return { Authorization: `Basic ${Buffer.from(text).toString('base64')}` }
}

/** The text with `%40` and its like undone; as it stands when that is no text, like `%zz`. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/**
 * Checks the answer to our request (RFC 6455 §4.1).
 *
 * @param head head of the answer, up to its empty line
 * @returns the subprotocol that the server chose, if it chose one
 * @throws {ConnectError} when it is anything but a right 101
 * @throws {HandshakeError} 400 for a line that is no header
 */
export function checkResponse(head: string, key: string, protocols: string[] = []): string | undefined {
  // Not `trimEnd`: it would take a NBSP off the last value, and make a wrong Accept right.
  const [statusLine = '', ...lines] = head.split('\r\n').filter((line) => line !== '')
  // 0 for an answer that is not HTTP/1.1
  const status = Number(/^HTTP\/1\.1 (\d{3})(?: |$)/.exec(statusLine)?.[1] ?? 0)
  const headers = parseHeaders(lines)

  // TODO 3: Throw a ConnectError with the status unless it is 101. Name Location when the server sends us elsewhere (3xx):
  // nothing follows it by itself. See RFC 6455 §4.1.
  if (status === 0) throw new ConnectError(`answer: expected HTTP/1.1, received ${statusLine}`)

  // TODO 4: Throw a ConnectError (use expectHeader) unless Upgrade is websocket and Upgrade is among the tokens of Connection,
  // both in any case, and Sec-WebSocket-Accept is what acceptKey of lab 11 makes of our key. See RFC 6455 §4.1.
  expectHeader(headers, 'Sec-WebSocket-Accept', acceptKey(key), (value) => tokens(value).length > 0)

  const protocol = headers.get('sec-websocket-protocol')
  // TODO 5: Throw a ConnectError when the server names an extension, since we offer none, or a subprotocol that we did not
  // offer. See RFC 6455 §4.1.
  if (protocol === '') throw new ConnectError('Sec-WebSocket-Protocol: expected a name', status)
  return protocol
}

function expectHeader(
  headers: Map<string, string>,
  name: string,
  expected: string,
  fits: (value: string) => boolean,
): void {
  const value = headers.get(name.toLowerCase())
  if (value !== undefined && fits(value)) return
  throw new ConnectError(`${name}: expected ${expected}, received ${value ?? 'none'}`, 101)
}
