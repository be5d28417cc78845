import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { CDPSession, Page } from 'playwright-core'
import { WebSocket } from 'ws'
import { findBrowser } from '../../test/site/browser.ts'
import { launch } from '../../test/site/pages.ts'
import { serveFolder } from '../../test/site/serve.ts'
import { createLabServer } from '../../workbook/server/lab-server.ts'
import { BuiltPages } from '../../workbook/site/built-pages.ts'
import { writeRecording } from '../../workbook/wire/formats/recording.ts'
import type { Chunk } from '../../workbook/wire/model/chunk.ts'
import type { Bench, Contender, Cost, Start } from '../bench.ts'
import { inChild } from '../contender.ts'
import { handshake } from '../handshake.ts'

// What the decoder costs the browser that shows it: the real page, built, in headless Chromium.

const root = fileURLToPath(new URL('../../', import.meta.url))
const MiB = 1024 * 1024
const frames = 10_000

export const contenders = {
  list: () => opened('rows in sight', many, remountList),
  allRows: () =>
    opened('all rows', many, remountList, '.frame-list { max-height: none !important; flex: none !important }'),
  hex: () => opened('rows in sight', large, remountHex),
  pre: () => opened('one <pre>', large, remountPre),
  listElements: () => opened('the list', many, (page) => elements(page, '.frame-list')),
  hexElements: () => opened('the hex view', large, hexElements),
  scroll: () => opened('120 steps', many, scroll),
  select: () => opened('a click', large, select),
  live,
}

const run = (name: keyof typeof contenders): Start => inChild(import.meta.url, name, null)

export default {
  title: 'the decoder in Chromium',
  unit: "ms of CPU of the page's thread, or what the row says",
  comparisons: [
    { name: '10,000 frames listed', own: run('list'), peer: run('allRows'), gate: { cheaper: 30 }, rounds: 3 },
    { name: '1 MiB as hex', own: run('hex'), peer: run('pre'), gate: { cheaper: 25 }, rounds: 5 },
    below('elements, 10,000 frames', 'listElements', 300),
    below('elements, 1 MiB as hex', 'hexElements', 1500),
    below('ms between two images, scrolling', 'scroll', 1000 / 30),
    below('ms until a frame of 1 MiB is shown', 'select', 100),
    below('% busy at 5,000 frames/s', 'live', 50),
  ].map((comparison) => ({ ...comparison, skip })),
} satisfies Bench

/** Ours against a number. */
function below(name: string, own: keyof typeof contenders, limit: number) {
  const peer = () => ({ name: 'the limit', round: () => ({ cost: limit }) })
  return { name, own: run(own), peer, gate: { cheaper: 1 }, rounds: 5 }
}

let built: Promise<string> | undefined

/** Builds the site that all contenders open, on a machine with a browser. */
async function skip(): Promise<string | undefined> {
  if (!(await browserHere())) return 'no browser is installed'
  built ??= new BuiltPages(root).build()
  await built
  return undefined
}

function browserHere() {
  return findBrowser({ env: process.env, platform: process.platform, arch: process.arch, root })
}

interface Opened {
  page: Page
  url: string
  /** CPU time of the page's main thread so far, in milliseconds */
  cpu(): Promise<number>
}

async function openDecoder(hash = ''): Promise<Opened> {
  const { url } = await serveFolder(new BuiltPages(root).newest()!)
  const browser = await launch((await browserHere())!)
  process.once('SIGTERM', () => browser.close().then(() => process.exit()))
  const page = await browser.newPage({ viewport: { width: 1360, height: 900 } })
  page.setDefaultTimeout(10_000)
  await page.goto(`${url}/decoder${hash}`)
  await page.locator('[data-alive]').waitFor()
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  return { page, url, cpu: () => taskTime(session) }
}

async function taskTime(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics')
  return metrics.find(({ name }) => name === 'TaskDuration')!.value * 1000
}

type Round = (page: Page, cpu: Opened['cpu']) => Promise<Cost>

/** The page with a capture opened in it, as the button "Open a file" does. */
async function opened(name: string, capture: () => Chunk[], round: Round, css?: string): Promise<Contender> {
  const { page, cpu } = await openDecoder()
  if (css) await page.addStyleTag({ content: css })
  const note = 'for a bench'
  const json = writeRecording({
    client: 'a client',
    server: 'a server',
    protocol: 'websocket',
    note,
    connections: [capture()],
  })
  const file = { name: 'bench.json', mimeType: 'application/json', buffer: Buffer.from(json) }
  await page.getByLabel('What to show').selectOption('paste')
  await page.locator('input[type=file]').setInputFiles(file)
  await page.locator('.counts').getByText('frames').waitFor()
  return { name, round: () => round(page, cpu) }
}

/** Handshake, then text frames of the server, ten to a chunk. */
function many(): Chunk[] {
  const frame = (i: number) => Buffer.from([0x81, 16, ...Buffer.from(`message no ${i}`.padEnd(16, '.'))])
  return capture(
    Array.from({ length: frames / 10 }, (_, i) =>
      Buffer.concat(Array.from({ length: 10 }, (_, j) => frame(i * 10 + j))),
    ),
  )
}

/** One frame of 1 MiB, and a small one. */
function large(): Chunk[] {
  const header = Buffer.from([0x82, 127, 0, 0, 0, 0, 0, 0x10, 0, 0])
  return capture([Buffer.concat([header, Buffer.alloc(MiB, 'wire')]), Buffer.from([0x81, 2, 0x68, 0x69])])
}

