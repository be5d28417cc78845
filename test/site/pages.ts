import { readdirSync } from 'node:fs'
import AxeBuilder from '@axe-core/playwright'
import { type Browser, chromium, type Page } from 'playwright-core'
import type { FoundBrowser } from './browser.ts'

/** The addresses of a built site: `/`, `/ws-frames`, … */
export function pagesOf(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.html') && name !== '404.html')
    .map((name) => `/${name === 'index.html' ? '' : name.slice(0, -'.html'.length)}`)
    .sort()
}

export function launch(found: FoundBrowser): Promise<Browser> {
  const env = Object.entries({ ...process.env, ...found.env }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  )
  return chromium.launch({ executablePath: found.executablePath, args: found.args, env: Object.fromEntries(env) })
}

/** The ways in which every page is looked at. */
export const looks = [
  { name: 'light', colorScheme: 'light', viewport: { width: 1360, height: 900 } },
  { name: 'dark', colorScheme: 'dark', viewport: { width: 1360, height: 900 } },
  { name: '390 px wide', colorScheme: 'light', viewport: { width: 390, height: 844 } },
] as const

export interface Visit {
  page: Page
  /** Console errors and warnings, uncaught errors, and requests that were stopped because they would leave the machine. */
  faults: string[]
  close(): Promise<void>
}

/** Opens a page that may reach only this machine, and notes what a reader should never meet. */
export async function openPage(browser: Browser, look: Omit<(typeof looks)[number], 'name'>): Promise<Visit> {
  const context = await browser.newContext({ ...look, reducedMotion: 'reduce' })
  const faults: string[] = []
  await context.route('**', (route) => {
    const { hostname } = new URL(route.request().url())
    if (hostname === '127.0.0.1' || hostname === 'localhost') return route.continue()
    faults.push(`request leaves the machine: ${route.request().url()}`)
    return route.abort()
  })
  await context.routeWebSocket(/^wss?:\/\/(?!127\.0\.0\.1[:/]|localhost[:/])/, (socket) => {
    faults.push(`connection leaves the machine: ${socket.url()}`)
  })
  const page = await context.newPage()
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') faults.push(`console: ${message.text()}`)
  })
  page.on('pageerror', (error) => faults.push(`uncaught: ${error.message}`))
  return { page, faults, close: () => context.close() }
}

/** By how many pixels the page is wider than the window. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
}

/** What axe objects to: the rule, and the elements. @param rules of axe; all of them unless told */
export async function violations(page: Page, rules?: string[]): Promise<string[]> {
  const axe = new AxeBuilder({ page }).setLegacyMode()
  const found = await (rules ? axe.withRules(rules) : axe).analyze()
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`)
}
