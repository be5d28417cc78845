import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { launch, looks, openPage, overflow, pagesOf, type Visit, violations } from './pages.ts'

const found = inject('browser')
const url = inject('url')

const [light, dark, narrow] = looks

describe.skipIf(!found)('every page', () => {
  let browser: Browser
  let visit: Visit

  beforeAll(async () => {
    browser = await launch(found!)
    visit = await openPage(browser, light)
  })
  afterAll(() => browser?.close())

  test.each(pagesOf(inject('folder')))('%s, light, dark and 390 px wide', async (path) => {
    const { page, faults } = visit
    faults.length = 0
    await page.setViewportSize(light.viewport)
    await page.emulateMedia({ colorScheme: light.colorScheme })
    await page.goto(url + path)
    await page.waitForFunction(isReady)
    expect(await page.locator('h1').count(), 'one h1').toBe(1)
    expect(await overflow(page), 'pixels to scroll sideways').toBe(0)
    expect(await violations(page), 'axe, light').toEqual([])
    // Dark differs from light in its colours only, and a narrow window in its structure only.
    await page.emulateMedia({ colorScheme: dark.colorScheme })
    expect(await violations(page, 'colours'), 'axe, dark').toEqual([])
    await page.setViewportSize(narrow.viewport)
    expect(await overflow(page), 'pixels to scroll sideways, 390 px').toBe(0)
    expect(await violations(page, 'structure'), 'axe, 390 px').toEqual([])
    expect(faults).toEqual([])
  })
})

/** In the page: it has come alive. */
function isReady(): boolean {
  return '__vue_app__' in (document.querySelector('#app') ?? {})
}
