import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { get, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeCertificates } from '../../solutions/09-tls-echo/certificates.ts'
import { createFileServer } from '../../solutions/10-https-files/server.ts'
import { file, rangeAnswers } from '../../workbook/view/range-answers.ts'

// The picture of chapter 10 shows what its server answers.
const folder = mkdtempSync(join(tmpdir(), 'wirebook-'))
let server: Server
let ca: string

beforeAll(async () => {
  writeFileSync(join(folder, 'hello.txt'), file)
  const { authority, localhost } = await makeCertificates()
  ca = authority
  server = createFileServer(folder, localhost).listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterAll(() => {
  server.close()
  rmSync(folder, { recursive: true, force: true })
})

test.each(rangeAnswers)('$range: $status', async ({ range, status, start, end }) => {
  const { port } = server.address() as AddressInfo
  const request = get({ port, host: '127.0.0.1', path: '/hello.txt', headers: { range }, ca, agent: false })
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  const body = await text(response)
  expect(response.statusCode).toBe(status)
  if (start !== undefined && end !== undefined) expect(body).toBe(file.slice(start, end + 1))
  const contentRange = { 200: undefined, 206: `bytes ${start}-${end}/12`, 416: 'bytes */12' }[status]
  expect(response.headers['content-range']).toBe(contentRange)
})
