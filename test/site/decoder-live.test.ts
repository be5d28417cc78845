import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { WebSocket } from 'ws'
import { createLabServer, type LabServer } from '../../workbook/server/lab-server.ts'
import { announceLab } from '../../workbook/server/site-plugin.ts'
import { type Site, startSite } from '../../workbook/site.ts'
import { launch, looks, openPage, overflow } from './pages.ts'

// The decoder of the site as `npm start` serves it, with a lab server beside it.
const found = inject('browser')
const root = fileURLToPath(new URL('../../', import.meta.url))

const experiments: [sender: string, preset: string, did: RegExp][] = [
  ['Raw client', 'client-unmasked', /▼ close 1002.*✓/s],
  ['Raw client', 'client-forty', /▼ text 0.*and 32 more.*✓/s],
  ['Raw client', 'client-byte-by-byte', /▼ text hello.*✓/s],
  ['Raw client', 'client-bad-utf8-cut', /▼ close 1007.*✓/s],
  ['Raw client', 'client-long-form', /▼ text hello.*✓/s],
  ['Raw client', 'client-fin', /▼ FIN.*✓/s],
  ['Server side', 'server-masked', /▲ close 1002 Masked frame from server.*✓.*close 1006, not clean/s],
  ['Server side', 'server-ping-between', /▲ pong p.*✓.*message “Hello”/s],
  ['Server side', 'server-bad-utf8', /▲ close 1002 Invalid UTF-8.*✓/s],
  ['Server side', 'server-rst', /RST.*✓.*close 1006/s],
]

