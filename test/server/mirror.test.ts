import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { Client, type Command, handshake, Page, startLab, startTarget, tapPort, within } from './support.ts'

/** A lab server with one target, and a page that watches it. */
async function watched(onConnection: (socket: Socket) => void, limits = {}) {
  const lab = await startLab({ targets: [await startTarget(onConnection)], limits })
  const page = await Page.open(lab)
  await page.ask({ type: 'watch', target: 'target' })
  return { lab, page, port: tapPort(lab, 'target') }
}

const echo = (socket: Socket) => void socket.pipe(socket)

describe('what a page is told', () => {
  test('which servers there are, and whether they listen', async () => {
    const lab = await startLab({
      targets: [{ id: '13-ws-server', label: 'Lab 13: ws-server', kind: 'websocket', port: 1, stem: '13-ws-server' }],
    })
    const page = await Page.open(lab)
    const { version, targets } = await page.event('hello')
    expect(version).toBe(1)
    expect(targets.map(({ id, listening }) => `${id} ${listening}`)).toEqual([
      'echo true',
      'echo-deflate true',
      'silence true',
      '13-ws-server false',
    ])
    expect(targets[3]).toEqual({ ...lab.targets()[3], listening: false })
  })

  test('that a server has started, when it asks or when someone connects', async () => {
    const target = await startTarget(echo)
    const lab = await startLab({ targets: [{ ...target, port: 1 }] })
    const page = await Page.open(lab)
    lab.targets()[3]!.port = target.port
    await page.ask({ type: 'targets' })
    const { targets } = await page.event('targets')
    expect(targets[3]?.listening).toBe(true)
  })

  test('that one server has started, without a knock at the others', async () => {
    const knocks: string[] = []
    const [asked, other] = await Promise.all(
      ['asked', 'other'].map(async (id) => ({ ...(await startTarget(() => void knocks.push(id))), id })),
    )
    const lab = await startLab({ targets: [asked!, other!] })
    const page = await Page.open(lab)
    await page.event('hello')
    await expect.poll(() => knocks.length, { message: 'both were looked at first' }).toBe(2)
    await page.ask({ type: 'targets', target: 'asked' })
    await expect.poll(() => knocks.slice(2)).toEqual(['asked'])
    expect(await page.ask({ type: 'targets', target: 'none' })).toMatchObject({ type: 'error' })
  })

  test('only of the targets that it watches', async () => {
    const { lab, page, port } = await watched(echo)
    const other = await Page.open(lab)
    const client = await Client.connect(port)
    client.socket.end('\0hi')
    await page.event('closed')
    await other.ask({ type: 'targets' })
    expect(other.chunks).toEqual([])
    expect(other.events.map((event) => event.type)).toEqual(['hello', 'targets', 'done'])

    await page.ask({ type: 'unwatch', target: 'target' })
    const seen = page.chunks.length
    await (await Client.connect(port)).readAllAfter('\0ho')
    await page.ask({ type: 'targets' })
    expect(page.chunks).toHaveLength(seen)
  })

  test('what was there before it came, and how much is forgotten', async () => {
    const { lab, page, port } = await watched(echo, { keptChunks: 5 })
    for (let i = 1; i <= 3; i++) {
      await (await Client.connect(port)).readAllAfter(`\0${i}`)
      await page.event('closed', ({ connection }) => connection === i)
    }
    const late = await Page.open(lab)
    await late.ask({ type: 'watch', target: 'target' })
    expect(late.chunks).toEqual(page.chunks.slice(-5))
    expect(late.events.slice(1, -1)).toEqual([
      { type: 'watching', target: 'target', forgotten: page.chunks.length - 5 },
      ...page.events.filter((event) => event.type === 'opened' && event.connection > 1),
      ...page.events.filter((event) => event.type === 'closed' && event.connection > 1),
    ])
  })

  test('when it reads too slowly, how much it missed; nobody waits for it', async () => {
    const { lab, page, port } = await watched(echo, { backlogBytes: 256 * 1024 })
    const slow = await Page.open(lab)
    await slow.ask({ type: 'watch', target: 'target' })
    slow.socket.pause()

    const sent = randomBytes(32 * 1024 * 1024)
    const client = await Client.connect(port)
    client.write('\0')
    client.socket.end(sent)
    expect((await client.readAll()).subarray(1).equals(sent)).toBe(true)

    slow.socket.resume()
    const { chunks, bytes } = await slow.event('dropped')
    expect(chunks).toBeGreaterThan(0)
    expect(bytes).toBeGreaterThan(20 * 1024 * 1024)
    await page.event('closed')
  })
})

