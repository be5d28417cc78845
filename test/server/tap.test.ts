import { randomBytes, randomInt } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import { createServer } from 'node:http'
import type { Socket } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import type { Connection } from '../../workbook/server/connection.ts'
import { EventLog } from '../../workbook/server/event-log.ts'
import { limits } from '../../workbook/server/limits.ts'
import { Tap } from '../../workbook/server/tap.ts'
import {
  answerTo,
  Client,
  freePort,
  listen,
  originOf,
  Page,
  request,
  startLab,
  startTarget,
  tapPort,
  within,
} from './support.ts'

/** A lab server that taps one plain TCP server, and a page that watches. */
async function tapped(onConnection: (socket: Socket) => void) {
  const lab = await startLab({ targets: [await startTarget(onConnection)] })
  const page = await Page.open(lab)
  await page.ask({ type: 'watch', target: 'target' })
  return { lab, page, client: await Client.connect(tapPort(lab, 'target')) }
}

describe('what comes is what goes', () => {
  test('both ways, in pieces of any size, and so the page sees it', async () => {
    const { page, client } = await tapped((socket) => socket.pipe(socket))
    const sent = Array.from({ length: 60 }, () => randomBytes(randomInt(1, 30_000)))
    // First a line that is no HTTP, so that the tap need not wait for more.
    sent[0] = Buffer.from('\0first')
    for (const piece of sent) client.write(piece)
    client.socket.end()

    const all = Buffer.concat(sent)
    expect((await client.readAll()).equals(all)).toBe(true)
    await page.event('closed')
    expect(page.bytes('c2s').equals(all)).toBe(true)
    expect(page.bytes('s2c').equals(all)).toBe(true)
    expect(page.chunks.map((chunk) => chunk.sequence)).toEqual(page.chunks.map((_, i) => i))
    const times = page.chunks.map((chunk) => chunk.time)
    expect(times).toEqual([...times].sort((a, b) => a - b))
  })

  test('a WebSocket through the built-in echoes, with and without compression', async () => {
    const lab = await startLab()
    for (const id of ['echo', 'echo-deflate']) {
      const socket = new WebSocket(`ws://127.0.0.1:${tapPort(lab, id)}`, ['chat', 'other'], {
        origin: originOf(lab.port),
      })
      onTestFinished(() => socket.terminate())
      await once(socket, 'open')
      expect(socket.protocol).toBe('chat')
      expect(socket.extensions).toBe(id === 'echo' ? '' : 'permessage-deflate')
      const sent = randomBytes(100_000)
      socket.send(sent)
      const [data, binary] = (await once(socket, 'message')) as [Buffer, boolean]
      expect(data.equals(sent) && binary).toBe(true)
      socket.send('hé')
      const [text] = (await once(socket, 'message')) as [Buffer, boolean]
      expect(text.toString()).toBe('hé')
    }
  })

  test('the page sees masked bytes, although the echo unmasks them', async () => {
    const lab = await startLab()
    const page = await Page.open(lab)
    await page.ask({ type: 'watch', target: 'echo' })
    const client = await Client.connect(tapPort(lab))
    client.write(request(tapPort(lab), wsHeaders))
    await within(once(client.socket, 'data'), 'the handshake')
    const frame = Buffer.from('818537fa213d7f9f4d5158', 'hex') // masked "Hello" (RFC 6455 §5.7)
    client.write(frame)
    await page.until(() => page.bytes('s2c').includes(Buffer.from('\x81\x05Hello', 'latin1')), 'the echo')
    expect(page.bytes('c2s').subarray(-frame.length).equals(frame)).toBe(true)
  })

  test('a word without a line end waits a moment, and passes', async () => {
    const target = await startTarget((socket) => socket.once('data', (bytes) => socket.end(bytes)))
    const lab = await startLab({ targets: [target], limits: { wordTimeoutMs: 20 } })
    expect(await answerTo(tapPort(lab, 'target'), 'hello')).toBe('hello')
  })

  test('a server may speak first', async () => {
    const { client } = await tapped((socket) => socket.write('name?'))
    expect((await client.read(5)).toString()).toBe('name?')
  })
})

describe('FIN', () => {
  test('of the client leaves the other direction open', async () => {
    const answer = randomBytes(300_000)
    const { page, client } = await tapped((socket) => {
      socket.resume()
      socket.on('end', () => socket.end(answer))
    })
    client.socket.end('\0ask')
    expect((await client.readAll()).equals(answer)).toBe(true)
    await page.event('closed')
    expect(page.ends()).toEqual(['c2s fin', 's2c fin'])
    expect(page.chunks.at(-1)?.end).toBe('fin')
  })

  test('of the server leaves the other direction open', async () => {
    const { page, client } = await tapped((socket) => {
      socket.end('bye')
      socket.resume()
    })
    expect((await client.readAll()).toString()).toBe('bye')
    client.socket.end('\0one more thing')
    await page.event('closed')
    expect(page.bytes('c2s').toString()).toBe('\0one more thing')
    expect(page.ends()).toEqual(['s2c fin', 'c2s fin'])
  })

  test('straight after a request still brings the answer', async () => {
    const server = createServer((_, response) => response.end('the answer'))
    const target = { id: 'target', label: 'Target', kind: 'http' as const, port: await listen(server) }
    const lab = await startLab({ targets: [target] })
    const client = await Client.connect(tapPort(lab, 'target'))
    client.socket.end(request(tapPort(lab, 'target')))
    expect((await client.readAll()).toString()).toContain('the answer')
  })
})