/** A handshake, and what the server sends after it, one chunk after another. */
function capture(pieces: Buffer[]): Chunk[] {
  const sent = pieces.map(
    (bytes, i): Chunk => ({ connection: 1, direction: 's2c', sequence: i + 2, time: 100 + i, bytes }),
  )
  return [...handshake(), ...sent]
}

/** CPU until the page is drawn after `change`. */
async function costOf(page: Page, cpu: Opened['cpu'], change: () => Promise<unknown>): Promise<Cost> {
  const before = await cpu()
  await change()
  await drawn(page)
  return { cost: (await cpu()) - before }
}

const drawn = (page: Page) =>
  page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))))

async function remountList(page: Page, cpu: Opened['cpu']): Promise<Cost> {
  await page.getByRole('button', { name: /^Problems/ }).click()
  return costOf(page, cpu, () => page.getByRole('button', { name: 'Frames', exact: true }).click())
}

function chooseLarge(page: Page): Promise<void> {
  return page
    .getByRole('listbox')
    .getByRole('option', { name: /1,048,576 bytes of payload/ })
    .click()
}

/** Under "Length" the bytes of a frame are not shown. */
async function remountHex(page: Page, cpu: Opened['cpu']): Promise<Cost> {
  await page
    .getByRole('listbox')
    .getByRole('option', { name: /1,048,576 bytes of payload/ })
    .click()
  await page.getByRole('button', { name: 'Length', exact: true }).click()
  return costOf(page, cpu, () => page.getByRole('button', { name: 'Table', exact: true }).click())
}

/** The same bytes as text in one element, as most viewers show them. */
function remountPre(page: Page, cpu: Opened['cpu']): Promise<Cost> {
  return costOf(page, cpu, () =>
    page.evaluate((length) => {
      document.querySelector('#bench')?.remove()
      const bytes = new Uint8Array(length).fill(0x77)
      const lines: string[] = []
      for (let at = 0; at < length; at += 16) {
        const row = [...bytes.subarray(at, at + 16)]
        const hex = row.map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
        lines.push(`${at.toString(16).padStart(4, '0')} ${hex} ${String.fromCharCode(...row)}`)
      }
      const pre = Object.assign(document.createElement('pre'), { id: 'bench', textContent: lines.join('\n') })
      pre.style.cssText = 'max-height: 290px; overflow: auto'
      document.querySelector('.workbench')!.append(pre)
    }, MiB),
  )
}

async function hexElements(page: Page): Promise<Cost> {
  await chooseLarge(page)
  return elements(page, '.hex-view')
}

async function elements(page: Page, selector: string): Promise<Cost> {
  return { cost: await page.locator(`${selector} *`).count() }
}

/** Ten rows further with each image: the time between two of them, which 19 of 20 keep. A task of 50 ms is too long. */
async function scroll(page: Page): Promise<Cost> {
  const { between, tooLong } = await page.evaluate(async () => {
    const list = document.querySelector('.frame-list')!
    list.scrollTop = 0
    let tooLong = 0
    const observer = new PerformanceObserver((entries) => {
      tooLong += entries.getEntries().length
    })
    observer.observe({ type: 'longtask' })
    const between: number[] = []
    let last = performance.now()
    // No function with a name of its own: tsx marks them with a helper that the page does not have.
    for (let i = 0; i <= 120; i++) {
      const now = await new Promise<number>((resolve) => requestAnimationFrame(resolve))
      if (i > 0) between.push(now - last)
      last = now
      list.scrollTop += 300
    }
    observer.disconnect()
    return { between: between.sort((a, b) => a - b), tooLong }
  })
  return { cost: tooLong > 0 ? Number.POSITIVE_INFINITY : between[Math.floor(between.length * 0.95)]! }
}

/** From the click on the large frame's row to the second image after it. */
async function select(page: Page): Promise<Cost> {
  await page
    .getByRole('listbox')
    .getByRole('option', { name: /2 bytes of payload/ })
    .click()
  await page.locator('.unit').getByText('2 bytes').first().waitFor()
  const cost = await page.evaluate(async () => {
    const row = document.querySelector<HTMLElement>('.frame-list [aria-label*="1,048,576 bytes"]')!
    const start = performance.now()
    row.click()
    for (let i = 0; i < 2; i++) await new Promise((resolve) => requestAnimationFrame(resolve))
    return performance.now() - start
  })
  return { cost }
}

/** Frames of a client through the lab server's tap, 5,000 a second for two seconds, while the page watches. */
async function live(): Promise<Contender> {
  const { page, url, cpu } = await openDecoder()
  const lab = await createLabServer({ port: 0, allowOrigins: [url] })
  await page.goto(`about:blank`)
  await page.goto(`${url}/decoder#lab=${lab.port}&token=${lab.token}`)
  await page.locator('.status').getByText('live').waitFor()
  const client = new WebSocket(`ws://127.0.0.1:${lab.targets()[0]!.tapPort}`)
  await once(client, 'open')
  return {
    name: 'the page',
    async round() {
      await page.getByRole('button', { name: 'Clear' }).click()
      const before = await cpu()
      const start = performance.now()
      // Each frame comes back from the echo, so half of them are sent.
      for (let sent = 0; sent < frames / 2; ) {
        await new Promise((resolve) => setTimeout(resolve, 4))
        const due = Math.min(frames / 2, Math.floor((performance.now() - start) * 2.5))
        for (; sent < due; sent++) client.send(`message number ${sent}`)
      }
      await page.locator('.counts').getByText('10,000 frames').waitFor({ timeout: 5000 })
      return { cost: ((await cpu()) - before) / ((performance.now() - start) / 100) }
    },
  }
}
