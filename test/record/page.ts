import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { listenNear } from '../../workbook/server/listen.ts'
import { findBrowser } from '../site/browser.ts'
import { launch } from '../site/pages.ts'

/** A page in a real browser that opens WebSockets. */
export interface TestPage {
  /** `Chromium 156` */
  name: string
  /** Opens a WebSocket, and waits until it is over. @returns what the page was told, `message “Hello”`, `close 1006` */
  visit(url: string): Promise<string[]>
  close(): Promise<void>
}

/** @returns nothing when this machine has no browser */
export async function openTestPage(): Promise<TestPage | undefined> {
  const { env, platform, arch } = process
  const found = await findBrowser({ env, platform, arch, root: fileURLToPath(new URL('../..', import.meta.url)) })
  if (!found) return undefined
  // From this machine, as the workbook itself: a page of elsewhere may not connect to it.
  const site = createServer((_, response) => response.setHeader('content-type', 'text/html').end('<!doctype html>'))
  const port = await listenNear(site, 5173, 1)
  const browser = await launch(found)
  const page = await browser.newPage()
  await page.goto(`http://localhost:${port}/`)
  return {
    name: `Chromium ${browser.version().split('.')[0]}`,
    visit: (url) => page.evaluate(listenTo, url),
    async close() {
      await browser.close()
      site.close()
    },
  }
}

/** Runs in the page. */
function listenTo(url: string): Promise<string[]> {
  const events: string[] = []
  const socket = new WebSocket(url)
  return new Promise((resolve) => {
    socket.onmessage = ({ data }) => events.push(`message “${data}”`)
    socket.onerror = () => events.push('error')
    socket.onclose = ({ code, reason }) => {
      events.push(`close ${code}${reason ? ` “${reason}”` : ''}`)
      resolve(events)
    }
  })
}
