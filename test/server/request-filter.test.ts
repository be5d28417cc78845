import { describe, expect, test } from 'vitest'
import { RequestFilter } from '../../workbook/server/request-filter.ts'
import { handshake, originOf, request } from './support.ts'

const rules = { hosts: new Set<string>(), origins: new Set<string>() }
const good = request(7100)
const post = good.replace('GET', 'POST').replace('\r\n\r\n', '\r\nContent-Length: 5\r\n\r\nhello')
const evil = request(7100, { Origin: 'http://evil.test' })

/** Pushes pieces through a new filter. @returns what came out, and the status of a refusal */
function through(pieces: (string | Buffer)[]): { out: Buffer[]; status?: number } {
  const filter = new RequestFilter(rules, 1024)
  const out: Buffer[] = []
  for (const piece of pieces) {
    const result = filter.push(Buffer.from(piece))
    if ('refused' in result) return { out, status: result.refused.status }
    out.push(...result.pass)
  }
  return { out }
}

describe('passes, whole and cut at every byte', () => {
  test.each([
    { name: 'a request', bytes: good },
    { name: 'two requests on one connection', bytes: good + good },
    { name: 'a request with a body that looks like a foreign request', bytes: postWith(evil) + good },
    { name: 'an upgrade, then frames', bytes: `${handshake(7100)}\x81\x85abcdefghi${evil}` },
    { name: 'a chunked body of a program', bytes: chunked(undefined) },
    { name: 'bytes that are no HTTP', bytes: '\x00\x00\x00\x05hello' },
    { name: 'a line that is no HTTP', bytes: 'JOIN anna\nGET me some\n' },
    { name: 'a TLS ClientHello', bytes: '\x16\x03\x01\x02\x00' },
  ])('$name', ({ bytes }) => {
    const whole = Buffer.from(bytes, 'latin1')
    for (const pieces of [[whole], [...whole].map((byte) => Buffer.from([byte]))]) {
      const { out, status } = through(pieces)
      expect(status).toBeUndefined()
      expect(Buffer.concat(out).toString('latin1')).toBe(bytes)
      expect(out, 'the pieces are those that came').toHaveLength(pieces.length)
    }
  })
})

describe('refuses, and lets no byte of it pass', () => {
  test.each([
    { name: 'a foreign Origin', bytes: evil, status: 403 },
    { name: 'a foreign Host', bytes: request(7100, { Host: 'rebind.test:7100' }), status: 403 },
    { name: 'a method of one’s own', bytes: evil.replace('GET', 'X-ANY_method'), status: 403 },
    { name: 'a very long method', bytes: evil.replace('GET', 'M'.repeat(200)), status: 403 },
    { name: 'no Host at all', bytes: 'GET / HTTP/1.1\r\n\r\n', status: 403 },
    { name: 'bare line feeds', bytes: evil.replaceAll('\r\n', '\n'), status: 403 },
    { name: 'a blank before the colon', bytes: good.replace('Host:', 'Host :'), status: 400 },
    {
      name: 'a folded header',
      bytes: good.replace('Origin:', 'A: b\r\n c: d\r\nOrigin:'),
      status: 400,
    },
    { name: 'a lone CR in a value', bytes: good.replace('Host', 'A: b\rc\r\nHost'), status: 400 },
    { name: 'blanks and a lone CR', bytes: good.replace('Host', `A:${' '.repeat(200)}\rx\r\nHost`), status: 400 },
    { name: 'a NUL in a value', bytes: good.replace('Host', 'A: b\0c\r\nHost'), status: 400 },
    { name: 'a form feed behind a value', bytes: good.replace('Host', 'A: b\f\r\nHost'), status: 400 },
    { name: 'a name that is no token', bytes: good.replace('Host', 'A(b): c\r\nHost'), status: 400 },
    { name: 'HTTP/2 as text', bytes: good.replace('HTTP/1.1', 'HTTP/2.0'), status: 400 },
    { name: 'two lengths', bytes: good.replace('Host', 'Content-Length: 1\r\nContent-Length: 2\r\nHost'), status: 400 },
    { name: 'a length that is no number', bytes: good.replace('Host', 'Content-Length: +1\r\nHost'), status: 400 },
    { name: 'a chunked body of a page', bytes: chunked(originOf(7100)), status: 411 },
    {
      name: 'a head of more than 1024 bytes',
      bytes: good.replace('Host', `A: ${'b'.repeat(1024)}\r\nHost`),
      status: 431,
    },
    { name: 'a head that does not end', bytes: good.slice(0, -2) + 'A: b\r\n'.repeat(200), status: 431 },
  ])('$name', ({ bytes, status }) => {
    for (const pieces of [[bytes], [...bytes]]) expect(through(pieces)).toEqual({ out: [], status })
  })

  test.each([
    { name: 'behind a request', first: good },
    { name: 'behind a body', first: post },
  ])('a foreign request $name', ({ first }) => {
    expect(through([first, evil])).toEqual({ out: [Buffer.from(first)], status: 403 })
    expect(through([first + evil])).toEqual({ out: [], status: 403 })
  })
})

function postWith(body: string): string {
  return request(7100, { 'Content-Length': `${body.length}` }).replace('GET', 'POST') + body
}

function chunked(from: string | undefined): string {
  return `${request(7100, { Origin: from, 'Transfer-Encoding': 'chunked' }).replace('GET', 'POST')}5\r\nhello\r\n0\r\n\r\n`
}
