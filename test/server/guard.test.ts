import { describe, expect, test } from 'vitest'
import { type Door, guard, type Rules } from '../../workbook/server/guard.ts'
import { mirrorProtocol, tokenProtocol } from '../../workbook/wire/formats/mirror-messages.ts'
import { answerTo, handshake, request, startLab, startTarget, tapPort } from './support.ts'

const token = '00112233445566778899aabbccddeeff'
const offered = `${mirrorProtocol}, ${tokenProtocol(token)}`
const none: Rules = { hosts: new Set(), origins: new Set() }
const allowed: Rules = {
  hosts: new Set(['box.example', 'abc-5173.app.github.dev', 'box.example:8443']),
  origins: new Set(['https://wirebook.example']),
}
type Row = { name: string; headers: Record<string, string>; rules?: Rules; status?: number }

const page = { Host: 'localhost:5173', Origin: 'http://localhost:5173' }
const frame = { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'iframe' }

describe('guard', () => {
  test.each<Row>([
    { name: 'a page of the workbook', headers: page },
    { name: 'by address', headers: { Host: '127.0.0.1:5173', Origin: 'http://127.0.0.1:5173' } },
    { name: 'by IPv6 address', headers: { Host: '[::1]:5173', Origin: 'http://[::1]:5173' } },
    {
      name: 'through a forward to another port',
      headers: { Host: 'localhost:15173', Origin: 'http://localhost:15173' },
    },
    { name: 'through a forward to port 80', headers: { Host: 'localhost', Origin: 'http://localhost' } },
    {
      name: 'a forward with https that writes both',
      headers: { Host: 'localhost:5173', Origin: 'https://localhost:5173' },
    },
    {
      name: 'a forward with https that keeps Host',
      headers: { Host: 'box.example', Origin: 'https://box.example' },
      rules: allowed,
    },
    {
      name: 'the same with the port of https',
      headers: { Host: 'box.example:443', Origin: 'https://box.example' },
      rules: allowed,
    },
    {
      name: 'a forward with https that writes Host alone',
      headers: { Host: 'localhost:5173', Origin: 'https://abc-5173.app.github.dev' },
      rules: allowed,
    },
    {
      name: 'a name with another port',
      headers: { Host: 'box.example:9000', Origin: 'http://box.example:9000' },
      rules: allowed,
    },
    {
      name: 'an origin that was allowed',
      headers: { Host: '127.0.0.1:5173', Origin: 'https://wirebook.example' },
      rules: allowed,
    },

    { name: 'no Host', headers: { Origin: 'http://localhost:5173' }, status: 403 },
    {
      name: 'a foreign Host (a rebound name)',
      headers: { Host: 'rebind.test:5173', Origin: 'http://rebind.test:5173' },
      status: 403,
    },
    { name: 'a Host that begins like ours', headers: { ...page, Host: '127.0.0.1.evil.test:5173' }, status: 403 },
    { name: 'a Host that ends like ours', headers: { ...page, Host: 'evil.localhost:5173' }, status: 403 },
    {
      name: '0.0.0.0, which browsers take for this machine',
      headers: { Host: '0.0.0.0:5173', Origin: 'http://0.0.0.0:5173' },
      status: 403,
    },
    {
      name: 'a public name that nobody allowed',
      headers: { Host: 'box.example', Origin: 'https://box.example' },
      status: 403,
    },
    { name: 'a foreign Origin', headers: { ...page, Origin: 'http://evil.test' }, status: 403 },
    { name: 'another port of this machine', headers: { ...page, Origin: 'http://localhost:3000' }, status: 403 },
    {
      name: 'another port of an allowed name',
      headers: { Host: 'box.example', Origin: 'https://box.example:9999' },
      rules: allowed,
      status: 403,
    },
    {
      name: 'an allowed name’s other port, Host written anew',
      headers: { ...page, Origin: 'http://box.example:3000' },
      rules: allowed,
      status: 403,
    },
    { name: 'another name of this machine', headers: { ...page, Origin: 'http://127.0.0.1:5173' }, status: 403 },
    {
      name: 'an Origin that begins like ours',
      headers: { ...page, Origin: 'http://localhost:5173.evil.test' },
      status: 403,
    },
    { name: 'an Origin with a path', headers: { ...page, Origin: 'ftp://localhost:5173' }, status: 403 },
    { name: 'a null Origin (a file, a sandboxed frame)', headers: { ...page, Origin: 'null' }, status: 403 },
    { name: 'no Origin', headers: { Host: 'localhost:5173' }, status: 403 },
  ])('channel: $name', ({ headers, rules = none, status }) => check(headers, rules, 'channel', status))

  test.each<Row>([
    {
      name: 'an address typed by a person',
      headers: { Host: 'localhost:5173', 'Sec-Fetch-Site': 'none', 'Sec-Fetch-Dest': 'document' },
    },
    {
      name: 'a part of our page',
      headers: { Host: 'localhost:5173', 'Sec-Fetch-Site': 'same-origin', 'Sec-Fetch-Dest': 'script' },
    },
    {
      name: 'a link on a foreign page',
      headers: {
        Host: 'localhost:5173',
        'Sec-Fetch-Site': 'cross-site',
        'Sec-Fetch-Mode': 'navigate',
        'Sec-Fetch-Dest': 'document',
      },
    },
    { name: 'curl', headers: { Host: 'localhost:5173' } },
    { name: 'a frame', headers: { Host: 'localhost:5173', ...frame }, status: 403 },
    {
      name: 'a frame of our own page',
      headers: { Host: 'localhost:5173', ...frame, 'Sec-Fetch-Site': 'same-origin' },
      status: 403,
    },
    {
      name: 'an object of a foreign page',
      headers: { Host: 'localhost:5173', ...frame, 'Sec-Fetch-Dest': 'object' },
      status: 403,
    },
    {
      name: 'a script of a foreign page',
      headers: {
        Host: 'localhost:5173',
        'Sec-Fetch-Site': 'cross-site',
        'Sec-Fetch-Mode': 'no-cors',
        'Sec-Fetch-Dest': 'script',
      },
      status: 403,
    },
    {
      name: 'an image on a page of another port',
      headers: {
        Host: 'localhost:5173',
        'Sec-Fetch-Site': 'same-site',
        'Sec-Fetch-Mode': 'no-cors',
        'Sec-Fetch-Dest': 'image',
      },
      status: 403,
    },
    { name: 'a form of a foreign page', headers: { Host: 'localhost:5173', Origin: 'http://evil.test' }, status: 403 },
  ])('page: $name', ({ headers, rules = none, status }) => check(headers, rules, 'page', status))

  test.each<Row>([
    { name: 'our page', headers: { Host: 'localhost:5173', 'Sec-Fetch-Site': 'same-origin' } },
    {
      name: 'an address typed by a person',
      headers: { Host: 'localhost:5173', 'Sec-Fetch-Site': 'none' },
      status: 403,
    },
    {
      name: 'a link on a foreign page',
      headers: {
        Host: 'localhost:5173',
        'Sec-Fetch-Site': 'cross-site',
        'Sec-Fetch-Mode': 'navigate',
        'Sec-Fetch-Dest': 'document',
      },
      status: 403,
    },
    { name: 'a page of another port', headers: { Host: 'localhost:5173', 'Sec-Fetch-Site': 'same-site' }, status: 403 },
  ])('token: $name', ({ headers, rules = none, status }) => check(headers, rules, 'token', status))

  test.each<Row>([
    { name: 'curl, which sends no Origin', headers: { Host: 'localhost:7100' } },
    { name: 'an address typed by a person', headers: { Host: 'localhost:7100', 'Sec-Fetch-Site': 'none' } },
    {
      name: 'a page that the server itself sends',
      headers: { Host: 'localhost:7110', Origin: 'http://localhost:7110' },
    },
    {
      name: 'an image on a foreign page',
      headers: { Host: 'localhost:7100', 'Sec-Fetch-Site': 'cross-site' },
      status: 403,
    },
    { name: 'a foreign Host', headers: { Host: 'rebind.test:7100', Origin: 'http://rebind.test:7100' }, status: 403 },
    { name: 'a null Origin', headers: { Host: 'localhost:7100', Origin: 'null' }, status: 403 },
    { name: 'a foreign Origin', headers: { Host: 'localhost:7100', Origin: 'http://evil.test' }, status: 403 },
  ])('data: $name', ({ headers, rules = none, status }) => check(headers, rules, 'data', status))

  test.each(['Host', 'Origin'] as const)('two headers %s are refused, even when both are right', (name) => {
    expect(guard([...flat(page), name, page[name]], none, 'channel')?.status).toBe(400)
  })

  test('says what was expected and received, and how to let it in', () => {
    expect(guard(flat({ Host: 'box.example' }), none, 'page')?.why).toBe(
      'Host: expected localhost, 127.0.0.1 or [::1], received box.example. Allow it with --allow-host box.example.',
    )
    expect(guard(flat({ ...page, Origin: 'https://abc.test' }), none, 'channel')?.why).toBe(
      'Origin: expected localhost:5173, received https://abc.test. If this is your own way to the workbook, allow it with --allow-host abc.test.',
    )
    expect(guard(flat({ Host: 'a\u001b[31m' }), none, 'page')?.why).not.toContain('\u001b')
  })
})

