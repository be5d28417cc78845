import { fromBase64, toBase64 } from '../bytes/base64.ts'
import { concat } from '../bytes/bytes.ts'
import { toHex } from '../bytes/hex.ts'
import { sha1 } from '../bytes/sha1.ts'
import { type Head, hasToken, headerValue, type RequestHead, type ResponseHead } from '../http/head.ts'
import type { Problem } from '../model/problem.ts'
import { type Sentence, sentence } from '../model/sentence.ts'
import { checkDeflate } from './deflate.ts'
import { type Extension, parseExtensions } from './extensions.ts'

/** The GUID that RFC 6455 §1.3 chose, so that no server answers like this by accident. */
export const guid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

/** How `Sec-WebSocket-Accept` comes from `Sec-WebSocket-Key`, step by step (RFC 6455 §4.2.2). */
interface AcceptSteps {
  /** 1: the header's value, as text; it is not decoded */
  key: string
  /** 2: the key and the GUID, joined */
  joined: string
  /** 3: 20 bytes */
  sha1: Uint8Array
  /** 4: the hash in Base64, 28 characters */
  secWebSocketAccept: string
}

export function acceptSteps(key: string): AcceptSteps {
  const joined = key + guid
  const hash = sha1(new TextEncoder().encode(joined))
  return { key, joined, sha1: hash, secWebSocketAccept: toBase64(hash) }
}

/** Whether a request asks to speak WebSocket, well or badly. */
export function wantsWebSocket(head: Head): boolean {
  return head.type === 'request' && hasToken(head, 'upgrade', 'websocket')
}

/** The rules of RFC 6455 §4.1 and §4.2.1 that a client's request breaks. */
export function checkRequest(head: RequestHead): Problem[] {
  const problems: Problem[] = []
  const expect = (kept: boolean, field: string, text: Sentence, section: string, answer = 400): void => {
    if (!kept) problems.push({ field, text, rfc: `RFC 6455 ${section}`, severity: 'broken', answer })
  }
  expect(head.method === 'GET', 'method', sentence('websocket.method', { method: head.method }), '§4.1', 405)
  expect(head.version >= 'HTTP/1.1', 'httpVersion', sentence('websocket.http-version'), '§4.1')
  expect(headerValue(head, 'host') !== undefined, 'Host', sentence('websocket.host-missing'), '§4.1')
  expect(hasToken(head, 'upgrade', 'websocket'), 'Upgrade', sentence('websocket.upgrade'), '§4.1')
  expect(hasToken(head, 'connection', 'upgrade'), 'Connection', sentence('websocket.connection'), '§4.1')
  const version = headerValue(head, 'sec-websocket-version')
  const versionText =
    version === undefined ? sentence('websocket.version-missing') : sentence('websocket.version', { version })
  expect(version === '13', 'Sec-WebSocket-Version', versionText, '§4.4', 426)
  const key = headerValue(head, 'sec-websocket-key')
  const keyText = key === undefined ? sentence('websocket.key-missing') : sentence('websocket.key', { key })
  expect(key !== undefined && fromBase64(key)?.length === 16, 'Sec-WebSocket-Key', keyText, '§4.1')
  for (const extension of extensions(head)) if (isDeflate(extension)) problems.push(...checkDeflate(extension))
  return problems
}

/**
 * The rules of RFC 6455 §4.2.2 that a server's response breaks: a client then fails the connection (§4.1).
 *
 * @param request what the client sent; without it the values that depend on it are not checked
 */
