import { spawnSync } from 'node:child_process'
import { deflateRawSync } from 'node:zlib'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest'
import { launch, looks, openPage, reopen, type Visit } from './pages.ts'

// What goes out of the decoder and comes back: links, files, hostile ones included.
const found = inject('browser')
const url = `${inject('url')}/decoder`

// A few kilobytes that would become four megabytes.
const bomb = deflateRawSync(Buffer.alloc(4 * 1024 * 1024)).toString('base64url')

describe.skipIf(!found)('sharing what the decoder shows', () => {
  let browser: Browser
  let visit: Visit
  let page: Page

  beforeAll(async () => {
    browser = await launch(found!)
    visit = await openPage(browser, looks[0])
    page = visit.page
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  })
  afterAll(() => browser?.close())
  beforeEach(() => open(url))
  afterEach(() => expect(visit.faults).toEqual([]))

  test('a link to a frame of a recording, and to one of its fields', async () => {
    await page
      .getByRole('listbox')
      .getByRole('option', { name: /binary, masked/ })
      .first()
      .click()
    await page.locator('[data-field=maskingKey]').click()
    await share('Copy a link to this')
    await expect.poll(() => page.evaluate(() => location.hash)).toMatch(/^#c=ws-chromium-plain&f=\d+&s=maskingKey$/)

    const title = await page.locator('.unit .title').textContent()
    await open(await page.evaluate(() => location.href))
    await expect.poll(() => page.locator('.unit .title').textContent()).toBe(title)
    await expect.poll(() => page.locator('.explanation h3').textContent()).toMatch(/^Masking key/)
  })

  test('a link to bytes that were pasted', async () => {
    await page.getByLabel('What to show').selectOption('paste')
    await page.getByRole('textbox', { name: 'Bytes as hex' }).fill('89 82 00 00 00 00 68 69')
    await page.getByRole('button', { name: 'Decode' }).click()
    await share('Copy a link to this')
    await expect.poll(() => page.evaluate(() => location.hash)).toMatch(/^#d=[\w-]+&f=0/)
    await open(await page.evaluate(() => location.href))
    await expect.poll(() => page.locator('.problems').textContent()).toMatch(/the key is 0/)
    expect(await page.locator('.unit .title').textContent()).toMatch(/ping, masked, 2 bytes/)
  })

  test.each([
    { name: 'a megabyte', hash: `#d=${'A'.repeat(1_000_000)}` },
    { name: 'no deflate', hash: '#d=AAAA&f=3' },
    { name: 'markup', hash: '#c=<img src=x onerror=alert(1)>&f=<b>&s=<script>' },
    { name: 'a number beyond all frames', hash: '#c=ws-chromium-plain&f=99999&s=__proto__' },
    { name: 'a bomb', hash: `#d=${bomb}` },
  ])('a hostile hash is harmless: $name', async ({ hash }) => {
    await open(url + hash)
    await expect.poll(() => page.locator('.unit h2').textContent()).toBe('Frame 3')
    expect(await page.locator('.workbench img, .workbench script').count()).toBe(0)
  })

  test('a capture is saved as JSON and opened again', async () => {
    const saved = await save('Save the capture as JSON')
    await page.getByLabel('What to show').selectOption('paste')
    await page.locator('summary').click()
    await page.locator('input[type=file]').setInputFiles(saved)
    await expect.poll(() => page.locator('.status').textContent()).toMatch(/opened/)
    expect(await page.locator('.counts').textContent()).toMatch(/14 frames/)
  })

  test('a file that is no capture is refused with the reason', async () => {
    await page.locator('summary').click()
    const file = {
      name: 'x.json',
      mimeType: 'application/json',
      buffer: Buffer.from('{"version":1,"connections":[7]}'),
    }
    await page.locator('input[type=file]').setInputFiles(file)
    await expect
      .poll(() => page.locator('.share p').textContent())
      .toMatch(/connections\[0\]: expected an object, received 7/)
  })

  test('a connection is saved as pcap; tshark finds the frames that the page shows', async ({ skip }) => {
    const saved = await save('Save the connection as pcap')
    const args = ['-r', saved, '-Y', 'websocket', '-T', 'fields', '-e', 'websocket.opcode']
    const { stdout, error } = spawnSync('tshark', args, { encoding: 'utf8' })
    if (error && !process.env.CI) return skip('tshark is not installed')
    const opcodes = stdout.split(/\s|,/).filter((text) => text !== '')
    const shown = await page
      .getByRole('listbox')
      .getByRole('option', { name: /^Frame/ })
      .count()
    expect(opcodes.length, 'frames that tshark finds').toBe(shown)
  })

  test('a frame becomes a check for the lab', async () => {
    await share('Copy it as a check for lab 12')
    await expect.poll(() => page.locator('.share p').textContent()).toMatch(/A check is copied/)
    expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(/^check\('captured-\d+'.*FrameDecoder/s)
  })

  async function open(address: string): Promise<void> {
    expect(visit.faults).toEqual([])
    await reopen(visit, address)
    await page.waitForSelector('.workbench[data-alive]')
  }

  async function share(name: string): Promise<void> {
    await page.locator('summary').click()
    await page.getByRole('button', { name }).click()
  }

  /** @returns the path of the saved file */
  async function save(name: string): Promise<string> {
    const saved = page.waitForEvent('download')
    await share(name)
    const download = await saved
    return download.path()
  }
})
