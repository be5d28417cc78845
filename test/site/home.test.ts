import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { launch, looks, openPage } from './pages.ts'

const found = inject('browser')
const url = inject('url')

describe.skipIf(!found)('the home page', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launch(found!)
  })
  afterAll(() => browser.close())

  test('opens with a frame taken apart, and leads from each document of the seed to a chapter, without any script', async () => {
    const page = await browser.newPage({ javaScriptEnabled: false })
    await page.goto(url)
    const rows = await page.locator('.wb-hero tbody tr').allInnerTexts()
    expect(rows.find((row) => row.startsWith('Payload data'))).toContain('“Hello”')
    const links = await page
      .locator('.seed-table tbody tr')
      .evaluateAll((all) => all.map((row) => row.querySelectorAll('a').length))
    expect(links).toHaveLength(10)
    expect(Math.min(...links), 'chapters for every document').toBeGreaterThan(0)
    await page.close()
  })

  test('search finds a word of a chapter', async () => {
    const { page, faults, close } = await openPage(browser, looks[0])
    await page.goto(url)
    await page.getByRole('button', { name: /^Search/ }).click()
    await page.getByRole('searchbox').fill('masking key')
    await page.locator('.VPLocalSearchBox a[href^="/ws-frames"]').first().waitFor()
    expect(faults).toEqual([])
    await close()
  })
})
