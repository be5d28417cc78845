import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { answerOf } from '../../workbook/grade/labs/diff.ts'
import { starterFiles } from '../../workbook/grade/labs/lab-files.ts'
import { root } from '../../workbook/grade/labs/tree.ts'
import type { PageMessage } from '../../workbook/grade/session/views.ts'
import { mirrorProtocol, tokenProtocol } from '../../workbook/wire/formats/mirror-messages.ts'
import { copyProject } from './project-copy.ts'
import { maxWaitMs, Started } from './started.ts'

let project: ReturnType<typeof copyProject>
beforeAll(() => {
  project = copyProject()
  for (const [file, text] of starterFiles(root, '12-ws-frames')) edit(file, String(text))
})
afterAll(() => project.remove())

let running: Started | undefined
afterEach(() => running?.child.kill('SIGKILL'))

function begin(...args: string[]): Started {
  running = new Started(project.folder, args)
  return running
}

/** What a page of the site hears on `/grade`. */
class Page {
  readonly socket: WebSocket
  readonly #messages: PageMessage[] = []
  #news = () => {}

  constructor(site: string, { port, token }: { port: number; token: string }) {
    const protocols = [mirrorProtocol, tokenProtocol(token)]
    this.socket = new WebSocket(`ws://localhost:${port}/grade`, protocols, { origin: site })
    this.socket.on('message', (data) => {
      this.#messages.push(JSON.parse(String(data)))
      this.#news()
    })
  }

  /** Waits for a view of lab 12 that fits, and forgets what came before it. */
  async view(fits: (view: Extract<PageMessage, { type: 'lab' }>['lab']) => boolean) {
    for (;;) {
      const message = this.#messages.shift()
      if (message?.type === 'lab' && message.lab.stem === '12-ws-frames' && fits(message.lab)) return message.lab
      if (!message) await new Promise<void>((resolve) => (this.#news = resolve))
    }
  }
}

function edit(file: string, text: string): void {
  writeFileSync(join(project.folder, 'labs', '12-ws-frames', file), text)
}

function answer(file: string): string {
  return answerOf(readFileSync(join(project.folder, 'solutions', '12-ws-frames', file), 'utf8'))
}

async function isFree(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return false
  } catch {
    return true
  } finally {
    socket.destroy()
  }
}

/** Command lines of processes that belong to the copy; Windows has no `ps`, and there only the ports are looked at. */
function left(): string[] {
  if (process.platform === 'win32') return []
  return execFileSync('ps', ['-A', '-ww', '-o', 'command='])
    .toString()
    .split('\n')
    .filter((line) => line.includes(project.folder))
}

test('a reader’s hour: start, hint, wrong, loop, right, quit; the page sees the same', {
  timeout: 4 * maxWaitMs,
}, async () => {
  const start = begin('12', '--plain', '--port', '0')
  const site = (await start.line(/Open (http:\/\/localhost:\d+)\/ws-frames/))[1]!
  const address = await fetch(`${site}/__lab.json`, { headers: { 'sec-fetch-site': 'same-origin' } })
  const lab = (await address.json()) as { port: number; token: string }
  const page = new Page(site, lab)
  start.type('') // the first verdict may have been before the address
  const failed = (await start.line(/✗ (.+)\n/))[1]
  const first = await page.view(({ running, help }) => !running && help !== undefined)
  expect(first.checks.find(({ state }) => state === 'failed')!.title).toBe(failed)
  await start.line(/ checks pass/)

  page.socket.send(JSON.stringify({ command: 'hint', lab: '12-ws-frames' }))
  const hinted = await page.view(({ help }) => help?.hints.length === 1)
  const words = hinted.help!.hints[0]!.split(/\s+/).slice(0, 2).join(' ')
  expect((await start.line(/hint 1 {2}(\S+ \S+)/))[1]).toBe(words)

  const files = [...starterFiles(root, '12-ws-frames').keys()]
  for (const file of files) edit(file, answer(file))
  await start.line(/✓ 12 .*: (\d+) of \1 checks pass/)
  const done = await page.view(({ green }) => green)
  expect(done.checks.every(({ state }) => state === 'passed')).toBe(true)

  const loops = answer('mask.ts').replace(/for \(let i = xorWords/, 'while (true) {}\n  for (let i = xorWords')
  expect(loops).toContain('while (true) {}')
  edit('mask.ts', loops)
  await start.line(/labs\/12-ws-frames does not come back[^:]+:\s+look for a\s+loop\s+that\s+never\s+ends/)
  await start.line(/✗ 12 /)

  edit('mask.ts', answer('mask.ts'))
  await start.line(/✓ 12 /)
  start.type('u')
  await start.line(/Nothing to undo/)
  start.type('r')
  await start.line(/The starter is back/)
  await start.line(/✗ 12 /)
  start.type('u')
  await start.line(/✓ 12 /)
  expect(readFileSync(join(project.folder, 'labs/12-ws-frames/mask.ts'), 'utf8')).toBe(answer('mask.ts'))

  start.type('q')
  expect(await start.exit).toBe(0)
  expect(await isFree(lab.port)).toBe(true)
  expect(await isFree(Number(new URL(site).port))).toBe(true)
  expect(left()).toEqual([])
})

test('a taken port is a sentence, and SIGTERM leaves nothing', { timeout: 2 * maxWaitMs }, async () => {
  const taken = createServer().listen(0, 'localhost')
  await once(taken, 'listening')
  const { port } = taken.address() as AddressInfo
  const start = begin('--plain', '--port', String(port))
  await start.line(new RegExp(`Port ${port} is taken, so the workbook is on (\\d+)\\.`))
  const site = (await start.line(/Open (\S+)\/ws-frames/))[1]!
  expect((await fetch(site)).status).toBe(200)

  start.child.stdin!.end() // a background service has none, and goes on
  expect((await fetch(`${site}/ws-frames`)).status).toBe(200)
  start.child.kill('SIGTERM')
  if (process.platform !== 'win32') expect(await start.exit).toBe(143)
  else await start.exit
  expect(left()).toEqual([])
  taken.close()
})

test.each([
  { args: ['99'], says: /^99: expected the number of a lab: \d\d/ },
  { args: ['--port', 'x'], says: /^--port x: expected a number from 0 to 65535\.\n$/ },
  { args: ['--nonsense'], says: /^Unknown option '--nonsense'\. See the README for what npm start takes\.\n$/ },
  { args: ['--allow-host', 'https://a.b'], says: /^--allow-host https:\/\/a\.b: expected the name of a host/ },
  { args: ['--host', '192.0.2.1'], says: /^--host 192\.0\.2\.1: expected localhost, or an address of this machine/ },
  { args: ['1', '2'], says: /^1 2: expected at most one lab, such as 08\.\n$/ },
])('$args is a sentence and exit code 1', async ({ args, says }) => {
  const child = spawn(process.execPath, ['--import', 'tsx', 'workbook/site/start.ts', ...args], { cwd: project.folder })
  let text = ''
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    text += part
  })
  expect(await once(child, 'close')).toEqual([1, null])
  expect(text).toMatch(says)
})