describe('a page as a raw client', () => {
  test('writes the bytes in the pieces that it cut, and sees each of them', async () => {
    const pieces: string[] = []
    const { page } = await watched((socket) => {
      socket.on('data', (bytes) => pieces.push(bytes.toString()))
      socket.on('end', () => socket.end('bye'))
    })
    const connection = await page.connection('target')
    const data = Buffer.from('abcdef').toString('base64')
    expect(await page.ask({ type: 'send', connection, data, cuts: [1, 4], delay: 10 })).toMatchObject({ type: 'done' })
    await page.ask({ type: 'cut', connection, direction: 'c2s' })
    await page.event('closed')

    const sent = page.chunks.filter(({ direction, bytes }) => direction === 'c2s' && bytes.length > 0)
    expect(sent.map(({ bytes }) => Buffer.from(bytes).toString())).toEqual(['a', 'bcd', 'ef'])
    expect(sent[2]!.time - sent[0]!.time).toBeGreaterThanOrEqual(18)
    expect(pieces.join('')).toBe('abcdef')
    expect(page.bytes('s2c').toString()).toBe('bye')
    expect(page.ends()).toEqual(['c2s fin', 's2c fin'])
    expect((await page.event('opened')).by).toBe('page')
  })

  test('is past the filter: it may try a Host that the guard would refuse', async () => {
    const { page } = await watched((socket) => socket.pipe(socket))
    const connection = await page.connection('target')
    const head = 'GET / HTTP/1.1\r\nHost: elsewhere.test\r\n\r\n'
    await page.ask({ type: 'send', connection, data: Buffer.from(head).toString('base64') })
    await page.until(() => page.bytes('s2c').toString() === head, 'the head, come back')
  })

  test('sends in the order in which it asked', async () => {
    const { page } = await watched(echo)
    const connection = await page.connection('target')
    const first = page.ask({ type: 'send', connection, data: 'MTIz', cuts: [1, 2], delay: 20 })
    const second = page.ask({ type: 'send', connection, data: 'NDU2' })
    await Promise.all([first, second])
    expect(page.bytes('c2s').toString()).toBe('123456')
  })

  test('resets', async () => {
    const { page } = await watched((socket) => socket.resume())
    const connection = await page.connection('target')
    await page.ask({ type: 'reset', connection })
    await page.event('closed')
    expect(page.ends()).toEqual(['c2s rst'])
    expect(await page.ask({ type: 'send', connection, data: 'YQ==' })).toMatchObject({
      message: `connection: expected an open one, but ${connection} is not.`,
    })
  })

  test('has at most 8 connections, and they end with it', async () => {
    const { lab, page } = await watched((socket) => socket.resume())
    for (let i = 0; i < 8; i++) await page.connection('target')
    const ninth = 'open: expected at most 8 connections of one page: cut or reset one first.'
    expect(await page.ask({ type: 'open', target: 'target' })).toMatchObject({ type: 'error', message: ninth })

    await page.ask({ type: 'reset', connection: 1 })
    await page.event('closed')
    expect(await page.connection('target')).toBe(9)

    const other = await Page.open(lab)
    await other.ask({ type: 'watch', target: 'target' })
    page.socket.terminate()
    await other.until(() => other.events.filter(({ type }) => type === 'closed').length === 9, 'all to be closed')
  })
})

describe('a page as the server', () => {
  test('writes to the client, and ends its side', async () => {
    const { page, port } = await watched((socket) => socket.resume())
    const client = await Client.connect(port)
    const { connection } = await page.event('opened')
    expect(await page.ask({ type: 'serverSend', connection, data: 'iQA=' })).toMatchObject({ type: 'done' })
    expect((await client.read(2)).toString('hex')).toBe('8900')
    await page.ask({ type: 'cut', connection, direction: 's2c' })
    expect(await within(client.over, 'FIN')).toBe('fin')
  })

  test('answers in place of the built-in silence, the handshake included', async () => {
    const lab = await startLab()
    const page = await Page.open(lab)
    await page.ask({ type: 'watch', target: 'silence' })
    const port = tapPort(lab, 'silence')
    const client = await Client.connect(port)
    client.write(handshake(port))
    const { connection } = await page.event('opened')
    const refusal = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'
    await page.ask({ type: 'serverSend', connection, data: Buffer.from(refusal).toString('base64') })
    await page.ask({ type: 'cut', connection, direction: 's2c' })
    expect((await client.readAll()).toString()).toBe(refusal)
    client.socket.end()
    await page.event('closed')
    expect(page.ends()).toEqual(['s2c fin', 'c2s fin'])
  })

  test('is told when there is no client to write to', async () => {
    const { page } = await watched((socket) => socket.resume())
    const connection = await page.connection('target')
    const message = `connection: ${connection} has this page as its client, so nobody is there to speak to as its server.`
    expect(await page.ask({ type: 'serverSend', connection, data: 'iQA=' })).toMatchObject({ type: 'error', message })
  })
})

