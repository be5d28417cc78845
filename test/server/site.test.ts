import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { Front } from '../../workbook/server/front.ts'
import { limits } from '../../workbook/server/limits.ts'
import { Pages } from '../../workbook/server/pages.ts'
import { StreamSocket } from '../../workbook/view/stream-socket.ts'
import { mirrorProtocol, tokenProtocol } from '../../workbook/wire/formats/mirror-messages.ts'
import { answerTo, handshake, originOf, Page, request, startLab, startTarget, within } from './support.ts'

/** Built pages in a folder: an index, a page, a part of it, and the rest that a build has. */
function builtPages(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'wirebook-pages-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  mkdirSync(join(folder, 'assets'))
  const files = {
    'index.html': name,
    'page.html': `${name}'s page`,
    '404.html': 'nothing here',
    [`assets/${name}.js`]: '1',
  }
  for (const [file, text] of Object.entries({ ...files, 'policy.txt': "default-src 'self'\n" })) {
    writeFileSync(join(folder, file), text)
  }
  return folder
}

const get = async (port: number, target: string, headers: Record<string, string> = {}) => {
  const response = await fetch(`http://127.0.0.1:${port}${target}`, { headers })
  return { status: response.status, headers: response.headers, text: await response.text() }
}

test('pages come with their own policy, with a name without .html, and no part of them', async () => {
  const pages = new Pages()
  pages.use(builtPages('first'))
  const { port } = await startLab({ pages })
  const page = await get(port, '/page', { Range: 'bytes=0-1' })
  expect(page).toMatchObject({ status: 200, text: "first's page" })
  const want = {
    'content-security-policy': "default-src 'self'; frame-ancestors 'none'",
    'x-frame-options': 'DENY',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'cache-control': 'no-cache',
  }
  for (const [header, value] of Object.entries(want)) expect(page.headers.get(header), header).toBe(value)
  expect((await get(port, '/assets/first.js')).headers.get('cache-control')).toContain('immutable')
  for (const target of ['/nowhere', '/policy', '/../package.json', '/%2e%2e/package.json', '/%']) {
    const missing = await get(port, target)
    expect(missing.status === 404 ? missing.text : missing.status, target).toBe('nothing here')
    expect(missing.headers.get('x-frame-options')).toBe('DENY')
  }
})

test('pages that are built while they are served: a word, then the pages; parts of the old ones stay', async () => {
  const pages = new Pages()
  const { port } = await startLab({ pages })
  const waiting = await get(port, '/')
  expect(waiting.status).toBe(503)
  expect(waiting.headers.get('refresh')).toBe('2')
  expect(waiting.text).toContain('The pages are being built.')
  pages.failed('They <do> not build.')
  expect((await get(port, '/')).text).toContain('They &#60;do&#62; not build.')
  pages.use(builtPages('first'))
  pages.use(builtPages('second'))
  expect((await get(port, '/')).text).toBe('second')
  expect((await get(port, '/assets/first.js')).status).toBe(200)
})

test('a page that is deleted while it is served ends its own request, and nothing else', async () => {
  const pages = new Pages()
  const folder = builtPages('first')
  pages.use(folder)
  const { port } = await startLab({ pages })
  let lost = 0
  pages.whenLost(() => lost++)
  rmSync(join(folder, 'page.html'))
  await expect(get(port, '/page')).rejects.toThrow()
  expect(lost).toBe(1)
  expect((await get(port, '/')).text).toBe('first')
})

test('a page learns port and token, nobody else does, and nothing may keep them', async () => {
  const { port, token } = await startLab()
  const told = await get(port, '/__lab.json', { 'sec-fetch-site': 'same-origin' })
  expect(JSON.parse(told.text)).toEqual({ port, token, version: 1 })
  expect(told.headers.get('cache-control')).toBe('no-store')
  expect(told.headers.get('access-control-allow-origin')).toBeNull()
  for (const changed of [
    { Host: 'rebind.test' },
    { Origin: 'null' },
    { Origin: 'http://localhost:3000' },
    { 'Sec-Fetch-Site': 'same-site' },
  ]) {
    const answer = await answerTo(
      port,
      request(port, { Origin: undefined, Connection: 'close', ...changed }, '/__lab.json'),
    )
    expect(answer).toMatch(/^HTTP\/1.1 403 /)
    expect(answer).not.toContain(token)
  }
})

