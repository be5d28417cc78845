import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { launch, looks, openPage, pagesOf } from './pages.ts'
import { type RunningWorkbook, startWorkbook } from './workbook.ts'

// The pages as `npm start` serves them, with a lab server that they find: fast, and nothing moves when it is there.
const found = inject('browser')
const folder = inject('folder')

const maxRequests = 40
/** as browsers count it: the part of the window that moved, times how far (Layout Instability API) */
const maxLayoutShift = 0.02

describe.skipIf(!found)('served by npm start', () => {
  let workbook: RunningWorkbook
  let browser: Browser

  beforeAll(async () => {
    ;[workbook, browser] = await Promise.all([startWorkbook('12-ws-frames'), launch(found!)])
  })
  afterAll(async () => {
    await browser?.close()
    await workbook?.close()
  })

  test.each([
    { ...looks[0], paths: pagesOf(folder) },
    // What has tools; on a phone, most of a page is below the window.
    { ...looks[2], paths: ['/', '/decoder', '/ws-frames', '/sio-events', '/tcp-chat'] },
  ])('nothing jumps on any page, $name', async ({ paths, ...look }) => {
    const { page, faults, close } = await openPage(browser, look)
    await page.addInitScript(sumShifts)
    for (const path of paths) {
      await page.goto(workbook.url + path)
      await page.waitForFunction(isSettled)
      await page.evaluate(nothingToDo)
      const shift = await page.evaluate(() => (window as Shifting).layoutShift)
      expect(shift, `${path}: layout shift`).toBeLessThanOrEqual(maxLayoutShift)
      expect(faults, path).toEqual([])
    }
    await close()
  })

  test.each(['/', '/decoder', '/ws-frames', '/ws-server', '/sio-rooms'])(
    '%s asks for little, the first time',
    async (path) => {
      const { page, close } = await openPage(browser, looks[0])
      let requests = 0
      page.on('request', () => requests++)
      await page.goto(workbook.url + path)
      await page.waitForFunction(isSettled)
      await page.evaluate(nothingToDo)
      expect(requests).toBeLessThanOrEqual(maxRequests)
      await close()
    },
  )
})

type Shifting = Window & typeof globalThis & { layoutShift?: number }

/** In the page: every part of it that looks for the lab server has found it. */
function isSettled(): boolean {
  const states = [...document.querySelectorAll('.lab-panel .state, .workbench .status')]
  const isBuilt = document.querySelectorAll('.wb-waiting:empty').length === 0 && document.fonts.status === 'loaded'
  return isBuilt && states.every((state) => state.textContent.includes('live'))
}

/** In the page: it has drawn what there is to draw, and has time again. */
async function nothingToDo(): Promise<void> {
  for (let i = 0; i < 2; i++) {
    await new Promise(requestAnimationFrame)
    await new Promise((resolve) => requestIdleCallback(resolve))
  }
}

/** In the page, before anything else. */
function sumShifts(): void {
  const page = window as Shifting
  page.layoutShift = 0
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as (PerformanceEntry & { value: number })[]) page.layoutShift! += entry.value
  }).observe({ type: 'layout-shift', buffered: true })
}
