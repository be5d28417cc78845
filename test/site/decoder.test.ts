import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest'
import { launch, looks, openPage, overflow, reopen, type Visit } from './pages.ts'

// The decoder of the built site: no lab server, only what comes with the page.
const found = inject('browser')
const url = `${inject('url')}/decoder`

let browser: Browser
let visit: Visit
let page: Page

beforeAll(async () => {
  if (!found) return
  browser = await launch(found)
  visit = await openPage(browser, looks[0])
  page = visit.page
})
afterAll(() => browser?.close())

describe.skipIf(!found)('the decoder without a lab server', () => {
  beforeEach(async () => {
    await reopen(visit, url)
    await page.waitForSelector('.workbench[data-alive]')
  })
  afterEach(() => expect(visit.faults).toEqual([]))

  test('opens with a frame of a recording taken apart, and says in one sentence how to go live', async () => {
    await expectText(page.locator('.notice'), /recording.*npm start/s)
    const fields = await names(page.locator('.bit-grid').getByRole('button'))
    expect(fields[0]).toBe('FIN, byte 0, bit 0 (value 0x80), 1 bit, value 1: the last frame of its message')
    expect(fields).toContainEqual(expect.stringMatching(/^Masking key, bytes 2–5, 4 bytes/))
    expect(await page.getByRole('listbox').getByRole('option', { selected: true }).getAttribute('aria-label')).toMatch(
      /^Frame 3, client to server, text, masked, 5 bytes of payload, 11 bytes on the wire/,
    )
  })

  test('the table says the same as the bits', async () => {
    await page.getByRole('button', { name: 'Table' }).click()
    const rows = await page.locator('.field-table tbody tr').evaluateAll((all) => all.map((row) => row.textContent))
    expect(rows).toHaveLength(9)
    expect(rows[4]).toMatch(/opcode.*byte 0, bits 4–7.*0x1.*text/)
  })

  test('one selection: what the pointer is on lights up as bits, as bytes and as text', async () => {
    await page.locator('[data-field=maskingKey]').hover()
    await expectText(page.locator('.explanation h3'), /^Masking key/)
    expect(await page.locator('.hex-view .hex .lit').count()).toBe(1)
    await page.mouse.move(0, 0)
    await expectText(page.locator('.explanation h3'), /^Payload len/)
  })

  test('keyboard only: frames, fields, keep one, let it go, unmask', async () => {
    await page.getByRole('listbox', { name: 'Frames' }).focus()
    await page.keyboard.press('ArrowDown')
    await expectText(page.locator('.unit h2'), /^Frame 4$/)
    await page.keyboard.press('k')
    await expectText(page.locator('.unit h2'), /^Frame 3$/)

    await page.keyboard.press('b')
    await page.keyboard.press('Home')
    await expectText(page.locator('.explanation h3'), /^FIN = 1/)
    for (let i = 0; i < 4; i++) await page.keyboard.press('ArrowRight')
    await expectText(page.locator('.explanation h3'), /^opcode = 0x1/)
    await page.keyboard.press('Enter')
    await page.keyboard.press('j')
    await page.keyboard.press('j')
    await expectText(page.locator('.explanation h3'), /^opcode = 0x1/)
    await page.keyboard.press('End')
    await expectText(page.locator('.explanation h3'), /^Payload data/)
    await page.keyboard.press('Escape')

    await page.keyboard.press('h')
    await page.keyboard.press('Home')
    await page.keyboard.press('ArrowRight')
    await expectText(page.locator('.explanation h3'), /^RSV1 = 0/)

    await page.keyboard.press('u')
    await page.keyboard.press('u')
    await expectText(page.locator('.unmask .result').last(), /character\s*H\s*e\s*\?/)

    await page.keyboard.press('?')
    await page.getByRole('checkbox', { name: 'Single-letter keys are on' }).uncheck()
    await page.keyboard.press('Escape')
    await page.keyboard.press('u')
    await expectText(page.locator('.unmask .result').last(), /character\s*H\s*e\s*\?/)
  })

  test('layers: the chunk with its frames, the message without its header', async () => {
    await page.getByRole('listbox').getByRole('option', { name: /ping/ }).first().click()
    await page.getByRole('tab', { name: 'TCP chunk ▼1' }).click()
    await expectText(page.locator('.chunk-view'), /145 bytes/)
    expect(await page.locator('.chunk-view li').count()).toBe(2)
    await page.getByRole('tab', { name: 'message' }).click()
    await expectText(page.locator('.message-view'), /ping message.*14 bytes/s)
  })

  test('pasted hex is decoded, with the rule that it breaks', async () => {
    await page.getByLabel('What to show').selectOption('paste')
    await page
      .getByRole('textbox', { name: 'Bytes as hex' })
      .fill('00000000: a185 37fa 213d 7f9f 4d51 58              ..7.!=..MQX\n')
    await page.getByRole('button', { name: 'Decode' }).click()
    await expectText(page.locator('.problems'), /1002.*RSV2 is 1.*RFC 6455 §5\.2/s)
    await page.getByRole('textbox', { name: 'Bytes as hex' }).fill('81 8')
    await expectText(page.getByRole('form', { name: 'Decode pasted bytes' }), /odd number of digits/)
  })

  test('hostile text stays text', async () => {
    await page.getByLabel('What to show').selectOption('paste')
    const text = '<img src=x onerror=alert(1)>\u202e\u0000'
    const hex = Buffer.from(text).toString('hex')
    await page
      .getByRole('textbox', { name: 'Bytes as hex' })
      .fill(`81 ${Buffer.byteLength(text).toString(16).padStart(2, '0')} ${hex}`)
    await page.getByLabel('Who sent them').selectOption('s2c')
    await page.getByRole('button', { name: 'Decode' }).click()
    await expectText(page.getByRole('listbox').locator('.preview'), /^<img src=x onerror=alert\(1\)>\\u202e␀$/)
    expect(await page.locator('.workbench img').count()).toBe(0)
  })

  test('the handshake: every needed header ticked, the Accept value in four steps', async () => {
    await page
      .getByRole('listbox')
      .getByRole('option', { name: /^HTTP head, server to client/ })
      .click()
    await page.getByRole('tab', { name: 'Handshake' }).click()
    await expectText(page.locator('.steps .wb-good'), /This is what the server answered/)
    expect(await page.locator('.handshake li.needed').count()).toBe(8)
    await page.locator('.steps input').fill('short')
    await expectText(page.locator('.steps .note'), /a client must send 16/)
  })

  test('a bit is flipped in a copy, and the rule that it breaks is named', async () => {
    await page.getByRole('button', { name: 'Flip a bit' }).click()
    await page.getByRole('button', { name: /^Bit 8 of MASK/ }).click()
    await expectText(page.locator('.flip'), /a client must mask every frame.*closes with 1002/s)
    await page.getByRole('button', { name: 'Bits' }).click()
    expect(await page.locator('[data-field=mask]').getAttribute('aria-label')).toMatch(/value 1/)
  })

  test('compressed messages are inflated, the second one smaller by what the first left behind', async () => {
    await page.getByLabel('What to show').selectOption('recording:ws-chromium-deflate')
    await page.getByRole('tab', { name: 'permessage-deflate' }).click()
    await expectText(page.locator('.deflate'), /Sent, 7 bytes.*Inflated, 5 bytes.*Hello/s)
    await page
      .getByRole('listbox')
      .getByRole('option', { name: /text, masked, 5 bytes/ })
      .first()
      .click()
    await expectText(page.locator('.deflate'), /Sent, 5 bytes.*Inflated, 5 bytes.*Hello/s)
  })

  test('Socket.IO: the packet in the packet', async () => {
    await page.getByLabel('What to show').selectOption('recording:socketio-js-websocket')
    await page.getByLabel('Search the frames').fill('"say"')
    await page.getByRole('listbox').getByRole('option').first().click()
    await page.getByRole('tab', { name: 'Socket.IO EVENT “say”' }).click()
    await expectText(page.locator('.field-table'), /Type.*2.*EVENT.*Data/s)
  })

  test('how it ends: both close frames, both FINs', async () => {
    await page.getByLabel('Show only').selectOption('control')
    await page
      .getByRole('listbox')
      .getByRole('option', { name: /close, masked/ })
      .click()
    await page.getByRole('tab', { name: 'How it ends' }).click()
    await expectText(page.locator('.ladder'), /The client began, the other side answered.*close 4000.*close 4000/s)
  })

  test('a frame of 70 000 bytes costs a few rows', async () => {
    await page.getByLabel('What to show').selectOption('recording:ws-python-websocket-client')
    await page
      .getByRole('listbox')
      .getByRole('option', { name: /70,000 bytes of payload/ })
      .first()
      .click()
    await expectText(page.locator('.bit-grid .more'), /69,?992 more payload bytes/)
    expect(await page.locator('.hex-view .row').count()).toBeLessThan(40)
  })
})