describe('a command that is wrong gets a sentence', () => {
  test.each([
    { name: 'no such type', command: { type: 'exec' }, says: 'type: expected watch, unwatch' },
    {
      name: 'no such target',
      command: { type: 'watch', target: 'x' },
      says: 'expected one of echo, echo-deflate, silence.',
    },
    { name: 'a host', command: { type: 'open', target: 'evil.test:80' }, says: 'target: expected one of echo' },
    { name: 'no target', command: { type: 'open' }, says: 'target: expected text, received nothing.' },
    { name: 'no connection', command: { type: 'reset', connection: 7 }, says: 'expected an open one, but 7 is not.' },
    { name: 'half a connection', command: { type: 'reset', connection: 0.5 }, says: 'expected a whole number' },
    { name: 'no direction', command: { type: 'cut', connection: 1 }, says: 'direction: expected c2s or s2c' },
    { name: 'bad base64', command: { type: 'send', connection: 1, data: 'a' }, says: 'data: expected base64' },
    { name: 'too much', command: { type: 'send', connection: 1, data: 'AAAA'.repeat(21_846) }, says: '65536 bytes' },
    {
      name: 'a cut outside',
      command: { type: 'send', connection: 1, data: 'YWI=', cuts: [2] },
      says: 'inside the 2 bytes',
    },
    { name: 'cuts that fall', command: { type: 'send', connection: 1, data: 'YWJj', cuts: [2, 1] }, says: 'ascending' },
    { name: 'a long delay', command: { type: 'send', connection: 1, data: 'YQ==', delay: 9999 }, says: '0 to 2000' },
  ])('$name', async ({ command, says }) => {
    const page = await Page.open(await startLab())
    const answer = await page.ask(command as Command)
    expect(answer).toMatchObject({ type: 'error', message: expect.stringContaining(says) })
  })

  test.each([
    { name: 'no JSON', message: 'hello', says: 'Command: expected JSON.' },
    { name: 'no object', message: '[]', says: 'a whole number as its id' },
    { name: 'no id', message: '{"type":"targets"}', says: 'a whole number as its id' },
    { name: 'binary', message: Buffer.from('{}'), says: 'received a binary message' },
  ])('$name', async ({ message, says }) => {
    const page = await Page.open(await startLab())
    page.socket.send(message)
    expect((await page.event('error')).message).toContain(says)
  })

  test('more than so many in a second are refused', async () => {
    const page = await Page.open(await startLab({ limits: { commandsPerSecond: 3 } }))
    const answers = await Promise.all(Array.from({ length: 30 }, () => page.ask({ type: 'unwatch', target: 'echo' })))
    const sentence = 'Command: expected at most 3 in a second: send fewer.'
    expect(answers.find(({ type }) => type === 'error')).toMatchObject({ message: sentence })
  })

  test('a message of more than 1 MiB ends the channel with 1009', async () => {
    const page = await Page.open(await startLab())
    page.socket.send('x'.repeat(1024 * 1024 + 1))
    const [code] = await within(once(page.socket, 'close'), 'the close frame')
    expect(code).toBe(1009)
  })

  test('hostile messages do no harm', async () => {
    const lab = await startLab({ limits: { commandsPerSecond: 1000 } })
    const page = await Page.open(lab)
    for (let i = 0; i < 100; i++) page.socket.send(randomBytes(200).toString('latin1'))
    for (const id of [1000, -1, 1e300, '1', null]) {
      for (const type of ['watch', 'open', 'send', 'cut', '__proto__', {}]) {
        for (const rest of [
          {},
          { target: '__proto__' },
          { target: {} },
          { connection: '1' },
          { cuts: 'x', data: 'YQ==' },
        ]) {
          page.socket.send(JSON.stringify({ id, type, ...rest }))
        }
      }
    }
    expect(await page.ask({ type: 'targets' })).toMatchObject({ type: 'done' })
  })
})
