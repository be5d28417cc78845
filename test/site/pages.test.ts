import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { launch, looks, openPage, overflow, pagesOf, type Visit, violations } from './pages.ts'

const found = inject('browser')
const url = inject('url')

describe.skipIf(!found).each(looks)('every page, $name', (look) => {
  let browser: Browser
  let visit: Visit

  beforeAll(async () => {
    browser = await launch(found!)
    visit = await openPage(browser, look)
  })
  afterAll(() => browser.close())

  test.each(pagesOf(inject('folder')))('%s', async (path) => {
    const { page, faults } = visit
    faults.length = 0
    await page.goto(url + path)
    await page.waitForFunction(isReady)
    expect(await page.locator('h1').count(), 'one h1').toBe(1)
    expect(await overflow(page), 'pixels to scroll sideways').toBe(0)

    // Dark differs from light in its colours only.
    expect(await violations(page, look.name === 'dark' ? ['color-contrast'] : undefined)).toEqual([])
    expect(faults).toEqual([])
  })
})

/** In the page: it has come alive. */
function isReady(): boolean {
  return '__vue_app__' in (document.querySelector('#app') ?? {})
}
