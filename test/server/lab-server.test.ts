import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { networkInterfaces } from 'node:os'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { say } from '../../workbook/sentences/say.ts'
import { createLabServer } from '../../workbook/server/lab-server.ts'
import { mirrorProtocol, tokenProtocol } from '../../workbook/wire/formats/mirror-messages.ts'
import { Client, handshake, listen, originOf, Page, startLab, startTarget, tapPort, within } from './support.ts'

test('a taken port is answered with a sentence and the next free one', async () => {
  const taken = await listen(createServer())
  const said: string[] = []
  const lab = await startLab({ port: taken, log: (words) => said.push(say(words)) })
  expect(lab.port).toBeGreaterThan(taken)
  expect(said).toEqual([`Port ${taken} is taken, so the workbook is on ${lab.port}.`])
  await Page.open(lab)
})

test('nothing listens on any other address of this machine', async () => {
  const lab = await startLab()
  const outside = Object.values(networkInterfaces()).flatMap((addresses = []) => addresses)
  const hosts = [
    '127.0.0.2',
    ...outside.filter(({ internal, scopeid }) => !internal && !scopeid).map(({ address }) => address),
  ]
  for (const port of [lab.port, ...lab.targets().map(({ tapPort }) => tapPort)]) {
    for (const host of hosts) {
      const socket = connect(port, host)
      await expect(once(socket, 'connect'), `${host}:${port}`).rejects.toThrow()
    }
  }
})

test('the token is 128 bits, and another one at each start', async () => {
  const [one, two] = [await startLab(), await startLab()]
  expect(one.token).toMatch(/^[0-9a-f]{32}$/)
  expect(one.token).not.toBe(two.token)
})

test('a further channel has the same guard, token and subprotocol', async () => {
  const lab = await startLab()
  lab.attach('/grade', (channel) => channel.send('hello from the grader'))
  const protocols = [tokenProtocol(lab.token), mirrorProtocol]
  const socket = new WebSocket(`ws://127.0.0.1:${lab.port}/grade`, protocols, { origin: originOf(lab.port) })
  onTestFinished(() => socket.terminate())
  const [data] = (await within(once(socket, 'message'), 'the first message')) as [Buffer]
  expect(data.toString()).toBe('hello from the grader')
  expect(socket.protocol).toBe(mirrorProtocol)
})

test('a page that vanished without a word is noticed', async () => {
  const lab = await startLab({ limits: { heartbeatMs: 20 } })
  const gone = new Promise<void>((resolve) => lab.attach('/grade', (channel) => channel.onClose(resolve)))
  const client = await Client.connect(lab.port)
  const protocols = `${mirrorProtocol}, ${tokenProtocol(lab.token)}`
  client.write(handshake(lab.port, { 'Sec-WebSocket-Protocol': protocols }, '/grade'))
  await within(gone, 'the channel to be closed')
})

test('close leaves nothing: every connection ends, every port is free', async () => {
  const target = await startTarget((socket) => socket.resume())
  const lab = await createLabServer({ port: 0, labs: [], targets: [target] })
  const page = await Page.open(lab)
  const raw = await page.connection('target')
  await page.ask({ type: 'watch', target: 'target' })
  const unfinished = page.ask({ type: 'send', connection: raw, data: 'YWI=', cuts: [1], delay: 2000 })
  unfinished.catch(() => {}) // it is never answered
  const clients = await Promise.all(
    [lab.port, tapPort(lab), tapPort(lab, 'target')].map((port) => Client.connect(port)),
  )
  const refused = await Client.connect(lab.port)
  refused.write(handshake(lab.port, { Origin: 'null' }, '/mirror'))
  expect((await refused.readAll()).toString()).toMatch(/^HTTP\/1.1 403 /)
  const socket = new WebSocket(`ws://127.0.0.1:${tapPort(lab)}`, { origin: originOf(lab.port) })
  await once(socket, 'open')
  const closed = [once(page.socket, 'close'), once(socket, 'close'), ...clients.map(({ over }) => over)]
  socket.on('error', () => {})

  await within(lab.close(), 'close')
  await within(Promise.all(closed), 'every connection to end')
  for (const port of [
    lab.port,
    ...lab.targets().flatMap(({ id, port, tapPort }) => (id === 'target' ? tapPort : [port, tapPort])),
  ]) {
    const server = createServer().listen(port, '127.0.0.1')
    await once(server, 'listening')
    server.close()
  }
})

test.each(['SIGINT', 'SIGTERM'] as const)(
  'alone it prints where it is and the link, and %s leaves nothing',
  async (signal) => {
    const main = fileURLToPath(new URL('../../workbook/server/main.ts', import.meta.url))
    const child = spawn(process.execPath, ['--import', 'tsx', main, '--port', '0', '--target', '8765:tcp'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    const nextLine = async () => (await within(lines.next(), 'a line', 20_000)).value as string

    const where = /^lab server on 127\.0\.0\.1:(\d+), the built-in echo on ws:\/\/127\.0\.0\.1:(\d+)$/.exec(
      await nextLine(),
    )
    const link = /^decoder: http:\/\/localhost:5173\/decoder#lab=(\d+)&token=([0-9a-f]{32})$/.exec(await nextLine())
    expect(link?.[1]).toBe(where?.[1])
    const [port, token] = [Number(where?.[1]), link?.[2] ?? '']
    const page = await Page.open({ port, token }, 'http://localhost:5173')
    const { targets } = await page.event('hello')
    expect(targets.at(-1)).toMatchObject({ id: 'port-8765', kind: 'tcp', port: 8765 })

    child.kill(signal)
    // It has no `process.exit`: it ends because nothing is left.
    const [code] = await within(once(child, 'exit'), 'the exit')
    expect(code).toBe(0)
  },
)

test('a wrong option is answered with a sentence', async () => {
  const main = fileURLToPath(new URL('../../workbook/server/main.ts', import.meta.url))
  const child = spawn(process.execPath, ['--import', 'tsx', main, '--target', 'evil.test:80'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (bytes: Buffer) => {
    said += bytes
  })
  const [code] = await within(once(child, 'close'), 'the exit', 20_000)
  expect(code).toBe(1)
  expect(said).toBe('--target evil.test:80: expected a port from 1 to 65535, as in 8765 or 8765:tcp.\n')
})
