import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { launch, looks, openPage, overflow, type Visit, violations } from './pages.ts'

// Every view of the decoder: nothing that axe objects to, contrast in dark again, nothing to scroll sideways when narrow.
const found = inject('browser')
const url = `${inject('url')}/decoder`

const option = (page: Page, name: RegExp) => page.getByRole('listbox').getByRole('option', { name }).first().click()
const tab = (page: Page, name: string | RegExp) => page.getByRole('tab', { name }).click()
const recording = (page: Page, id: string) => page.getByLabel('What to show').selectOption(`recording:${id}`)

/** One after another in the same page, as a reader goes through them: a fresh page for each takes twice as long. */
const views: Record<string, (page: Page) => Promise<unknown>> = {
  'bits and unmasking': async (page) => page.getByRole('button', { name: 'Unmask one byte' }).click(),
  table: (page) => page.getByRole('button', { name: 'Table' }).click(),
  'flip a bit': async (page) => {
    await page.getByRole('button', { name: 'Flip a bit' }).click()
    await page.getByRole('button', { name: /^Bit 1 of RSV1/ }).click()
  },
  length: (page) => page.getByRole('button', { name: 'Length' }).click(),
  message: (page) => tab(page, 'Message'),
  chunk: (page) => tab(page, /TCP chunk/),
  handshake: async (page) => {
    await option(page, /^HTTP head/)
    await tab(page, 'Handshake')
  },
  'how it ends': async (page) => {
    await option(page, /close, masked/)
    await tab(page, 'How it ends')
  },
  deflate: async (page) => {
    await recording(page, 'ws-chromium-deflate')
    await tab(page, 'permessage-deflate')
  },
  'Socket.IO': async (page) => {
    await recording(page, 'socketio-js-websocket')
    await tab(page, /Socket\.IO/)
  },
  TLS: (page) => recording(page, 'tls13-curl'),
  'pasted and broken': async (page) => {
    await page.getByLabel('What to show').selectOption('paste')
    await page.getByRole('button', { name: 'Decode' }).click()
  },
  problems: (page) => page.getByRole('button', { name: /^Problems/ }).click(),
  'share menu': (page) => page.locator('summary').click(),
  keys: async (page) => {
    await page.locator('summary').click()
    await page.keyboard.press('?')
    await page.getByRole('dialog').waitFor()
  },
}

const [light, dark, narrow] = looks

describe.skipIf(!found)('the decoder, light, dark and 390 px wide', () => {
  let browser: Browser
  let visit: Visit
  beforeAll(async () => {
    browser = await launch(found!)
    visit = await openPage(browser, light)
    await visit.page.goto(url)
    await visit.page.waitForSelector('.workbench[data-alive]')
  })
  afterAll(() => browser?.close())

  test.each(Object.entries(views))('%s', async (_, show) => {
    const { page, faults } = visit
    await page.setViewportSize(light.viewport)
    await page.emulateMedia({ colorScheme: light.colorScheme })
    await show(page)
    expect(await violations(page), 'axe, light').toEqual([])
    await page.emulateMedia({ colorScheme: dark.colorScheme })
    expect(await violations(page, 'colours'), 'axe, dark').toEqual([])
    await page.setViewportSize(narrow.viewport)
    expect(await overflow(page), 'pixels to scroll sideways').toBe(0)
    expect(faults).toEqual([])
  })
})
