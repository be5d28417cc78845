import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { RunOptions } from 'axe-core'
import { type Browser, chromium, type Locator, type Page } from 'playwright-core'
import type { FoundBrowser } from './browser.ts'

/** The addresses of a built site: `/`, `/ws-frames`, … */
export function pagesOf(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.html') && name !== '404.html')
    .map((name) => `/${name === 'index.html' ? '' : name.slice(0, -'.html'.length)}`)
    .sort()
}

/**
 * Names of other machines lead nowhere in it, so that nothing can leave this one.
 *
 * @param here foreign names that lead to this machine
 */
export function launch(found: FoundBrowser, here: string[] = []): Promise<Browser> {
  const env = Object.entries({ ...process.env, ...found.env }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  )
  const rules = [
    ...here.map((name) => `MAP ${name} 127.0.0.1`),
    'MAP * ~NOTFOUND',
    ...['127.0.0.1', 'localhost'].map((name) => `EXCLUDE ${name}`),
  ]
  // What newer browsers ask before a page of elsewhere reaches this machine is not what keeps it out.
  const noQuestion = here.length > 0 ? ['--disable-features=LocalNetworkAccessChecks'] : []
  const args = [...found.args, ...noQuestion, `--host-resolver-rules=${rules.join(', ')}`]
  return chromium.launch({ executablePath: found.executablePath, args, env: Object.fromEntries(env) })
}

/** The ways in which every page is looked at. */
export const looks = [
  { name: 'light', colorScheme: 'light', viewport: { width: 1360, height: 900 } },
  { name: 'dark', colorScheme: 'dark', viewport: { width: 1360, height: 900 } },
  { name: '390 px wide', colorScheme: 'light', viewport: { width: 390, height: 844 } },
] as const

export interface Visit {
  page: Page
  /** Console errors and warnings, uncaught errors, and whatever was to leave the machine. */
  faults: string[]
  close(): Promise<void>
}

/** Opens a page, and notes what a reader should never meet. */
export async function openPage(browser: Browser, look: Omit<(typeof looks)[number], 'name'>): Promise<Visit> {
  const context = await browser.newContext({ ...look, reducedMotion: 'reduce' })
  const faults: string[] = []
  const page = await context.newPage()
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') faults.push(`console: ${message.text()}`)
  })
  const leaves = (url: string) =>
    /^(https?|wss?):/.test(url) && !['127.0.0.1', 'localhost'].includes(new URL(url).hostname)
  page.on('request', (request) => leaves(request.url()) && faults.push(`leaves the machine: ${request.url()}`))
  page.on('websocket', (socket) => leaves(socket.url()) && faults.push(`leaves the machine: ${socket.url()}`))
  page.on('pageerror', (error) => faults.push(`uncaught: ${error.message}`))
  return { page, faults, close: () => context.close() }
}

/** Opens an address afresh in the page, whatever it showed, and forgets the faults of before. */
export async function reopen({ page, faults }: Visit, url: string): Promise<void> {
  // From a page to itself with another hash would load nothing.
  await page.goto('about:blank')
  faults.length = 0
  await page.goto(url)
}

/**
 * Waits until a part of the page answers to its reader: a component is there, as the server's HTML, before its script is.
 * Vue keeps what it has listeners for under a symbol of this name.
 */
export async function alive(part: Locator): Promise<void> {
  // What waits for a lab server is hidden, and may go.
  const control = part.locator('button:visible, input:visible, select:visible').first()
  await control.evaluate(async (element) => {
    const listens = () => Object.getOwnPropertySymbols(element).some(({ description }) => description === '_vei')
    while (!listens()) await new Promise(requestAnimationFrame)
  })
}

/** By how many pixels the page is wider than the window. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
}

/**
 * What axe objects to: the rule, and the elements.
 *
 * @param part colours alone, or all but them, where a page is looked at twice
 * @param within a selector, where the rest of the page is looked at elsewhere
 */
export async function violations(
  page: Page,
  part: 'all' | 'colours' | 'structure' = 'all',
  within = 'html',
): Promise<string[]> {
  const colours = ['color-contrast']
  const rules = Object.fromEntries(colours.map((rule) => [rule, { enabled: part !== 'structure' }]))
  const options: RunOptions = {
    resultTypes: ['violations'],
    iframes: false,
    rules,
    ...(part === 'colours' ? { runOnly: colours } : {}),
  }
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe)
  return page.evaluate(auditPage, { within, options })
}

/** axe itself, as a script. Its parts for Playwright bring it anew for each look, which takes as long as the look. */
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** In the page, once axe is there. */
async function auditPage({ within, options }: { within: string; options: RunOptions }) {
  const { axe } = window as unknown as { axe: typeof import('axe-core') }
  const { violations } = await axe.run(within, options)
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`)
}