describe('RST', () => {
  test('of the client is RST at the server', async () => {
    const atServer = new EventEmitter()
    const { page, client } = await tapped((socket) => {
      socket.write('hi')
      socket.resume()
      socket.on('error', (error) => atServer.emit('reset', error))
    })
    const reset = once(atServer, 'reset')
    await client.read(2)
    client.socket.resetAndDestroy()
    const [error] = await within(reset, 'RST at the server')
    expect(error).toMatchObject({ code: 'ECONNRESET' })
    await page.event('closed')
    expect(page.ends()).toEqual(['c2s rst'])
  })

  test('of the server is RST at the client', async () => {
    const { page, client } = await tapped((socket) => socket.once('data', () => socket.resetAndDestroy()))
    client.write('\0')
    expect(await within(client.over, 'the end')).toBe('rst')
    await page.event('closed')
    expect(page.ends()).toEqual(['s2c rst'])
  })
})

// Up to Node 22 such a reset is told as an end: what came before it has not been read when the RST is there. So it is to
// the sockets of this test, which then have no peer any more.
describe('an RST right behind the last bytes is an RST on the other side, too', () => {
  test('from the server', async () => {
    const { page, client } = await tapped((socket) =>
      socket.on('data', () => {
        socket.write('the answer')
        socket.resetAndDestroy()
      }),
    )
    client.write('\0')
    const over = await within(client.over, 'the end')
    expect(over === 'rst' || client.socket.remoteAddress === undefined).toBe(true)
    await page.event('closed')
    expect(page.ends()).toEqual(['s2c rst'])
    expect(page.bytes('s2c').toString()).toBe('the answer')
  })

  test('from the client', async () => {
    let peer: Socket | undefined
    const { page, client } = await tapped((socket) => {
      peer = socket.resume()
    })
    client.write('\0first')
    await page.event('opened')
    client.write('last')
    client.socket.resetAndDestroy()
    await page.event('closed')
    expect(page.ends()).toEqual(['c2s rst'])
    expect(page.bytes('c2s').toString()).toBe('\0firstlast')
    await expect.poll(() => peer?.remoteAddress).toBeUndefined()
  })

  test('an end of both sides is none', async () => {
    const { page, client } = await tapped((socket) => socket.on('data', () => socket.end('bye')))
    client.write('\0')
    expect(await client.readAll()).toEqual(Buffer.from('bye'))
    client.socket.end()
    await page.event('closed')
    expect(page.ends()).toEqual(['s2c fin', 'c2s fin'])
  })
})

test('a slow reader stops the writer: never more than 1 MiB waits in the tap', async () => {
  const total = 32 * 1024 * 1024
  const target = await startTarget((socket) => socket.end(Buffer.alloc(total)))
  const eventLog = new EventLog(limits)
  const connections = new Map<number, Connection>()
  let most = 0
  eventLog.observe({
    event: () => {},
    // A chunk is told just before its bytes are written.
    chunk: () =>
      queueMicrotask(() => {
        for (const connection of connections.values()) most = Math.max(most, connection.backlog('s2c'))
      }),
  })
  const context = {
    limits,
    eventLog,
    rules: { hosts: new Set<string>(), origins: new Set<string>() },
    connections,
    sockets: new Set<Socket>(),
    nextNumber: () => 1,
    targetsChanged: () => {},
  }
  const tap = await Tap.listen(target, 0, context)
  onTestFinished(() => tap.close())
  const client = await Client.connect(tap.target.tapPort)
  client.socket.on('data', () => {
    client.socket.pause()
    setTimeout(() => client.socket.resume(), 1)
  })
  expect(await client.readAll()).toHaveLength(total)
  client.socket.destroy()
  expect(most).toBeGreaterThan(0)
  expect(most).toBeLessThan(1024 * 1024)
})

