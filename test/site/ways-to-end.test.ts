import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { launch, looks, openPage } from './pages.ts'

const found = inject('browser')
const url = inject('url')

describe.skipIf(!found)('the ways to end of chapter 13, recorded', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launch(found!)
  })
  afterAll(() => browser.close())

  test('the ladder of each way', async () => {
    const { page, faults, close } = await openPage(browser, looks[0])
    await page.goto(`${url}/ws-server`)
    const ways = page.getByRole('region', { name: 'Ways to end' })
    // The steps of the ladder are buttons as well, and one is called RST.
    const choices = ways.getByRole('group', { name: 'What the client does' })
    const ladder = () => ways.locator('ol li strong').allInnerTexts()
    await expect.poll(ladder).toEqual(['→ close 1000', '← close 1000', '← FIN', '→ FIN'])
    for (const [way, steps] of [
      ['An unmasked frame from a client', ['← close 1002', '← FIN', '→ FIN']],
      ['FIN without a close frame', ['→ FIN', '← FIN']],
      ['RST', ['→ RST']],
    ] as const) {
      // A page that has just come is not yet listening.
      const press = () => choices.getByRole('button', { name: way, exact: true }).click().then(ladder)
      await expect.poll(press, { message: way, timeout: 10_000 }).toEqual(steps)
    }
    expect(await ways.textContent()).toContain('the other side reports 1006')
    expect(faults).toEqual([])
    await close()
  })
})