describe.skipIf(!found)('the decoder in other circumstances', () => {
  test('without scripts the fields are there as a table or as named bits', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false })
    const still = await context.newPage()
    await still.goto(url)
    expect(await still.locator('.bit-grid button').first().getAttribute('aria-label')).toMatch(/^FIN/)
    await context.close()
  })

  test.each([320, 390, 768])('%i pixels wide: nothing to scroll sideways, in any layer', async (width) => {
    const narrow = await openPage(browser, { colorScheme: 'dark', viewport: { width, height: 800 } } as never)
    await narrow.page.goto(url)
    await narrow.page.waitForSelector('.workbench[data-alive]')
    await narrow.page.getByRole('tab', { name: 'message' }).click()
    expect(await overflow(narrow.page)).toBe(0)
    await narrow.page.getByRole('tab', { name: 'WebSocket frame' }).click()
    await narrow.page.getByRole('button', { name: 'Table' }).click()
    expect(await overflow(narrow.page)).toBe(0)
    expect(narrow.faults).toEqual([])
    await narrow.close()
  })
})

function names(buttons: Locator): Promise<string[]> {
  return buttons.evaluateAll((all) => all.map((one) => one.getAttribute('aria-label') ?? ''))
}

/** Waits until an element says it; on the way out the message shows what it says instead. */
async function expectText(element: Locator, wanted: RegExp): Promise<void> {
  await expect.poll(() => element.textContent(), { timeout: 10_000 }).toMatch(wanted)
}
