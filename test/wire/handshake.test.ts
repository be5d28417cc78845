import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { say } from '../../workbook/sentences/say.ts'
import { fromBase64, toBase64 } from '../../workbook/wire/bytes/base64.ts'
import { sha1 } from '../../workbook/wire/bytes/sha1.ts'
import { type Head, hasToken, headerValue, headFields, parseHead } from '../../workbook/wire/http/head.ts'
import { parseExtensions } from '../../workbook/wire/websocket/extensions.ts'
import { acceptSteps, checkRequest, checkResponse, guid } from '../../workbook/wire/websocket/handshake.ts'
import { recording, units } from './streams.ts'

const text = (value: string): Uint8Array => new TextEncoder().encode(value)

test('the key of RFC 6455 §1.3 becomes its accept value in four steps', () => {
  const steps = acceptSteps('dGhlIHNhbXBsZSBub25jZQ==')
  expect(steps.joined).toBe('dGhlIHNhbXBsZSBub25jZQ==258EAFA5-E914-47DA-95CA-C5AB0DC85B11')
  expect(Buffer.from(steps.sha1).toString('hex')).toBe('b37a4f2cc0624f1690f64606cf385945b2bec4ea')
  expect(steps.secWebSocketAccept).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=')
})

test('SHA-1 and Base64 are those of Node, at every length around a block', () => {
  for (let length = 0; length < 200; length++) {
    const message = Uint8Array.from({ length }, (_, i) => (i * 7 + length) & 0xff)
    expect(Buffer.from(sha1(message)).toString('hex')).toBe(createHash('sha1').update(message).digest('hex'))
    const base64 = Buffer.from(message).toString('base64')
    expect(toBase64(message)).toBe(base64)
    expect(fromBase64(base64)).toEqual(message)
  }
  for (const bad of ['a', 'ab', 'abc', 'ab=c', 'abc=d===', '****', 'abcd '])
    expect(fromBase64(bad), bad).toBeUndefined()
})

const good = {
  line: 'GET /chat HTTP/1.1',
  Host: 'x',
  Upgrade: 'WebSocket',
  Connection: 'keep-alive, Upgrade',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
}
const answer = {
  line: 'HTTP/1.1 101 Switching Protocols',
  Upgrade: 'websocket',
  Connection: 'Upgrade',
  'Sec-WebSocket-Accept': 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=',
}

describe('requests', () => {
  test.each<{ name: string; change: Record<string, string | undefined>; found: string[] }>([
    { name: 'a good one, in any case and with keep-alive', change: {}, found: [] },
    { name: 'POST', change: { line: 'POST / HTTP/1.1' }, found: ['method 405'] },
    { name: 'HTTP/1.0', change: { line: 'GET / HTTP/1.0' }, found: ['httpVersion 400'] },
    { name: 'no Host', change: { Host: undefined }, found: ['Host 400'] },
    { name: 'no Upgrade', change: { Upgrade: 'h2c' }, found: ['Upgrade 400'] },
    { name: 'no Connection', change: { Connection: 'close' }, found: ['Connection 400'] },
    { name: 'version 8', change: { 'Sec-WebSocket-Version': '8' }, found: ['Sec-WebSocket-Version 426'] },
    { name: 'no key', change: { 'Sec-WebSocket-Key': undefined }, found: ['Sec-WebSocket-Key 400'] },
    {
      name: 'a key of 15 bytes',
      change: { 'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAA' },
      found: ['Sec-WebSocket-Key 400'],
    },
  ])('$name', ({ change, found }) => {
    const parsed = head({ ...good, ...change })
    if (parsed.type !== 'request') throw new Error('a request')
    expect(checkRequest(parsed).map(({ field, answer: status }) => `${field} ${status}`)).toEqual(found)
  })
})

