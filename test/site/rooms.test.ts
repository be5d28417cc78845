import type { Browser, Page } from 'playwright-core'
import { io, type Socket } from 'socket.io-client'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { createLabServer, type LabServer } from '../../workbook/server/lab-server.ts'
import { alive, launch, looks, openPage, overflow, violations } from './pages.ts'
import { type RunningLab, runLab } from './run-lab.ts'

// The widgets of the chapters on Socket.IO: on recordings in the built site, and live beside the labs' solutions.
const found = inject('browser')
const built = inject('url')

/** Pages of a machine that does other things beside. */
const patient = { timeout: 10_000 }
const board = (page: Page) => page.getByRole('region', { name: 'Sockets and rooms' })
const decoder = (page: Page) => page.locator('.frame-decoder')

describe.skipIf(!found)('on a recording', () => {
  let browser: Browser

  beforeAll(async () => {
    browser = await launch(found!)
  })
  afterAll(() => browser?.close())

  test('without scripts there are tables: who is in which room, and the fields of a packet', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false })
    const page = await context.newPage()
    await page.goto(`${built}/sio-rooms`)
    const rows = await board(page).getByRole('table').getByRole('row').allInnerTexts()
    expect(rows.map((row) => row.replace(/\s+/g, ' '))).toEqual([
      'socket lobby kitchen garden ann’s id',
      'ann in in – not in in',
      'bob – not in in in – not in',
      'carl – not in – not in in – not in',
      'dora in – not in – not in – not in',
    ])
    for (const [path, packet] of [
      ['sio-events', 'Socket.IO: EVENT “echo” id 0'],
      ['sio-namespaces', 'Socket.IO: EVENT “join” in /chat id 0'],
      ['sio-protocol', 'Socket.IO: BINARY_EVENT “reverse” id 1 with 1 attachment'],
    ]) {
      await page.goto(`${built}/${path}`)
      expect(await decoder(page).locator('caption').innerText()).toBe(packet)
    }
    await context.close()
  })

  test('a call is foretold by keyboard, run, and judged in words', async () => {
    const { page, faults, close } = await openPage(browser, looks[0])
    await page.setViewportSize({ width: 320, height: 700 })
    await page.goto(`${built}/sio-rooms`)
    await alive(board(page))
    await board(page).getByRole('combobox').focus()
    await page.keyboard.type('io.to([])')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Space')
    for (const _ of ['bob', 'carl', 'dora', 'Run it']) await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    const verdict = board(page).getByRole('status').last()
    await expect.poll(() => verdict.innerText(), patient).toMatch(/^1 of 4 right\. An empty list is no room/)
    expect(await verdict.getByRole('listitem').allInnerTexts()).toEqual([
      '✓ right: ann heard it, as you said',
      '✗ wrong: bob heard it; you said nothing',
      '✗ wrong: carl heard it; you said nothing',
      '✗ wrong: dora heard it; you said nothing',
    ])
    expect(await overflow(page), 'pixels to scroll sideways at 320 px').toBe(0)
    expect(await violations(page)).toEqual([])
    await page.emulateMedia({ forcedColors: 'active' })
    expect(await violations(page, 'structure')).toEqual([])

    // What was seen goes with what was foretold.
    await board(page).getByLabel('bob').click()
    await expect.poll(() => verdict.innerText(), patient).toMatch(/^Tick nobody/)
    expect(faults).toEqual([])
    await close()
  })

  test('the layers of a packet are walked by keyboard', async () => {
    const { page, faults, close } = await openPage(browser, looks[1])
    await page.setViewportSize({ width: 320, height: 700 })
    await page.goto(`${built}/sio-events`)
    await alive(decoder(page))
    const tabs = decoder(page).getByRole('tab')
    await expect.poll(() => tabs.count(), patient).toBe(5)
    expect((await tabs.allInnerTexts()).map((text) => text.replace(/\s+/g, ' '))).toEqual([
      'TCP chunk ▲3 29 bytes',
      expect.stringMatching(/^WebSocket frame text, 23 bytes , adds 81 97( [0-9a-f]{2}){4}$/),
      'Message text in 1 frame',
      'Engine.IO message , adds 34 4',
      'Socket.IO EVENT “echo” id 0 , adds 32 30 20',
    ])
    const panel = decoder(page).getByRole('tabpanel')
    await tabs.last().focus()
    const shown: (string | null)[] = []
    for (let i = 0; i < 5; i++) {
      shown.push(await panel.getAttribute('aria-label'))
      await page.keyboard.press('ArrowUp')
    }
    expect(shown).toEqual(['Socket.IO', 'Engine.IO', 'Message', 'WebSocket frame', 'chunk 4'])
    expect(await overflow(page), 'pixels to scroll sideways at 320 px').toBe(0)
    expect(await violations(page)).toEqual([])
    expect(faults).toEqual([])
    await close()
  })
})

