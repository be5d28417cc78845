import { createServer, type IncomingMessage, ServerResponse } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { announceLab, answerLabAddress, onlyOurPages } from '../../workbook/site/lab-address-plugin.ts'
import { answerTo, listen, request } from './support.ts'

/** A site whose every address answers with that of the lab server. */
async function startSite(): Promise<number> {
  onTestFinished(() => announceLab(undefined))
  return listen(createServer(answerLabAddress))
}

test('a page of the site gets port, token and version', async () => {
  const site = await startSite()
  announceLab({ port: 7070, token: 'abc' })
  const answer = await ask(site, { 'Sec-Fetch-Site': 'same-origin' })
  expect(answer).toMatch(/^HTTP\/1.1 200 OK\r\n/)
  expect(answer).toContain('{"port":7070,"token":"abc","version":1}')
  expect(answer).toContain('Cache-Control: no-store\r\n')
  expect(answer).toContain('X-Content-Type-Options: nosniff\r\n')
  expect(answer).not.toContain('Access-Control')
})

test('without a lab server there is nothing to find', async () => {
  expect(await ask(await startSite(), {})).toMatch(/^HTTP\/1.1 404 /)
})

test.each([
  { name: 'a foreign Host', headers: { Host: 'rebind.test' } },
  { name: 'a foreign Origin', headers: { Origin: 'http://evil.test' } },
  { name: 'another port of localhost', headers: { Origin: 'http://localhost:3000' } },
  { name: 'a null Origin', headers: { Origin: 'null' } },
  { name: 'a script of a foreign page', headers: { 'Sec-Fetch-Site': 'cross-site' } },
  { name: 'a page of another port', headers: { 'Sec-Fetch-Site': 'same-site' } },
])('$name gets no token', async ({ headers }) => {
  const site = await startSite()
  announceLab({ port: 7070, token: 'abc' })
  const answer = await ask(site, headers)
  expect(answer).toMatch(/^HTTP\/1.1 403 /)
  expect(answer).not.toContain('abc')
})

test('no foreign page opens a file in the editor', async () => {
  const site = await listen(
    createServer((asked, response) => onlyOurPages(asked, response, () => void response.end('opened'))),
  )
  expect(await ask(site, { 'Sec-Fetch-Site': 'same-origin' })).toContain('opened')
  expect(await ask(site, { 'Sec-Fetch-Site': 'cross-site' })).toMatch(/^HTTP\/1.1 403 /)
  expect(await ask(site, { Host: 'rebind.test' })).toMatch(/^HTTP\/1.1 403 /)
})

function ask(site: number, headers: Record<string, string | undefined>): Promise<string> {
  return answerTo(site, request(site, { Origin: undefined, Connection: 'close', ...headers }, '/__lab.json'))
}

test('another machine gets no token, whatever it says', () => {
  const socket = { localPort: 5173, remoteAddress: '192.0.2.7' }
  const asked = { method: 'GET', rawHeaders: ['Host', 'localhost:5173'], socket } as unknown as IncomingMessage
  const response = new ServerResponse(asked)
  announceLab({ port: 7070, token: 'abc' })
  onTestFinished(() => announceLab(undefined))
  answerLabAddress(asked, response)
  expect(response.statusCode).toBe(403)
})
