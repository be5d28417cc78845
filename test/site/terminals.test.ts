import type { Browser, Locator } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { createLabServer, type LabServer } from '../../workbook/server/lab-server.ts'
import { launch, looks, openPage, overflow, violations } from './pages.ts'
import { type RunningLab, runLab } from './run-lab.ts'

// The terminals of chapters 02, 03, 06 and 07: clients of a server that runs beside the site, as the reader's own would.
const found = inject('browser')
const built = inject('url')

const labs = ['02-tcp-vs-udp/tcp-echo.ts', '03-recv/server.ts', '06-relay/relay.ts', '07-tcp-chat/server.ts']

describe.skipIf(!found)('the terminals', () => {
  let browser: Browser
  let lab: LabServer
  let running: RunningLab[]

  beforeAll(async () => {
    running = await Promise.all(labs.map((file) => runLab(file, 'tcp')))
    ;[lab, browser] = await Promise.all([
      createLabServer({
        port: 0,
        labs: running.map(({ plan }) => plan),
        allowOrigins: [built],
        limits: { wordTimeoutMs: 50 },
      }),
      launch(found!),
    ])
    lab.attach('/grade', () => {})
  })
  afterAll(async () => {
    await browser?.close()
    await lab?.close()
    await Promise.all((running ?? []).map(({ stop }) => stop()))
  })

  async function open(path: string, look = looks[0] as Parameters<typeof openPage>[1]) {
    const visit = await openPage(browser, look)
    await visit.page.goto(`${built}${path}#lab=${lab.port}&token=${lab.token}`)
    const terminals = visit.page.getByRole('region', { name: 'Terminals' })
    const chunks = terminals.getByRole('region', { name: 'Chunks on the wire' }).getByRole('listitem')
    return { ...visit, terminals, chunks }
  }

  test('chapter 07: two clients chat on the server, and a cut inside a character is one line', async () => {
    const { page, faults, terminals, chunks, close } = await open('/tcp-chat')
    const [ann, bob] = ['ann', 'bob'].map((name) => terminals.getByRole('region', { name, exact: true })) as [
      Locator,
      Locator,
    ]
    await ann.getByRole('button', { name: 'Connect' }).click({ timeout: 30_000 })
    await ann.getByRole('button', { name: 'Send ▲' }).click()
    await bob.getByRole('button', { name: 'Connect' }).click()
    await bob.getByRole('button', { name: 'Send ▲' }).click()
    await ann.getByText('* bob joined').waitFor()

    await bob.getByRole('textbox', { name: 'A line' }).fill('你好')
    await bob.getByText('7 bytes in one write').click()
    await bob.getByRole('button', { name: /^Byte 4,/ }).click()
    await bob.getByLabel('Between two writes').selectOption('20 ms')
    await bob.getByRole('button', { name: 'Send ▲' }).click()
    await ann.getByText('bob: 你好').waitFor()
    await bob.getByText('你好 in 2 chunks').waitFor()
    await expect
      .poll(() => chunks.allInnerTexts())
      .toContainEqual(expect.stringMatching(/bob ▲.*4 bytes.*e4 bd a0 e5/s))

    await bob.getByRole('button', { name: 'RST' }).click()
    await ann.getByText('* bob left').waitFor()
    await bob.getByText('○ not connected').waitFor()
    expect(await chunks.last().innerText()).toMatch(/ann ▼ from the server, 11 bytes/)
    expect(await violations(page, 'all', '.terminals')).toEqual([])
    expect(await overflow(page), 'pixels to scroll sideways').toBe(0)
    expect(faults).toEqual([])
    await close()
  })

  test('chapter 06: JOIN lines and frames, on a narrow screen and by keyboard alone', async () => {
    const { page, faults, terminals, chunks, close } = await open('/relay', { ...looks[2], colorScheme: 'dark' })
    const [ann, bob] = ['ann', 'bob'].map((name) => terminals.getByRole('region', { name, exact: true })) as [
      Locator,
      Locator,
    ]
    for (const client of [ann, bob]) {
      await client.getByRole('button', { name: 'Connect' }).press('Enter', { timeout: 30_000 })
      await client.getByRole('textbox', { name: 'A line' }).press('Enter')
      await client.getByText('OK').waitFor()
    }
    await ann.getByRole('textbox', { name: 'Text' }).press('Enter')
    await bob.getByText('from ann: hello').waitFor()
    expect(await chunks.last().innerText()).toMatch(
      /bob ▼ from the server, 13 bytes.*03 61 6e 6e 00 00 00 05 68 65 6c 6c 6f/s,
    )
    await bob.getByRole('textbox', { name: 'To whom' }).fill('zoe')
    await bob.getByRole('textbox', { name: 'Text' }).press('Enter')
    await bob.getByText('the relay: zoe is not here').waitFor()
    await ann.getByRole('button', { name: 'FIN' }).press('Enter')
    await ann.getByText('○ not connected').waitFor()
    expect(await violations(page, 'all', '.terminals')).toEqual([])
    await page.setViewportSize({ width: 320, height: 800 })
    expect(await overflow(page), 'pixels to scroll sideways at 320').toBe(0)
    expect(faults).toEqual([])
    await close()
  })

  test('chapters 02 and 03: writes and reads have edges of their own', async () => {
    for (const [path, sent, back] of [
      ['/tcp-vs-udp', 10, /▼ from the server.*m9/s],
      ['/recv', 3, /▼ from the server.*exactly 4: 4 "efgh"/s],
    ] as const) {
      const { faults, terminals, chunks, close } = await open(path)
      await terminals.getByRole('button', { name: 'Connect' }).click({ timeout: 30_000 })
      await terminals.getByRole('button', { name: 'Send ▲' }).click()
      await expect.poll(async () => (await chunks.allInnerTexts()).at(-1)).toMatch(back)
      const texts = await chunks.allInnerTexts()
      expect(texts.filter((text) => text.includes('▲ to the server')).length, `writes in ${path}`).toBe(sent)
      expect(faults).toEqual([])
      await close()
    }
  })
})

describe('without a lab server', () => {
  test.each(['/tcp-vs-udp', '/recv', '/relay', '/tcp-chat'])(
    '%s shows a real exchange, and how to go live',
    async (path) => {
      const html = await (await fetch(`${built}${path}`)).text()
      expect(html).toMatch(/Recorded: .*solutions\//)
      expect(html).toContain('npm start')
      expect(html.match(/▲ to the server/g)?.length, 'chunks of clients, without any script').toBeGreaterThan(2)
    },
  )
})
