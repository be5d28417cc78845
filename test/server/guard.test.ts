import { describe, expect, test } from 'vitest'
import { guard, type Rules } from '../../workbook/server/guard.ts'
import { mirrorProtocol, tokenProtocol } from '../../workbook/wire/formats/mirror-messages.ts'
import { answerTo, handshake, origin, request, startLab, startTarget, tapPort } from './support.ts'

const token = '00112233445566778899aabbccddeeff'
const channel: Rules = { port: 7070, origins: new Set([origin]), data: false, token }
const data: Rules = { port: 7100, origins: new Set([origin]), data: true }
const offered = `${mirrorProtocol}, ${tokenProtocol(token)}`

describe('guard', () => {
  const page = { Host: '127.0.0.1:7070', Origin: origin, 'Sec-WebSocket-Protocol': offered }
  test.each([
    { name: 'a page of the workbook', headers: page },
    { name: 'by name', headers: { ...page, Host: 'localhost:7070' } },
    { name: 'by IPv6 address', headers: { ...page, Host: '[::1]:7070' } },
    {
      name: 'the token first',
      headers: { ...page, 'Sec-WebSocket-Protocol': `${tokenProtocol(token)},${mirrorProtocol}` },
    },
    { name: 'no Host', headers: { ...page, Host: undefined }, status: 403 },
    { name: 'a foreign Host (a rebound name)', headers: { ...page, Host: 'rebind.test:7070' }, status: 403 },
    { name: 'a Host that begins like ours', headers: { ...page, Host: '127.0.0.1.evil.test:7070' }, status: 403 },
    { name: 'our Host with another port', headers: { ...page, Host: '127.0.0.1:7071' }, status: 403 },
    { name: 'our Host without a port', headers: { ...page, Host: 'localhost' }, status: 403 },
    { name: 'a foreign Origin', headers: { ...page, Origin: 'http://evil.test' }, status: 403 },
    { name: 'an Origin that begins like ours', headers: { ...page, Origin: `${origin}.evil.test` }, status: 403 },
    { name: 'our Origin over another scheme', headers: { ...page, Origin: 'https://localhost:5173' }, status: 403 },
    { name: 'a null Origin (a file, a sandboxed frame)', headers: { ...page, Origin: 'null' }, status: 403 },
    { name: 'no Origin', headers: { ...page, Origin: undefined }, status: 403 },
    { name: 'no token', headers: { ...page, 'Sec-WebSocket-Protocol': mirrorProtocol }, status: 401 },
    { name: 'no subprotocol', headers: { ...page, 'Sec-WebSocket-Protocol': undefined }, status: 401 },
    {
      name: 'a wrong token',
      headers: { ...page, 'Sec-WebSocket-Protocol': tokenProtocol('0'.repeat(32)) },
      status: 401,
    },
    {
      name: 'half a token',
      headers: { ...page, 'Sec-WebSocket-Protocol': tokenProtocol(token.slice(16)) },
      status: 401,
    },
  ])('channel: $name', ({ headers, status }: { headers: Record<string, string | undefined>; status?: number }) => {
    expect(guard(flat(headers), channel)?.status).toBe(status)
  })

  test.each([
    { name: 'a page of the workbook', headers: { Host: '127.0.0.1:7100', Origin: origin } },
    { name: 'curl, which sends no Origin', headers: { Host: 'localhost:7100' } },
    { name: 'an address typed by a person', headers: { Host: 'localhost:7100', 'Sec-Fetch-Site': 'none' } },
    {
      name: 'an image on a foreign page',
      headers: { Host: 'localhost:7100', 'Sec-Fetch-Site': 'cross-site' },
      status: 403,
    },
    { name: 'a foreign Host', headers: { Host: 'rebind.test:7100', Origin: 'http://rebind.test:7100' }, status: 403 },
    { name: 'a null Origin', headers: { Host: 'localhost:7100', Origin: 'null' }, status: 403 },
    { name: 'a foreign Origin', headers: { Host: 'localhost:7100', Origin: 'http://evil.test' }, status: 403 },
  ])('data port: $name', ({ headers, status }: { headers: Record<string, string | undefined>; status?: number }) => {
    expect(guard(flat(headers), data)?.status).toBe(status)
  })

  test.each(['Host', 'Origin'])('two headers %s are refused, even when both are right', (name) => {
    const headers = flat(page)
    expect(guard([...headers, name, page[name as 'Host']], channel)?.status).toBe(400)
  })

  test('says what was expected and received, and never the token', () => {
    expect(guard(flat({ ...page, Origin: 'http://evil.test' }), channel)?.why).toBe(
      'Origin: expected an address of the workbook, received http://evil.test. Allow it with --allow-origin http://evil.test.',
    )
    expect(guard(flat({ ...page, 'Sec-WebSocket-Protocol': mirrorProtocol }), channel)?.why).not.toContain(token)
    expect(guard(flat({ ...page, Host: 'a\u001b[31m' }), channel)?.why).not.toContain('\u001b')
  })
})