test.each([
  { name: 'another local port', host: 'localhost:15173', origin: 'http://localhost:15173', allowHosts: [] },
  { name: 'an https name, Host kept', host: 'box.example', origin: 'https://box.example', allowHosts: ['box.example'] },
  { name: 'an https name, Host rewritten', host: '', origin: 'https://box.example', allowHosts: ['box.example'] },
])('a forward carries everything: $name', async ({ host, origin, allowHosts }) => {
  const lab = await startLab({ allowHosts, token: 'a'.repeat(32) })
  const Host = host || `localhost:${lab.port}`
  const asked = request(lab.port, { Host, Origin: undefined, Connection: 'close' }, '/__lab.json')
  expect(await answerTo(lab.port, asked)).toContain(lab.token)
  const open = (path: string, protocols: string[]) => {
    const socket = new WebSocket(`ws://127.0.0.1:${lab.port}${path}`, protocols, { origin, headers: { Host } })
    onTestFinished(() => socket.terminate())
    return socket
  }
  const mirror = open('/mirror', [mirrorProtocol, tokenProtocol(lab.token)])
  expect(String((await within(once(mirror, 'message'), 'hello'))[0])).toContain('"type":"hello"')
  const echo = open('/?wirebook=echo.mark', [])
  await within(once(echo, 'open'), 'the echo')
  echo.send('through the one port')
  expect(String((await within(once(echo, 'message'), 'the echo’s answer'))[0])).toBe('through the one port')
})

test('a handshake to a target through the site reaches it as it came, and its tap records it', async () => {
  const arrived: Buffer[] = []
  const target = await startTarget((socket) => socket.on('data', (bytes) => arrived.push(bytes)), 'websocket')
  const lab = await startLab({ targets: [target] })
  const page = await Page.open(lab)
  await page.ask({ type: 'watch', target: 'target' })
  const head = handshake(lab.port, { 'X-Odd': 'ÿ' }, '/chat?a=1&wirebook=target.mark')
  const answered = answerTo(lab.port, `${head}more`)
  await page.until(() => page.bytes('c2s').length >= head.length + 4, 'the bytes')
  expect(page.bytes('c2s').toString('latin1')).toBe(`${Buffer.from(head).toString('latin1')}more`)
  await expect.poll(() => Buffer.concat(arrived)).toEqual(page.bytes('c2s'))
  await lab.close()
  await answered.catch(() => '') // it ends with the server
})

test('a channel works without a WebSocket: commands go in order, and what was said comes whole', async () => {
  const lab = await startLab()
  const heard: string[] = []
  const over = new Promise<void>((resolve) =>
    lab.attach('/grade', (channel) => {
      channel.onMessage((text) => void heard.push(text!))
      channel.onClose(resolve)
      channel.send('é'.repeat(100_000))
      channel.send(Uint8Array.of(1, 2, 3))
    }),
  )
  // Node sends no Origin, which a browser always does.
  const asPage = (url: string, options: RequestInit) =>
    fetch(url, { ...options, headers: { ...(options.headers as Record<string, string>), Origin: originOf(lab.port) } })
  const socket = new StreamSocket(`${originOf(lab.port)}/grade`, lab.token, asPage)
  const said: unknown[] = []
  await within(
    new Promise<void>((resolve) => {
      socket.onmessage = ({ data }) => void (said.push(data) === 2 && resolve())
    }),
    'two messages',
  )
  expect(said[0]).toBe('é'.repeat(100_000))
  expect(new Uint8Array(said[1] as ArrayBuffer)).toEqual(Uint8Array.of(1, 2, 3))
  for (let i = 0; i < 20; i++) socket.send(String(i))
  await within(expect.poll(() => heard.length, { timeout: 5000 }).toBe(20), 'twenty commands')
  expect(heard).toEqual(Array.from({ length: 20 }, (_, i) => String(i)))
  socket.close()
  await within(over, 'the channel to end')
})

test('both addresses of localhost are ours, and a port that is taken on one of them is taken', async () => {
  const options = { host: 'localhost', limits, onRequest: () => {}, onUpgrade: () => {} }
  const taken = createServer().listen(0, '::1')
  await once(taken, 'listening')
  onTestFinished(() => void taken.close())
  const { port } = taken.address() as { port: number }
  const front = await Front.listen({ ...options, port })
  onTestFinished(() => front.close())
  expect(front).toMatchObject({ passedOver: 'taken' })
  expect(front.port).not.toBe(port)
  const second = await Front.listen({ ...options, port: front.port })
  onTestFinished(() => second.close())
  expect(second.port).not.toBe(front.port)
  await expect(Front.listen({ ...options, port: 0, host: '192.0.2.1' })).rejects.toMatchObject({
    sentence: { code: 'server.no-address', values: { host: '192.0.2.1', code: 'EADDRNOTAVAIL' } },
  })
})
