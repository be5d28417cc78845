import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { launch, looks, openPage, overflow, pagesOf, type Visit, violations } from './pages.ts'

const found = inject('browser')
const url = inject('url')

const [light, dark, narrow] = looks

describe.skipIf(!found)('every page', () => {
  let browser: Browser
  const visits: Visit[] = []

  beforeAll(async () => {
    browser = await launch(found!)
    for (const look of [light, narrow]) visits.push(await openPage(browser, look))
  })
  afterAll(() => browser?.close())

  async function visit(path: string, visited: Visit): Promise<Page> {
    const { page, faults } = visited
    faults.length = 0
    await page.goto(url + path)
    await page.waitForFunction(isReady)
    expect(await page.locator('h1').count(), 'one h1').toBe(1)
    expect(await overflow(page), 'pixels to scroll sideways').toBe(0)
    return page
  }

  test.each(pagesOf(inject('folder')))('%s, light, dark and 390 px wide', async (path) => {
    const [wide, phone] = visits as [Visit, Visit]
    const page = await visit(path, wide)
    await page.emulateMedia({ colorScheme: light.colorScheme })
    expect(await violations(page), 'axe, light').toEqual([])
    // Dark differs from light in its colours only, and a narrow window in its structure only.
    await page.emulateMedia({ colorScheme: dark.colorScheme })
    expect(await violations(page, 'colours'), 'axe, dark').toEqual([])
    expect(wide.faults).toEqual([])
    expect(await violations(await visit(path, phone), 'structure'), 'axe, 390 px').toEqual([])
    expect(phone.faults).toEqual([])
  })
})

/** In the page: it has come alive. */
function isReady(): boolean {
  return '__vue_app__' in (document.querySelector('#app') ?? {})
}
