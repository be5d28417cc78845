import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { launch, looks, openPage, overflow, violations } from './pages.ts'
import { type RunningWorkbook, startWorkbook, writeSolution } from './workbook.ts'

const found = inject('browser')
const lab = '12-ws-frames'

describe.skipIf(!found)('npm start', () => {
  let workbook: RunningWorkbook
  let browser: Browser

  beforeAll(async () => {
    ;[workbook, browser] = await Promise.all([startWorkbook(lab), launch(found!)])
  })
  afterAll(async () => {
    await browser?.close()
    await workbook?.close()
  })

  test('hello goes to the live echo and back', async () => {
    const { page, faults, close } = await openPage(browser, looks[0])
    await page.goto(`${workbook.url}/decoder`)
    await page.getByRole('textbox', { name: 'Text to send' }).fill('hello')
    await page.getByRole('button', { name: 'Send ▲' }).click()

    await page.getByRole('option', { name: /server to client, text, unmasked, 5 bytes of payload/ }).waitFor()
    expect(
      await fields(page, /client to server, text, masked, 5 bytes of payload, 11 bytes on the wire/),
    ).toMatchObject({
      FIN: '1',
      opcode: '0x1',
      MASK: '1',
      'Payload len': '5',
      'Masking key': expect.stringMatching(/^([0-9a-f]{2} ?){4}$/),
    })
    expect(
      await fields(page, /server to client, text, unmasked, 5 bytes of payload, 7 bytes on the wire/),
    ).toMatchObject({
      FIN: '1',
      opcode: '0x1',
      MASK: '0',
      'Payload len': '5',
    })
    for (const { name, viewport } of looks) {
      await page.setViewportSize(viewport)
      expect(await overflow(page), `pixels to scroll sideways, ${name}`).toBe(0)
    }
    expect(faults).toEqual([])
    await close()
  })

  test('panel and terminal agree while a lab is written, wrong and right', async () => {
    const { page, faults, close } = await openPage(browser, looks[0])
    await page.goto(`${workbook.url}/ws-frames`)
    const panel = page.locator('.lab-panel')
    await panel.getByText('● live').waitFor()

    const agree = async (sign: '✓' | '✗', since: number) => {
      const [, verdict] = await workbook.shows(new RegExp(`${sign} 12 .*: (\\d+ of \\d+) checks pass`), since)
      const [passed, all] = verdict!.split(' of ')
      const says = sign === '✓' ? `All ${all} checks pass.` : `${passed} of ${all} checks pass.`
      await panel
        .getByText(says)
        .waitFor()
        .catch(async () => {
          const shown = await panel.innerText()
          throw new Error(
            `expected the panel to say ${says}, it says:\n${shown}\nand the terminal:\n${workbook.printed()}`,
          )
        })
    }
    await agree('✗', 0)
    const failing = await panel.locator('.failed .title').textContent()
    expect(workbook.printed()).toContain(`✗ ${failing}`)
    expect(await panel.locator('table.rows').count(), 'bytes are a table').toBe(1)

    // A hint in the page is the same hint in the terminal, and opens beside the chapter's text.
    await panel.getByRole('button', { name: 'Hint 1 of 3' }).click()
    const hint = await panel.locator('.hints li').first().innerText()
    await workbook.shows(/hint 1/)
    expect(await page.locator('details.hints[open]').first().innerText()).toContain(hint)

    expect(await violations(page)).toEqual([])

    let since = workbook.printed().length
    writeSolution(workbook, lab, (text) => text.replaceAll('writeUInt16BE', 'writeUInt16LE'))
    await agree('✗', since)
    expect(workbook.printed().slice(since)).toContain(`✗ ${await panel.locator('.failed .title').textContent()}`)

    since = workbook.printed().length
    writeSolution(workbook, lab)
    await agree('✓', since)
    await page.locator(`.wb-mark[data-stem="${lab}"]`).getByText('✓ done').waitFor()
    await panel.getByRole('link', { name: /^Next: / }).waitFor()

    // Reset in the page, undo at the terminal: nothing is lost.
    since = workbook.printed().length
    await panel.getByRole('button', { name: 'Reset' }).click()
    await agree('✗', since)
    since = workbook.printed().length
    workbook.type('u\n')
    await agree('✓', since)
    await panel.getByRole('button', { name: 'Diff' }).click()
    await panel.getByText('The same as the solution.').first().waitFor()
    expect(await violations(page)).toEqual([])
    expect(faults).toEqual([])
    await close()
  })

  test('when it stops, the page says so and stays useful', async () => {
    const { page, close } = await openPage(browser, looks[0])
    await page.goto(`${workbook.url}/ws-frames`)
    await page.getByText('● live').waitFor()
    await workbook.close()
    await page.getByText('○ connection lost').waitFor()
    expect(await page.locator('.lab-panel .checks li').count()).toBeGreaterThan(10)
    expect(await page.locator('.lab-panel').innerText()).toContain('Run npm start again')
    await close()
  })
})

/** The fields of the frame whose name matches, as its table says them. */
async function fields(page: Page, name: RegExp): Promise<Record<string, string>> {
  await page.getByRole('option', { name }).last().click()
  await page.getByRole('button', { name: 'Table' }).click()
  const rows = page.locator('.field-table tbody tr')
  const cells = await rows.evaluateAll((all) =>
    all.map((row) => [
      row.querySelector('th')?.textContent?.trim() ?? '',
      row.querySelector('.value')?.textContent?.trim() ?? '',
    ]),
  )
  return Object.fromEntries(cells)
}