describe.skipIf(!found)('the decoder with a lab server', () => {
  let browser: Browser
  let lab: LabServer
  let site: Site

  beforeAll(async () => {
    lab = await createLabServer({ port: 0, log: () => {} })
    lab.attach('/grade', () => {})
    announceLab(lab)
    site = await startSite({ root, port: 0, host: '127.0.0.1', say: () => {} })
    lab.allowSite(site.port)
    browser = await launch(found!)
  })
  afterAll(async () => {
    await browser?.close()
    await site?.close()
    await lab?.close()
    announceLab(undefined)
  })

  test('hello goes out masked and comes back unmasked', async () => {
    const { page, faults, close } = await openPage(browser, looks[0])
    await page.goto(`${site.address}/decoder`)
    await expect.poll(() => page.locator('.status').textContent(), { timeout: 30_000 }).toMatch(/live/)
    await page.getByLabel('Text to send').fill('hello')
    await page.getByRole('button', { name: 'Send ▲' }).click()

    const frames = page.getByRole('listbox').locator('[data-kind=text]')
    await expect.poll(() => frames.count(), { timeout: 10_000 }).toBeGreaterThanOrEqual(2)
    const sent = page.getByRole('listbox').getByRole('option', { selected: true })
    await expect
      .poll(() => sent.getAttribute('aria-label'), { timeout: 10_000 })
      .toMatch(/client to server, text, masked, 5 bytes of payload/)
    const bits = page.locator('.bit-grid').getByRole('button')
    expect(await bits.evaluateAll((all) => all.map((one) => one.getAttribute('aria-label')?.split(',')[0]))).toEqual([
      'FIN',
      'RSV1',
      'RSV2',
      'RSV3',
      'opcode',
      'MASK',
      'Payload len',
      'Masking key',
      'Payload data',
    ])

    await page.getByRole('button', { name: 'Frame after' }).click()
    await expect
      .poll(() => page.locator('.unit .title').textContent())
      .toMatch(/server to client.*text, unmasked, 5 bytes/s)
    const hex = await page.locator('.hex-view .hex .digits').textContent()
    expect(hex).toBe('81 05 68 65 6c 6c 6f')
    expect(await overflow(page)).toBe(0)
    expect(faults).toEqual([])
    await close()
  })

  test('a chapter: the pills become the reader’s own frames', async () => {
    const { page, faults, close } = await openPage(browser, looks[0])
    await page.goto(`${site.address}/ws-frames`)
    const decoder = page.locator('.frame-decoder').first()
    await decoder.getByRole('button', { name: 'Send ▲' }).click({ timeout: 30_000 })
    await expect.poll(() => decoder.locator('.pills').textContent(), { timeout: 10_000 }).toMatch(/▲ text\s*▼ text/)
    await expect.poll(() => decoder.locator('caption').textContent()).toMatch(/client to server: text, masked, 5 bytes/)
    expect(faults).toEqual([])
    await close()
  })

  test('broken on purpose: what must happen, and what did, at both ends', async () => {
    const { page, faults, close } = await openPage(browser, looks[0])
    await page.goto(`${site.address}/decoder`)
    await expect.poll(() => page.locator('.status').textContent(), { timeout: 30_000 }).toMatch(/live/)
    const result = page.getByRole('status', { name: 'What happened' })
    for (const [sender, id, did] of experiments) {
      await page.getByRole('button', { name: sender }).click()
      await page.getByRole('button', { name: 'Broken…' }).click()
      await page.getByLabel('What to break').selectOption(id)
      await page.getByRole('button', { name: /^Send/ }).click()
      await expect.poll(() => result.textContent().catch(() => ''), { timeout: 10_000, message: id }).toMatch(did)
    }
    // Chromium says on the console why it failed a connection; that is what was asked for.
    expect(faults.filter((fault) => !fault.includes('WebSocket connection to'))).toEqual([])
    await close()
  })

  test('a browser is answered with a wrong Accept, and with a right one', async () => {
    const { page, close } = await openPage(browser, looks[0])
    await page.goto(`${site.address}/decoder`)
    await expect.poll(() => page.locator('.status').textContent(), { timeout: 30_000 }).toMatch(/live/)
    await page.getByLabel('What to show').selectOption('live:silence')
    await page.getByRole('button', { name: 'Server side' }).click()
    await page.getByRole('button', { name: 'Broken…' }).click()
    const result = page.getByRole('status', { name: 'What happened' })
    await page.getByLabel('What to break').selectOption('answer-wrong-accept')
    await page.getByRole('button', { name: /^Send/ }).click()
    await expect.poll(() => result.textContent().catch(() => ''), { timeout: 10_000 }).toMatch(/▲ FIN.*✓.*close 1006/s)
    await page.getByLabel('What to break').selectOption('answer-right')
    await page.getByRole('button', { name: /^Send/ }).click()
    await expect
      .poll(() => result.textContent().catch(() => ''), { timeout: 10_000 })
      .toMatch(/✓.*open; message “hello”/s)
    await close()
  })

  test('10,000 frames: all counted, few of them in the page', async () => {
    const { page, close } = await openPage(browser, looks[0])
    const sockets: string[] = []
    page.on('websocket', (socket) => sockets.push(socket.url()))
    await page.goto(`${site.address}/decoder`)
    await expect.poll(() => page.locator('.status').textContent(), { timeout: 30_000 }).toMatch(/live/)
    await page.getByRole('button', { name: 'Clear' }).click()
    const tap = new URL(sockets.find((address) => address.includes('page='))!).origin
    await echoed(tap, 5000)
    await expect.poll(() => page.locator('.counts').textContent(), { timeout: 20_000 }).toMatch(/10,00[012] frames/)
    expect(await page.evaluate(() => document.querySelectorAll('.frame-list *').length)).toBeLessThan(600)
    await close()
  })

  test('pause holds what comes, and shows it later', async () => {
    const { page, close } = await openPage(browser, looks[0])
    await page.goto(`${site.address}/decoder`)
    await expect.poll(() => page.locator('.status').textContent(), { timeout: 30_000 }).toMatch(/live/)
    await page.getByRole('button', { name: 'Clear' }).click()
    await page.getByRole('button', { name: 'Pause' }).click()
    await page.getByRole('button', { name: 'Send ▲' }).click()
    await expect.poll(() => page.locator('.actions').textContent()).toMatch(/Go on \(2 new\)/)
    expect(await page.getByRole('listbox').getByRole('option').count()).toBe(0)
    await page.getByRole('button', { name: /Go on/ }).click()
    await expect.poll(() => page.getByRole('listbox').getByRole('option').count()).toBeGreaterThanOrEqual(2)
    await close()
  })
})

/** Sends so many messages through a tap, and waits until each has come back. */
async function echoed(address: string, count: number): Promise<void> {
  const socket = new WebSocket(address)
  await once(socket, 'open')
  let back = 0
  const all = new Promise<void>((resolve) => {
    socket.on('message', () => {
      if (++back === count) resolve()
    })
  })
  for (let i = 0; i < count; i++) socket.send(`message number ${i}`)
  await all
  socket.close()
}