describe('responses', () => {
  test.each<{ name: string; change: Record<string, string | undefined>; found: string[] }>([
    { name: 'a good one', change: {}, found: [] },
    { name: '200', change: { line: 'HTTP/1.1 200 OK' }, found: ['statusCode'] },
    { name: 'no Upgrade', change: { Upgrade: undefined }, found: ['Upgrade'] },
    { name: 'no accept', change: { 'Sec-WebSocket-Accept': undefined }, found: ['Sec-WebSocket-Accept'] },
    { name: 'a wrong accept', change: { 'Sec-WebSocket-Accept': 'AAAA' }, found: ['Sec-WebSocket-Accept'] },
    {
      name: 'an extension nobody offered',
      change: { 'Sec-WebSocket-Extensions': 'x-y' },
      found: ['Sec-WebSocket-Extensions'],
    },
    {
      name: 'a subprotocol nobody offered',
      change: { 'Sec-WebSocket-Protocol': 'chat' },
      found: ['Sec-WebSocket-Protocol'],
    },
  ])('$name', ({ change, found }) => {
    const request = head(good)
    const response = head({ ...answer, ...change })
    if (request.type !== 'request' || response.type !== 'response') throw new Error('a request and a response')
    expect(checkResponse(response, request).map(({ field }) => field)).toEqual(found)
  })

  const sha = (...parts: (string | Buffer)[]) => parts.reduce((hash, part) => hash.update(part), createHash('sha1'))
  const key = 'dGhlIHNhbXBsZSBub25jZQ=='
  test.each([
    { made: sha(key).digest('base64'), says: /SHA-1 of the key alone, without the GUID$/ },
    { made: sha(key, guid).digest('hex'), says: /the hash in hex: it must be Base64 of its 20 bytes$/ },
    { made: Buffer.from(sha(key, guid).digest('hex')).toString('base64'), says: /Base64 of the hash in hex/ },
    { made: sha(Buffer.from(key, 'base64'), guid).digest('base64'), says: /made from the decoded key/ },
    { made: sha(key, guid.toLowerCase()).digest('base64'), says: /GUID in lower case$/ },
    { made: sha(guid, key).digest('base64'), says: /GUID before the key$/ },
    { made: sha(key, '\r\n', guid).digest('base64'), says: /a line end behind the key$/ },
    { made: sha(' ', key, guid).digest('base64'), says: /a blank before the key$/ },
    { made: key, says: /which is the key itself$/ },
    {
      made: createHash('sha256').update(key).update(guid).digest('base64'),
      says: /32 bytes in Base64, and a SHA-1 has 20$/,
    },
    { made: sha('anything').digest('base64'), says: /= is received$/ },
  ])('a wrong Accept: $says', ({ made, says }) => {
    const [request, response] = [head(good), head({ ...answer, 'Sec-WebSocket-Accept': made })]
    if (request.type !== 'request' || response.type !== 'response') throw new Error('a request and a response')
    expect(checkResponse(response, request).map(({ text }) => say(text))).toEqual([expect.stringMatching(says)])
  })

  test.each(['ws-chromium-plain', 'ws-chromium-deflate', 'ws-python-websocket-client'])(
    '%s is a good handshake',
    (name) => {
      const heads = units(recording(name).connections[0]!).filter(({ kind }) => kind === 'head')
      expect(heads.map(({ problems }) => problems)).toEqual([[], []])
    },
  )
})

describe('heads', () => {
  test('the fields lie where they stand on the wire', () => {
    const bytes = text('GET /x HTTP/1.1\r\nHost: a\r\nX:  padded  \r\n\r\n')
    const fields = [...headFields(parseHead(bytes)!)]
    const wire = fields.map(({ start, length }) =>
      Buffer.from(bytes.subarray(start / 8, (start + length) / 8)).toString(),
    )
    expect(wire).toEqual(['GET', '/x', 'HTTP/1.1', 'Host: a', 'X:  padded  '])
    expect(fields.map(({ value }) => value)).toEqual(['GET', '/x', 'HTTP/1.1', 'a', 'padded'])
  })

  test('several lines of one name are one list', () => {
    const parsed = parseHead(text('HTTP/1.1 200 OK\r\nVary: a\r\nvary: B\r\n\r\n'))!
    expect(headerValue(parsed, 'vary')).toBe('a, B')
    expect(hasToken(parsed, 'vary', 'b')).toBe(true)
  })

  test.each([
    { name: 'a line without a colon', wire: 'GET / HTTP/1.1\r\nHost\r\n\r\n' },
    { name: 'a space before the colon', wire: 'GET / HTTP/1.1\r\nHost : x\r\n\r\n' },
    { name: 'a lone CR in a value', wire: 'GET / HTTP/1.1\r\nHost: x\ry\r\n\r\n' },
    { name: 'a NUL in a value', wire: 'GET / HTTP/1.1\r\nHost: x\0\r\n\r\n' },
    { name: 'a folded line', wire: 'GET / HTTP/1.1\r\nHost: x\r\n y\r\n\r\n' },
    { name: 'bare line feeds', wire: 'GET / HTTP/1.1\nHost: x\n\n' },
  ])('$name is a problem', ({ wire }) => {
    expect(parseHead(text(wire))!.problems.length).toBeGreaterThan(0)
  })

  test('a value goes without SP and HTAB around it, and with any other sign', () => {
    const parsed = parseHead(text('HTTP/1.1 200\r\nA:\t \u00a0b \t\r\nC:\r\n\r\n'))!
    expect(parsed.headers.map(({ value }) => value)).toEqual(['Â\u00a0b', ''])
    expect(parsed.problems).toEqual([])
  })

  test.each(['', 'hello\r\n\r\n', 'GET /\r\n\r\n', 'HTTP/1.1 2000 x\r\n\r\n'])('%j is none', (wire) => {
    expect(parseHead(text(wire))).toBeUndefined()
  })
})

test.each([
  { value: 'permessage-deflate', parsed: [{ name: 'permessage-deflate', parameters: {} }] },
  {
    value: 'permessage-deflate; client_max_window_bits; server_max_window_bits="10", x-a;b=", ;"',
    parsed: [
      { name: 'permessage-deflate', parameters: { client_max_window_bits: true, server_max_window_bits: '10' } },
      { name: 'x-a', parameters: { b: ', ;' } },
    ],
  },
  { value: ' , ;', parsed: [] },
])('extensions: $value', ({ value, parsed }) => {
  expect(parseExtensions(value)).toEqual(parsed)
})

function head(lines: Record<string, string | undefined>): Head {
  const { line, ...headers } = lines
  const rest = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${value}\r\n`],
  )
  return parseHead(text(`${line}\r\n${rest.join('')}\r\n`))!
}
