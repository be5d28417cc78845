import { once } from 'node:events'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest'
import { WebSocket } from 'ws'
import { createLabServer, type LabServer } from '../../workbook/server/lab-server.ts'
import { launch, looks, openPage, overflow, reopen, type Visit } from './pages.ts'

// The decoder of the built site with a lab server beside it, found by the link that `workbook/server/main.ts` prints.
// (How `npm start` serves it is in live.test.ts.)
const found = inject('browser')
const site = inject('url')

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
  let visit: Visit
  let page: Page

  beforeAll(async () => {
    lab = await createLabServer({ port: 0, allowOrigins: [site] })
    lab.attach('/grade', () => {})
    browser = await launch(found!)
    visit = await openPage(browser, looks[0])
    page = visit.page
    await reopen(visit, `${site}/decoder#lab=${lab.port}&token=${lab.token}`)
    // Left earlier, the page would not have read its address yet.
    await page.locator('.status').filter({ hasText: 'live' }).waitFor()
  })
  afterAll(async () => {
    await browser?.close()
    await lab?.close()
  })
  beforeEach(async () => {
    await reopen(visit, `${site}/decoder`)
    await says('.status', /live/)
  })

  test('the token of the link is out of the address, and this tab knows it', async () => {
    await reopen(visit, `${site}/decoder#lab=${lab.port}&token=${lab.token}&c=hello-echo-close`)
    await says('.status', /recording/)
    await expect.poll(() => page.evaluate(() => location.hash)).toBe('#c=hello-echo-close')
  })

  test('hello goes out masked and comes back unmasked', async () => {
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
    await says('.unit .title', /server to client.*text, unmasked, 5 bytes/s)
    const hex = await page.locator('.hex-view .hex .digits').textContent()
    expect(hex).toBe('81 05 68 65 6c 6c 6f')
    expect(await overflow(page)).toBe(0)
    expect(visit.faults).toEqual([])
  })

  test('a chapter: the pills become the reader’s own frames', async () => {
    await reopen(visit, `${site}/ws-frames`)
    const decoder = page.locator('.frame-decoder').first()
    await decoder.getByRole('button', { name: 'Send ▲' }).click({ timeout: 30_000 })
    await expect.poll(() => decoder.locator('.pills').textContent(), { timeout: 10_000 }).toMatch(/▲ text\s*▼ text/)
    await expect.poll(() => decoder.locator('caption').textContent()).toMatch(/client to server: text, masked, 5 bytes/)
    expect(visit.faults).toEqual([])
  })

  test('broken on purpose: what must happen, and what did, at both ends', async () => {
    for (const [sender, id, did] of experiments) {
      await page.getByRole('button', { name: sender }).click()
      await page.getByRole('button', { name: 'Broken…' }).click()
      await page.getByLabel('What to break').selectOption(id)
      await page.getByRole('button', { name: /^Send/ }).click()
      await happens(did, id)
    }
    // Chromium says on the console why it failed a connection; that is what was asked for.
    expect(visit.faults.filter((fault) => !fault.includes('WebSocket connection to'))).toEqual([])
  })

  test('a browser is answered with a wrong Accept, and with a right one', async () => {
    await page.getByLabel('What to show').selectOption('live:silence')
    await page.getByRole('button', { name: 'Server side' }).click()
    await page.getByRole('button', { name: 'Broken…' }).click()
    await page.getByLabel('What to break').selectOption('answer-wrong-accept')
    await page.getByRole('button', { name: /^Send/ }).click()
    await happens(/▲ FIN.*✓.*close 1006/s)
    await page.getByLabel('What to break').selectOption('answer-right')
    await page.getByRole('button', { name: /^Send/ }).click()
    await happens(/✓.*open; message “hello”/s)
  })

  test('10,000 frames: all counted, few of them in the page', async () => {
    await page.getByRole('button', { name: 'Clear' }).click()
    await echoed(`ws://127.0.0.1:${lab.targets()[0]!.tapPort}`, 5000)
    await says('.counts', /10,00[012] frames/)
    expect(await page.evaluate(() => document.querySelectorAll('.frame-list *').length)).toBeLessThan(600)
  })

  test('pause holds what comes, and shows it later; what is cleared is known all the same', async () => {
    await page.getByRole('button', { name: 'Clear' }).click()
    await page.getByRole('button', { name: 'Pause' }).click()
    await page.getByRole('button', { name: 'Send ▲' }).click()
    await says('.actions', /Go on \(2 new\)/)
    expect(await page.getByRole('listbox').getByRole('option').count()).toBe(0)
    await page.getByRole('button', { name: /Go on/ }).click()
    await expect.poll(() => page.getByRole('listbox').locator('[data-kind=text]').count()).toBe(2)
  })

  /** Waits until an element says it. */
  async function says(selector: string, wanted: RegExp): Promise<void> {
    const element = page.locator(selector).first()
    await expect.poll(() => element.textContent({ timeout: 100 }).catch(() => ''), { timeout: 20_000 }).toMatch(wanted)
  }

  /** Waits for the result of an experiment. */
  async function happens(did: RegExp, message?: string): Promise<void> {
    const result = page.getByRole('status', { name: 'What happened' })
    await expect.poll(() => result.textContent().catch(() => ''), { timeout: 10_000, message }).toMatch(did)
  }
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