export function checkResponse(head: ResponseHead, request?: RequestHead): Problem[] {
  const problems: Problem[] = []
  const expect = (kept: boolean, field: string, text: Sentence): void => {
    if (!kept) problems.push({ field, text, rfc: 'RFC 6455 §4.1', severity: 'broken' })
  }
  if (head.status !== 101) {
    const text = sentence('websocket.not-101', { status: head.status })
    return [{ field: 'statusCode', text, rfc: 'RFC 6455 §4.1', severity: 'odd' }]
  }
  expect(hasToken(head, 'upgrade', 'websocket'), 'Upgrade', sentence('websocket.upgrade'))
  expect(hasToken(head, 'connection', 'upgrade'), 'Connection', sentence('websocket.connection'))
  const accept = headerValue(head, 'sec-websocket-accept')
  expect(accept !== undefined, 'Sec-WebSocket-Accept', sentence('websocket.accept-missing'))
  if (!request) return problems

  const key = headerValue(request, 'sec-websocket-key')
  if (accept !== undefined && key !== undefined) {
    const { secWebSocketAccept } = acceptSteps(key)
    const isRight = accept === secWebSocketAccept
    const made = isRight ? undefined : acceptMistake(key, accept)
    const wanted = secWebSocketAccept
    const text = made
      ? sentence('websocket.accept-made', { wanted, accept, made })
      : sentence('websocket.accept', { wanted, accept })
    expect(isRight, 'Sec-WebSocket-Accept', text)
  }
  const offers = extensions(request)
  const offered = new Set(offers.map(({ name }) => name))
  const deflateOffer = joined(offers.filter(isDeflate))
  for (const extension of extensions(head)) {
    expect(
      offered.has(extension.name),
      'Sec-WebSocket-Extensions',
      sentence('websocket.not-offered', { name: extension.name }),
    )
    if (isDeflate(extension)) problems.push(...checkDeflate(extension, deflateOffer))
  }
  const subprotocol = headerValue(head, 'sec-websocket-protocol')
  if (subprotocol !== undefined) {
    const list = (headerValue(request, 'sec-websocket-protocol') ?? '').split(',').map((name) => name.trim())
    const text = sentence('websocket.not-offered', { name: subprotocol })
    expect(list.includes(subprotocol), 'Sec-WebSocket-Protocol', text)
  }
  return problems
}

/** What a server made instead of the value that the key asks for, when it is one of the usual mistakes. */
function acceptMistake(key: string, accept: string): Sentence | undefined {
  const hash = (...parts: (string | Uint8Array)[]) =>
    sha1(concat(parts.map((part) => (typeof part === 'string' ? new TextEncoder().encode(part) : part))))
  const right = hash(key, guid)
  const made: [what: Sentence, value: string][] = [
    [sentence('websocket.accept.key'), key],
    [sentence('websocket.accept.no-guid'), toBase64(hash(key))],
    [sentence('websocket.accept.hex'), toHex(right)],
    [sentence('websocket.accept.base64-of-hex'), toBase64(new TextEncoder().encode(toHex(right)))],
    [sentence('websocket.accept.decoded-key'), toBase64(hash(fromBase64(key) ?? '', guid))],
    [sentence('websocket.accept.lower-case'), toBase64(hash(key, guid.toLowerCase()))],
    [sentence('websocket.accept.guid-first'), toBase64(hash(guid, key))],
    [sentence('websocket.accept.line-end'), toBase64(hash(key, '\r', guid))],
    [sentence('websocket.accept.line-end'), toBase64(hash(key, '\r\n', guid))],
    [sentence('websocket.accept.blank'), toBase64(hash(' ', key, guid))],
    [sentence('websocket.accept.example'), 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='],
    [sentence('websocket.accept.no-padding'), toBase64(right).replace(/=+$/, '')],
  ]
  return made.find(([, value]) => value === accept)?.[0] ?? lengthMistake(accept)
}

/** SHA-1 has 20 bytes. */
function lengthMistake(accept: string): Sentence | undefined {
  const length = fromBase64(accept)?.length
  return length === undefined || length === 20 ? undefined : sentence('websocket.accept.length', { length })
}

/** What is wrong when a server has answered a request before it had all of it (RFC 6455 §4.2.2). */
export function checkEarlyAnswer(request: RequestHead, response: ResponseHead): Problem[] {
  const { secWebSocketAccept } = acceptSteps(headerValue(request, 'sec-websocket-key') ?? '')
  const accept = headerValue(response, 'sec-websocket-accept')
  const shared = { field: 'Sec-WebSocket-Key', rfc: 'RFC 6455 §4.2.2' }
  if (accept === secWebSocketAccept) return [{ ...shared, text: sentence('websocket.early'), severity: 'odd' }]
  const sent = accept ?? sentence('websocket.no-accept')
  const text = sentence('websocket.early-wrong', { sent, wanted: secWebSocketAccept })
  return [{ ...shared, text, severity: 'broken' }]
}

/** What `Sec-WebSocket-Extensions` holds: the offers in a request, the agreement in a response. */
export function extensions(head: Head): Extension[] {
  return parseExtensions(headerValue(head, 'sec-websocket-extensions') ?? '')
}

/** The offers as one, with the parameters of all: whether something was offered is asked once for each answer. */
function joined(offers: Extension[]): Extension[] {
  const [first] = offers
  if (!first) return []
  const parameters = Object.fromEntries(offers.flatMap((offer) => Object.entries(offer.parameters)))
  return [{ name: first.name, parameters }]
}

function isDeflate({ name }: Extension): boolean {
  return name === 'permessage-deflate'
}
