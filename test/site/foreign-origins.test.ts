import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Browser, Frame, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { readFolder } from '../../workbook/grade/labs/folder.ts'
import { attempts } from './attempts.ts'
import { launch } from './pages.ts'
import { type RunningWorkbook, startWorkbook } from './workbook.ts'

// Nobody in: pages of five foreign origins try what a page can try, in a real browser, against a running workbook.
const found = inject('browser')
const lab = '12-ws-frames'

describe.skipIf(!found)('a foreign page', () => {
  let workbook: RunningWorkbook
  let browser: Browser
  /** serves the foreign pages */
  const elsewhere = createServer((_, response) => {
    response.setHeader('Content-Type', 'text/html').end('<!doctype html><title>foreign</title>')
  })
  let site = ''
  let tap = ''

  beforeAll(async () => {
    elsewhere.listen(0, '127.0.0.1')
    // Names that lead to this machine, as a name that was rebound does.
    ;[workbook, browser] = await Promise.all([startWorkbook(lab), launch(found!, ['evil.test', 'rebind.test'])])
    site = workbook.url
    tap = await echoTap(workbook.url)
  })
  afterAll(async () => {
    await browser?.close()
    await workbook?.close()
    elsewhere.close()
  })

  /** The foreign origins: how a script comes to run in each. */
  const origins: Record<string, (page: Page) => Promise<Page | Frame>> = {
    'of another name': async (page) => visit(page, `http://evil.test:${port()}/`),
    'of another port of localhost': async (page) => visit(page, `http://localhost:${port()}/`),
    'of 127.0.0.1': async (page) => visit(page, `http://127.0.0.1:${port()}/`),
    'of a name that was rebound to our port': async (page) => {
      const url = `http://rebind.test:${new URL(site).port}/bait`
      await page.route(url, (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html>' }))
      return visit(page, url)
    },
    'without a name (null)': async (page) => {
      await page.goto(`http://evil.test:${port()}/`)
      await page.setContent('<iframe sandbox="allow-scripts allow-forms" srcdoc="<!doctype html>"></iframe>')
      return (await (await page.waitForSelector('iframe')).contentFrame())!
    },
  }
  const port = () => (elsewhere.address() as AddressInfo).port

  test.each(Object.keys(origins))('%s gets no byte and changes no file', async (name) => {
    const before = labsNow()
    const context = await browser.newContext()
    const page = await context.newPage()
    // A rebound page takes the name that it has for the workbook's.
    const isRebound = name.includes('rebound')
    const target = isRebound ? `http://rebind.test:${new URL(site).port}` : site
    let tried = 0
    let asked = 0
    const isOurs = (url: string) => new URL(url).host === new URL(target).host && !url.endsWith('/bait')
    const answers: string[] = []
    page.on('request', (request) => {
      if (isOurs(request.url())) asked++
    })
    page.on('response', (response) => {
      if (isOurs(response.url())) answers.push(`${response.status()} ${response.url()}`)
    })
    const script = await origins[name]!(page)
    for (const attempt of attempts) {
      const got = await script.evaluate(attempt.run, { site: target, tap, what: attempt.what ?? '' })
      expect(got, attempt.name).toBe('')
      tried++
    }
    expect(tried).toBeGreaterThanOrEqual(12)
    await origins[name]!(page)
    await clickInFrame(page, `${target}/ws-frames`)
    expect(answers.filter((answer) => !answer.startsWith('403'))).toEqual([])
    // Each was asked for; of what is kept from a page altogether, the browser tells no answer.
    expect(asked).toBeGreaterThanOrEqual(10)
    expect(answers.length).toBeGreaterThanOrEqual(1)
    expect(labsNow()).toBe(before)
    expect(workbook.printed()).not.toMatch(/The (starter is back|solution is in your lab)/)
    await context.close()
  })

  /** Shows the chapter in a frame, and clicks where its buttons would be. */
  async function clickInFrame(page: Page, url: string): Promise<void> {
    const loaded = page.waitForResponse(url)
    await page.evaluate((src) => {
      document.body.innerHTML = '<iframe style="position:fixed;inset:0;width:100vw;height:100vh;border:0"></iframe>'
      document.querySelector('iframe')!.src = src
    }, url)
    expect((await loaded).status(), 'the chapter in a frame').toBe(403)
    const frame = page.frames().at(-1)!
    expect(await frame.locator('.lab-panel').count()).toBe(0)
    for (let y = 50; y < 700; y += 50) await page.mouse.click(400, y, { clickCount: 2 })
  }

  function labsNow(): string {
    const hash = createHash('sha256')
    for (const [path, bytes] of readFolder(join(workbook.folder, 'labs'))) hash.update(path).update(bytes)
    return hash.digest('hex')
  }
})

async function visit(page: Page, url: string): Promise<Page> {
  await page.goto(url)
  return page
}

/** Where the tap of the echo is, as our own page is told. */
async function echoTap(site: string): Promise<string> {
  const told = await fetch(`${site}/__lab.json`, { headers: { 'sec-fetch-site': 'same-origin' } })
  const { token, port } = (await told.json()) as { token: string; port: number }
  const { WebSocket } = await import('ws')
  const protocols = ['wirebook.tap.v1', `wirebook.token.${token}`]
  const mirror = new WebSocket(`ws://localhost:${port}/mirror`, protocols, { origin: site })
  const [hello] = (await once(mirror, 'message')) as [Buffer]
  mirror.terminate()
  const { targets } = JSON.parse(hello.toString()) as { targets: { id: string; tapPort: number }[] }
  return `127.0.0.1:${targets.find(({ id }) => id === 'echo')!.tapPort}`
}