// The same on the wire: as a request and as an upgrade, on the site and on a tap.
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
      const heads = [request(port, headers, '/mirror'), handshake(port, headers, '/mirror')]
      if (port === lab.port)
        heads.push(handshake(port, headers, '/?wirebook=echo.a'), request(port, headers, '/__lab.json'))
      for (const head of heads) {
        const answer = await answerTo(port, head)
        expect(answer).toMatch(/^HTTP\/1.1 403 Forbidden\r\n/)
        for (const header of [
          'X-Content-Type-Options: nosniff',
          'X-Frame-Options: DENY',
          'Referrer-Policy: no-referrer',
        ]) {
          expect(answer).toContain(header)
        }
        expect(answer).not.toMatch(/Access-Control/i)
      }
    }
  })

  test.each([
    { name: 'no token', protocols: mirrorProtocol },
    { name: 'a wrong token', protocols: `${mirrorProtocol}, ${tokenProtocol('f'.repeat(32))}` },
    { name: 'half a token', protocols: `${mirrorProtocol}, ${tokenProtocol(token.slice(16))}` },
  ])('$name is 401 on every channel', async ({ protocols }) => {
    const lab = await startLab({ token })
    lab.attach('/grade', (channel) => channel.end())
    for (const path of ['/mirror', '/grade', '/nowhere']) {
      const headers = { 'Sec-WebSocket-Protocol': protocols, Connection: 'Upgrade' }
      expect(await answerTo(lab.port, handshake(lab.port, headers, path))).toMatch(/^HTTP\/1.1 401 Unauthorized\r\n/)
    }
    const posted = request(lab.port, { Connection: 'close', 'Wirebook-Token': 'f'.repeat(32) }, '/mirror')
    expect(await answerTo(lab.port, posted.replace('GET', 'POST'))).toMatch(/^HTTP\/1.1 401 Unauthorized\r\n/)
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

  test('with everything right but the path, the method or the subprotocol there is a sentence', async () => {
    const lab = await startLab({ token })
    const right = { 'Sec-WebSocket-Protocol': offered }
    expect(await answerTo(lab.port, handshake(lab.port, right, '/'))).toMatch(/^HTTP\/1.1 404 /)
    const asked = request(lab.port, { 'Wirebook-Token': token }, '/mirror')
    expect(await answerTo(lab.port, asked)).toMatch(/^HTTP\/1.1 426 /)
    const bare = { 'Sec-WebSocket-Protocol': tokenProtocol(token) }
    expect(await answerTo(lab.port, handshake(lab.port, bare, '/mirror'))).toMatch(/^HTTP\/1.1 400 /)
  })

  test('an origin or a name that was allowed passes, and what no browser sends is no option', async () => {
    const lab = await startLab({ allowOrigins: ['https://example.org'], allowHosts: ['Box.example'] })
    const echo = tapPort(lab)
    for (const headers of [
      { Origin: 'https://example.org' },
      { Origin: `http://localhost:${lab.port}` }, // the site's pages, from a console
      { Origin: 'https://box.example', Host: 'box.example' },
    ]) {
      expect(await answerTo(echo, `${handshake(echo, headers)}garbage`)).toMatch(/^HTTP\/1.1 101 /)
    }
    await expect(startLab({ allowOrigins: ['https://example.org/path'] })).rejects.toMatchObject({
      sentence: { code: 'server.origin' },
    })
    await expect(startLab({ allowHosts: ['https://box.example'] })).rejects.toMatchObject({
      sentence: { code: 'server.host-name' },
    })
  })

  test('the echo’s own port, behind the tap, answers nobody who came past the tap', async () => {
    const lab = await startLab()
    const { port } = lab.targets()[0]!
    expect(await answerTo(port, handshake(port))).toMatch(/^HTTP\/1.1 403 /)
  })
})

function check(headers: Record<string, string>, rules: Rules, door: Door, status: number | undefined): void {
  expect(guard(flat(headers), rules, door)?.status).toBe(status)
}

function flat(headers: Record<string, string>): string[] {
  return Object.entries(headers).flat()
}