// The same on the wire: every row as a request and as an upgrade, on a channel and on a tap.
describe('on the wire', () => {
  const foreign = [
    { name: 'a foreign Host', changed: { Host: 'rebind.test' } },
    { name: 'a foreign Origin', changed: { Origin: 'http://evil.test' } },
    { name: 'a null Origin', changed: { Origin: 'null' } },
  ]

  test.each(foreign)('$name is 403 everywhere', async ({ changed }) => {
    const lab = await startLab({ token, targets: [await startTarget((socket) => socket.resume())] })
    for (const port of [lab.port, tapPort(lab), tapPort(lab, 'target')]) {
      const headers = { 'Sec-WebSocket-Protocol': offered, ...changed }
      for (const head of [request(port, headers, '/mirror'), handshake(port, headers, '/mirror')]) {
        const answer = await answerTo(port, head)
        expect(answer).toMatch(/^HTTP\/1.1 403 Forbidden\r\n/)
        expect(answer).toContain('X-Content-Type-Options: nosniff')
        expect(answer).not.toMatch(/Access-Control/i)
      }
    }
  })

  test.each([
    { name: 'no token', protocols: mirrorProtocol },
    { name: 'a wrong token', protocols: `${mirrorProtocol}, ${tokenProtocol('f'.repeat(32))}` },
  ])('$name is 401 on every channel', async ({ protocols }) => {
    const lab = await startLab({ token })
    lab.attach('/grade', (socket) => socket.close())
    for (const path of ['/mirror', '/grade', '/nowhere']) {
      const headers = { 'Sec-WebSocket-Protocol': protocols }
      for (const head of [request(lab.port, headers, path), handshake(lab.port, headers, path)]) {
        expect(await answerTo(lab.port, head)).toMatch(/^HTTP\/1.1 401 Unauthorized\r\n/)
      }
    }
  })

  test('a missing Origin is 403 on a channel, and passes on a tap', async () => {
    const lab = await startLab({ token })
    const headers = { Origin: undefined, 'Sec-WebSocket-Protocol': offered }
    expect(await answerTo(lab.port, handshake(lab.port, headers, '/mirror'))).toMatch(/^HTTP\/1.1 403 /)
    const echo = tapPort(lab)
    expect(await answerTo(echo, `${handshake(echo, { Origin: undefined })}garbage`)).toMatch(/^HTTP\/1.1 101 /)
  })

  test('with everything right the answer names our subprotocol, and not the token', async () => {
    const lab = await startLab({ token })
    const headers = { 'Sec-WebSocket-Protocol': offered }
    // An unmasked frame makes the server end the connection, so that the answer is whole.
    const answer = await answerTo(lab.port, `${handshake(lab.port, headers, '/mirror')}\x81\x00`)
    expect(answer).toMatch(/^HTTP\/1.1 101 /)
    expect(answer).toContain(`Sec-WebSocket-Protocol: ${mirrorProtocol}\r\n`)
    expect(answer).not.toContain(token)
  })

  test('with everything right but the path or the subprotocol there is a sentence', async () => {
    const lab = await startLab({ token })
    const right = { 'Sec-WebSocket-Protocol': offered }
    expect(await answerTo(lab.port, handshake(lab.port, right, '/'))).toMatch(/^HTTP\/1.1 404 /)
    expect(await answerTo(lab.port, request(lab.port, right, '/mirror'))).toMatch(/^HTTP\/1.1 426 /)
    const bare = { 'Sec-WebSocket-Protocol': tokenProtocol(token) }
    expect(await answerTo(lab.port, handshake(lab.port, bare, '/mirror'))).toMatch(/^HTTP\/1.1 400 /)
  })

  test('an origin that was allowed passes, and one that no browser sends is no option', async () => {
    const lab = await startLab({ allowOrigins: ['https://example.org'] })
    lab.allowSite(5998)
    const echo = tapPort(lab)
    for (const allowed of ['https://example.org', 'http://127.0.0.1:5998', 'http://[::1]:5998']) {
      expect(await answerTo(echo, `${handshake(echo, { Origin: allowed })}garbage`)).toMatch(/^HTTP\/1.1 101 /)
    }
    await expect(startLab({ allowOrigins: ['https://example.org/path'] })).rejects.toThrow('without a path')
  })

  test('the echo’s own port, behind the tap, answers nobody who came past the tap', async () => {
    const lab = await startLab()
    const { port } = lab.targets()[0]!
    expect(await answerTo(port, handshake(port))).toMatch(/^HTTP\/1.1 403 /)
  })
})

function flat(headers: Record<string, string | undefined>): string[] {
  return Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [name, value]))
}