describe('when something is missing', () => {
  test('a lab that does not run: 502 for HTTP with its command, RST for other bytes, and the page is told', async () => {
    const port = await freePort()
    const plan = {
      id: '13-ws-server',
      label: 'Lab 13',
      port,
      stem: '13-ws-server',
      command: 'npx tsx labs/13-ws-server/server.ts',
    }
    const lab = await startLab({
      targets: [
        { ...plan, kind: 'websocket' },
        { ...plan, id: 'target', kind: 'tcp' },
      ],
    })
    const page = await Page.open(lab)
    await page.ask({ type: 'watch', target: '13-ws-server' })
    const sentence = `Your lab on ${port} is not running: npx tsx labs/13-ws-server/server.ts`

    const answer = await answerTo(tapPort(lab, '13-ws-server'), request(tapPort(lab, '13-ws-server')))
    expect(answer).toMatch(/^HTTP\/1.1 502 Bad Gateway\r\n/)
    expect(answer).toContain(sentence)
    expect((await page.event('error')).message).toBe(sentence)
    expect(await page.ask({ type: 'open', target: '13-ws-server' })).toMatchObject({ type: 'error', message: sentence })

    const client = await Client.connect(tapPort(lab, 'target'))
    expect(await within(client.over, 'the end')).toBe('rst')
  })

  test('a client that says nothing to a WebSocket server is sent away', async () => {
    const lab = await startLab({ limits: { headTimeoutMs: 50 } })
    const client = await Client.connect(tapPort(lab))
    expect((await client.readAll()).toString()).toMatch(/^HTTP\/1.1 408 Request Timeout\r\n/)
    const channel = await Client.connect(lab.port)
    expect((await channel.readAll()).toString()).toMatch(/^HTTP\/1.1 408 Request Timeout\r\n/)
  })

  test('a head that never ends is sent away, and so is one that is too long', async () => {
    const lab = await startLab({ limits: { headTimeoutMs: 50 } })
    expect(await answerTo(tapPort(lab), 'GET / HTTP/1.1\r\nHost: ')).toMatch(/^HTTP\/1.1 408 /)
    const long = `GET / HTTP/1.1\r\nA: ${'b'.repeat(17_000)}\r\n`
    expect(await answerTo(tapPort(lab), long)).toMatch(/^HTTP\/1.1 431 /)
    expect(await answerTo(lab.port, long)).toMatch(/^HTTP\/1.1 431 /)
  })

  test('a connection on which nothing happens is closed, and the page is told why', async () => {
    const target = await startTarget((socket) => socket.resume())
    const lab = await startLab({ targets: [target], limits: { idleTimeoutMs: 50 } })
    const page = await Page.open(lab)
    await page.ask({ type: 'watch', target: 'target' })
    const client = await Client.connect(tapPort(lab, 'target'))
    await within(client.over, 'the end')
    expect((await page.event('closed')).why).toContain('Nothing was sent for 0.05 seconds')
  })

  test('more connections than the limit are refused', async () => {
    const target = await startTarget((socket) => socket.write('hi'))
    const lab = await startLab({ targets: [target], limits: { connections: 3 } })
    const clients = []
    for (let i = 0; i < 3; i++) {
      const client = await Client.connect(tapPort(lab, 'target'))
      await client.read(2)
      clients.push(client)
    }
    const fourth = await Client.connect(tapPort(lab, 'target'))
    expect(await within(fourth.over, 'the refusal')).toBe('rst')
  })

  test('a refused request tells the page, and reaches no server', async () => {
    let reached = 0
    const target = await startTarget(() => reached++, 'http')
    const lab = await startLab({ targets: [target] })
    const page = await Page.open(lab)
    const probes = reached
    await page.ask({ type: 'watch', target: 'target' })
    await answerTo(tapPort(lab, 'target'), request(tapPort(lab, 'target'), { Origin: 'null' }))
    expect(await page.event('refused')).toMatchObject({ status: 403, why: expect.stringContaining('received null') })
    expect(reached).toBe(probes)
    expect(page.chunks).toEqual([])
  })
})

test('hostile bytes on every port do no harm', async () => {
  const target = await startTarget((socket) => socket.pipe(socket))
  const lab = await startLab({
    targets: [target],
    limits: { headTimeoutMs: 200, wordTimeoutMs: 10, lingerTimeoutMs: 200 },
  })
  const ports = [lab.port, tapPort(lab), tapPort(lab, 'target')]
  const beginnings = [
    '',
    'GET ',
    'GET / HTTP/1.1\r\n',
    'POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n',
    '\x16\x03\x01',
    'PRI * HTTP/2.0\r\n\r\n',
  ]
  for (let i = 0; i < 30; i++) {
    await Promise.all(
      ports.map(async (port) => {
        const client = await Client.connect(port)
        client.write(beginnings[i % beginnings.length]!)
        client.write(randomBytes(randomInt(1, 5000)))
        if (i % 3 === 0) client.socket.resetAndDestroy()
        else client.socket.end()
        if (i % 3 !== 0) await within(client.over, 'the end')
      }),
    )
  }
  const socket = new WebSocket(`ws://127.0.0.1:${tapPort(lab)}`, { origin: originOf(lab.port) })
  onTestFinished(() => socket.terminate())
  await once(socket, 'open')
  socket.send('still here')
  const [data] = (await once(socket, 'message')) as [Buffer]
  expect(data.toString()).toBe('still here')
})

const wsHeaders = {
  Upgrade: 'websocket',
  Connection: 'Upgrade',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
}
