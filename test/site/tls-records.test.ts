import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { connect, type Server } from 'node:tls'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { type Certificates, makeCertificates } from '../../solutions/09-tls-echo/certificates.ts'
import { createTlsEcho } from '../../solutions/09-tls-echo/server.ts'
import { createLabServer, type LabServer } from '../../workbook/server/lab-server.ts'
import { alive, launch, looks, openPage, overflow, reopen, violations } from './pages.ts'

// The records of chapter 09: a recording, until a client has gone through the tap of the reader's own server.
const found = inject('browser')
const site = inject('url')

describe.skipIf(!found)('TLS records', () => {
  let browser: Browser
  let lab: LabServer
  let server: Server
  let made: Certificates

  beforeAll(async () => {
    made = await makeCertificates()
    server = createTlsEcho(made.localhost).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const plan = { id: '09-tls-echo', label: 'Lab 09: tls-echo', kind: 'tls' as const, port }
    ;[lab, browser] = await Promise.all([
      createLabServer({ port: 0, labs: [plan], allowOrigins: [site] }),
      launch(found!),
    ])
    lab.attach('/grade', () => {})
  })
  afterAll(async () => {
    await browser?.close()
    await lab?.close()
    server?.close()
  })

  test('recorded, without a lab server', async () => {
    const { page, faults, close } = await openPage(browser, looks[0])
    await page.goto(`${site}/tls-echo`)
    const records = page.locator('.records')
    await records.getByText('npm start').waitFor()
    await records.getByRole('row', { name: /client to server 22 03 01 \d+ client_hello/ }).waitFor()
    await alive(records)
    await records.getByRole('button', { name: 'TLS 1.2, OpenSSL' }).click()
    await records.getByRole('row', { name: /server to client 22 03 03 \d+ certificate/ }).waitFor()
    expect(await records.getByRole('button', { name: /live/ }).count()).toBe(0)
    expect(faults).toEqual([])
    await close()
  })

  test('live, through the tap', async () => {
    const visit = await openPage(browser, looks[0])
    const { page, faults, close } = visit
    await reopen(visit, `${site}/tls-echo#lab=${lab.port}&token=${lab.token}`)
    const records = page.locator('.records')
    const tap = lab.targets().find(({ id }) => id === '09-tls-echo')!.tapPort
    await records.getByText(`client.ts ${tap} localhost`).waitFor()

    await visitTap(tap, 'localhost')
    await records.getByRole('button', { name: 'Lab 09: tls-echo, live', pressed: true }).waitFor()
    await records.getByRole('row', { name: /client to server 22 03 01 \d+ client_hello/ }).waitFor()
    await records.getByRole('row', { name: /server name localhost –/ }).waitFor()
    await records.getByRole('row', { name: /protocols \(ALPN\) h2, echo/ }).waitFor()

    // The newest connection is shown, though not in place of what the reader has chosen.
    await visitTap(tap, 'other.test')
    await records.getByRole('row', { name: /server name other\.test/ }).waitFor()
    await records.getByRole('button', { name: 'TLS 1.3, curl' }).click()
    await visitTap(tap, 'third.test')
    await records.getByRole('row', { name: /server name localhost/ }).waitFor()
    await records.getByRole('button', { name: 'Lab 09: tls-echo, live' }).click()
    await records.getByRole('row', { name: /server name third\.test/ }).waitFor()

    for (const { name, viewport, colorScheme } of looks) {
      await page.setViewportSize(viewport)
      await page.emulateMedia({ colorScheme })
      expect(await violations(page, 'all', '.records'), name).toEqual([])
      expect(await overflow(page), `pixels to scroll sideways, ${name}`).toBe(0)
    }
    expect(faults).toEqual([])
    await close()
  })

  /** A handshake and a good-bye through the tap. */
  async function visitTap(port: number, servername: string): Promise<void> {
    const options = { host: '127.0.0.1', port, servername, ca: made.authority, ALPNProtocols: ['h2', 'echo'] }
    const socket = connect({ ...options, checkServerIdentity: () => undefined })
    await once(socket, 'secureConnect')
    socket.resume().end()
    await once(socket, 'close')
  }
})