describe.skipIf(!found)('live', () => {
  let browser: Browser
  let lab: LabServer
  let rooms: RunningLab
  let protocol: RunningLab

  beforeAll(async () => {
    ;[rooms, protocol] = await Promise.all([
      runLab('16-sio-rooms/server.ts', 'socket.io'),
      runLab('18-sio-protocol/server.ts', 'socket.io'),
    ])
    lab = await createLabServer({ port: 0, labs: [rooms.plan, protocol.plan], allowOrigins: [built] })
    lab.attach('/grade', () => {})
    browser = await launch(found!)
  })
  afterAll(async () => {
    await browser?.close()
    await lab?.close()
    await Promise.all([rooms?.stop(), protocol?.stop()])
  })

  /** A page that knows of the lab server, by the link that the lab server prints. */
  const live = (path: string) => `${built}/${path}#lab=${lab.port}&token=${lab.token}`

  test('two tabs and a program chat in a room of the running lab', async () => {
    const tabs = await Promise.all([openPage(browser, looks[0]), openPage(browser, looks[2])])
    for (const { page } of tabs) {
      await page.goto(live('sio-rooms'))
      await board(page).getByText('Live: four sockets').waitFor()
    }
    const [first, second] = tabs.map(({ page }) => board(page))
    const program = await entered(rooms.plan.port)
    const atProgram: unknown[] = []
    program.on('said', (_, room, text) => atProgram.push(`${room}: ${text}`))
    const own = program.id!.slice(0, 5)

    // The program is seen in the sets of both.
    for (const tab of [first!, second!]) await tab.getByRole('row').filter({ hasText: own }).waitFor()

    await first!.getByLabel('What to say').fill('hello from the first tab')
    await first!.getByRole('button', { name: 'Say' }).click()
    await expect.poll(() => atProgram, patient).toEqual(['lobby: hello from the first tab'])
    const log = (tab: ReturnType<typeof board>) => tab.getByRole('log').getByRole('listitem')
    await log(second!)
      .filter({ hasText: /^ann hears .{5} in lobby: hello from the first tab$/ })
      .waitFor()
    await log(second!)
      .filter({ hasText: /^dora hears .{5} in lobby: hello from the first tab$/ })
      .waitFor()

    await program.emitWithAck('say', 'lobby', 'hello from a program')
    for (const tab of [first!, second!])
      await log(tab)
        .filter({ hasText: `ann hears ${own} in lobby: hello from a program` })
        .waitFor()
    const heard = await log(first!).allInnerTexts()
    expect(heard).toContain('ann says in lobby: hello from the first tab')
    expect(heard, 'who is elsewhere').not.toContainEqual(expect.stringMatching(/^(bob|carl) hears .* in lobby/))
    expect(heard, 'who said it').not.toContainEqual(expect.stringMatching(/^ann hears ann/))

    program.disconnect()
    await log(second!)
      .filter({ hasText: `ann hears that ${own} has left lobby` })
      .waitFor()
    expect(await violations(tabs[0]!.page)).toEqual([])
    for (const { page, faults, close } of tabs) {
      expect(await overflow(page)).toBe(0)
      expect(faults).toEqual([])
      await close()
    }
  })

  test('sockets join and leave, are refused, and hear what is tried', async () => {
    const { page, faults, close } = await openPage(browser, looks[0])
    await page.goto(live('sio-rooms'))
    const carl = board(page).getByLabel('carl in kitchen')
    await carl.click()
    await expect.poll(() => carl.isChecked(), patient).toBe(true)
    await board(page).getByRole('button', { name: 'Run it' }).click()
    const verdict = board(page).getByRole('status').last()
    await expect
      .poll(() => verdict.innerText(), patient)
      .toMatch(/1 of 4 right.*wrong: carl heard it; you said nothing/s)
    await carl.click()
    await expect.poll(() => carl.isChecked(), patient).toBe(false)

    await board(page).getByLabel('dora in ann’s id').click()
    await board(page).getByText('The server refused “join”: expected one of lobby, kitchen, garden.').waitFor()
    expect(await board(page).getByLabel('dora in ann’s id').isChecked()).toBe(false)

    // The bytes are in the decoder, as are those of the lab's other clients.
    const decoderPage = await openPage(browser, looks[0])
    await decoderPage.page.goto(live('decoder'))
    await decoderPage.page.locator('.status').getByText('live').waitFor()
    await decoderPage.page.getByLabel('What to show').selectOption('live:16-sio-rooms')
    await decoderPage.page.getByLabel('Search the frames').fill('["try",')
    const rows = decoderPage.page.getByRole('listbox').getByRole('option')
    await rows.filter({ hasText: '["try",' }).first().click()
    await expect
      .poll(() => decoderPage.page.getByRole('tab').allInnerTexts(), patient)
      .toContainEqual(expect.stringMatching(/^Socket\.IO EVENT “try” id \d+$/))
    expect([...faults, ...decoderPage.faults]).toEqual([])
    await decoderPage.close()
    await close()
  })

  test('packets by hand: what is sent to lab 18, layer by layer, and what comes back', async () => {
    const { page, faults, close } = await openPage(browser, looks[0])
    await page.goto(live('sio-protocol'))
    const pills = () => decoder(page).getByRole('radiogroup').innerText()
    await decoder(page).getByRole('button', { name: '40', exact: true }).click()
    await expect.poll(pills, patient).toMatch(/▲ CONNECT.*▼ CONNECT/s)
    await decoder(page).getByRole('button', { name: '42["message","hello"]' }).click()
    await expect.poll(pills, patient).toMatch(/▲ EVENT\s*▼ EVENT/)
    await expect.poll(() => decoder(page).locator('caption').innerText(), patient).toBe('Socket.IO: EVENT “message”')
    await decoder(page).getByRole('button', { name: '4abc' }).click()
    await decoder(page).getByText('The connection has ended').waitFor()
    expect(faults).toEqual([])
    await close()
  })

  test('a default client of lab 18 in the decoder: polling, then a WebSocket', async () => {
    const { page, faults, close } = await openPage(browser, looks[0])
    await page.goto(live('decoder'))
    await page.locator('.status').getByText('live').waitFor()
    await page.getByLabel('What to show').selectOption('live:18-sio-protocol')
    const { tapPort } = lab.targets().find(({ id }) => id === '18-sio-protocol')!
    const client = io(`http://127.0.0.1:${tapPort}`, { forceNew: true, reconnection: false })
    await expect.poll(() => client.io.engine.transport.name, patient).toBe('websocket')
    expect(await client.timeout(5000).emitWithAck('join', 'lobby')).toContain('lobby')
    client.disconnect()

    const rows = page.getByRole('listbox').getByRole('option')
    await expect.poll(() => rows.allInnerTexts(), patient).toContainEqual(expect.stringMatching(/^▲\s*text\s*2probe/))
    await rows
      .filter({ hasText: /body.*40\{"sid"/s })
      .first()
      .click()
    await expect
      .poll(() => page.getByRole('tab').allInnerTexts(), patient)
      .toEqual([expect.stringMatching(/^TCP chunk/), 'HTTP', 'Engine.IO message', 'Socket.IO CONNECT'])
    expect(faults).toEqual([])
    await close()
  })

  test('a lab that stops is a recording again, and one that starts is live', async () => {
    const { page, close } = await openPage(browser, looks[0])
    await page.goto(live('sio-rooms'))
    await board(page).getByText('Live: four sockets').waitFor()
    await rooms.stop()
    await board(page).getByText('Lab 16: sio-rooms is not running. Start it with').waitFor()
    await board(page).getByText('Recorded: socket.io-client 4').waitFor()
    rooms = await runLab('16-sio-rooms/server.ts', 'socket.io', rooms.plan.port)
    await board(page).getByText('Live: four sockets').waitFor()
    await close()
  })
})

/** A client that is no page, in the lobby. */
async function entered(port: number): Promise<Socket> {
  const client = io(`http://127.0.0.1:${port}`, { transports: ['websocket'], forceNew: true, reconnection: false })
  expect(await client.timeout(5000).emitWithAck('join', 'lobby')).toMatchObject({ ok: true })
  return client
}
