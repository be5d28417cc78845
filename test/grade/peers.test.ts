import { createSocket } from 'node:dgram'
import { createServer, type Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { bindUdp, deadline, listen, misbehave, runFile, tcp, udp, wsPeer } from '../../workbook/grade/checks/check.ts'
import type { Failure } from '../../workbook/grade/checks/events.ts'
import { CheckFailure } from '../../workbook/grade/checks/failure.ts'
import { closeAll } from '../../workbook/grade/checks/lifetime.ts'

beforeAll(() => {
  process.env.WIREBOOK_TREE = fileURLToPath(new URL('fixtures', import.meta.url))
})
afterEach(closeAll)

const timeout = 200

/** The failure that a check would end with. */
async function failureOf(promise: Promise<unknown>): Promise<Failure> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(CheckFailure)
  return (error as CheckFailure).failure
}

const summaryOf = async (promise: Promise<unknown>) => (await failureOf(promise)).difference.summary

const onConnection = (listener: (socket: Socket) => void) =>
  listen(
    createServer((socket) => {
      socket.on('error', () => {})
      listener(socket)
    }),
  )

describe('a TCP peer', () => {
  test('sends each chunk by itself and reads what comes back', async () => {
    const chunks: string[] = []
    const port = await onConnection((socket) =>
      socket.on('data', (chunk) => {
        chunks.push(String(chunk))
        socket.write(chunk)
      }),
    )
    const peer = await tcp(port)
    await peer.send(['one\r\n', 'tw', 'o\nrest'])
    expect([await peer.readLine(), await peer.readLine(), String(await peer.read(4))]).toEqual(['one', 'two', 'rest'])
    expect(chunks).toEqual(['one\r\n', 'tw', 'o\nrest'])
  })

  test('reads up to a text, and up to FIN', async () => {
    const peer = await tcp(await onConnection((socket) => socket.end('a: b\r\n\r\nbody')))
    expect(await peer.readUntil('\r\n\r\n')).toBe('a: b\r\n\r\n')
    expect(String(await peer.readAll())).toBe('body')
    expect(await peer.closed).toBe('fin')
  })

  test('says that nothing listens, and where the program does', async () => {
    const server = createServer()
    const port = await listen(server)
    await new Promise((resolve) => server.close(resolve))
    expect(await summaryOf(tcp(port))).toBe(`connection refused: nothing listens on 127.0.0.1:${port}`)

    const other = await runFile('other-port.ts', [port]).port()
    expect(await summaryOf(tcp(port))).toBe(
      `connection refused: nothing listens on 127.0.0.1:${port}; your program listens on ${other}`,
    )
  })

  test('tells silence, part of a reply, FIN and reset apart', async () => {
    const silent = await tcp(await onConnection(() => {}), { timeout })
    expect(await summaryOf(silent.read(2))).toBe('no reply within 200 ms: waited for 2 bytes')
    const part = await tcp(await onConnection((socket) => socket.write('a')), { timeout })
    expect(await summaryOf(part.read(2))).toBe('nothing more within 200 ms after "a": waited for 2 bytes')
    const fin = await tcp(await onConnection((socket) => socket.end('a')), { timeout })
    expect(await summaryOf(fin.readLine())).toBe('FIN after "a": waited for a line')
    const rst = await tcp(await onConnection((socket) => socket.on('data', () => socket.resetAndDestroy())), {
      timeout,
    })
    await rst.send('x')
    expect(await summaryOf(rst.readUntil('y'))).toBe('reset (RST): waited for "y"')
  })

  test('expects an end, with nothing before it', async () => {
    await (await tcp(await onConnection((socket) => socket.end()))).expectEnd()
    const extra = await tcp(await onConnection((socket) => socket.end('more')), { timeout })
    expect(await summaryOf(extra.expectEnd())).toBe('extra bytes before FIN: "more"')
    const open = await tcp(await onConnection(() => {}), { timeout })
    expect(await summaryOf(open.expectEnd())).toBe('no FIN within 200 ms')
    const rst = await tcp(await onConnection((socket) => socket.on('data', () => socket.resetAndDestroy())), {
      timeout,
    })
    await rst.send('x')
    await rst.expectEnd({ orReset: true })
    expect(await summaryOf(rst.expectEnd())).toBe('reset (RST) instead of FIN')
  })

  test('expects silence until something else has happened', async () => {
    const port = await onConnection((socket) => socket.on('data', (data) => socket.write(data)))
    const [ada, bob] = [await tcp(port, { name: 'Ada' }), await tcp(port, { name: 'Bob' })]
    await ada.send('x')
    await bob.expectSilence(ada.read(1))
    await bob.send('y')
    await ada.send('z')
    expect(await summaryOf(bob.expectSilence(ada.read(1)))).toBe('Bob: nothing was to come, got "y"')
  })

  test('keeps a time line: who, what, how it was split', async () => {
    const peer = await tcp(await onConnection((socket) => socket.on('data', () => socket.write(Buffer.of(0x81, 0)))), {
      timeout,
    })
    await peer.send(['GET ', '/'])
    await peer.read(2)
    const { difference } = await failureOf(peer.read(9))
    if (difference.shape !== 'timeline') throw new Error(`expected a time line, got ${difference.shape}`)
    const steps = difference.steps.map(({ who, what }) => `${who} ${what}`)
    expect(steps[1]).toBe('we "GET /" (split 4|1)')
    expect(steps[2]).toBe('you 81 00')
    expect(steps.at(-1)).toMatch(/^you n/)
  })

  test('says when a lab does not read', async () => {
    const peer = await tcp(await onConnection((socket) => socket.pause()), { timeout })
    const flood = Buffer.alloc(64 * 1024 * 1024)
    expect(await summaryOf(peer.send(flood))).toBe('you do not read: 67108864 bytes still wait after 200 ms')
  })
})

test('rude peers reset, are silent, never read', async () => {
  let reset: (code?: string) => void = () => {}
  const ended = new Promise<string | undefined>((resolve) => {
    reset = resolve
  })
  const port = await onConnection((socket) => {
    socket.on('error', (error: NodeJS.ErrnoException) => reset(error.code))
    socket.resume()
  })
  const silent = await misbehave.silent(port)
  const deaf = await misbehave.neverReads(port, 'hello\n')
  await misbehave.reset(port, 'half a li')
  await silent.expectSilence(deadline(ended, 2000, 'the reset to arrive'))
  expect(await ended).toBe('ECONNRESET')
  expect(deaf.socket.isPaused()).toBe(true)
})

describe('a UDP peer', () => {
  test('sends, receives with the sender, and waits for nothing in vain', async () => {
    const lab = createSocket('udp4')
    lab.on('message', (bytes, from) => lab.send(bytes, from.port))
    const port = await bindUdp(lab)
    const [ada, bob] = [await udp({ timeout }), await udp({ timeout, name: 'Bob' })]
    await ada.send('hi', port)
    expect(await ada.receiveFrom()).toMatchObject({ bytes: Buffer.from('hi'), port })
    await ada.send('again', port)
    await bob.expectNothingUntil(ada.receive())
    expect(await summaryOf(bob.receive())).toBe('Bob: no datagram within 200 ms')
  })
})

describe('a WebSocket peer', () => {
  test('sends, receives, pings and closes', async () => {
    const http = (await import('node:http')).createServer()
    new WebSocketServer({ server: http }).on('connection', (socket) =>
      socket.on('message', (data, binary) => socket.send(data, { binary })),
    )
    const peer = await wsPeer(`ws://127.0.0.1:${await listen(http)}/`, { timeout })
    await peer.send('hi')
    expect(await peer.receiveText()).toBe('hi')
    await peer.send(Buffer.of(1))
    expect(await peer.receive()).toEqual({ data: Buffer.of(1), binary: true })
    expect(String(await peer.ping('beat'))).toBe('beat')
    expect(await summaryOf(peer.receive())).toBe('no message within 200 ms')
    expect(await peer.close(4000, 'done')).toEqual({ code: 4000, reason: 'done' })
    expect(await summaryOf(peer.receive())).toBe('closed with 4000: waited for a message')
  })
})

describe('a program', () => {
  test('that crashes is told with its own line', async () => {
    const failure = await failureOf(runFile('crashes.ts').port())
    expect(failure.difference.summary).toBe(
      'the program crashed (RangeError: too far) before a line like /listening on .*:(\\d+)/',
    )
    expect(failure.where).toBe('labs/crashes.ts:3')
  })

  test('gives its lines, takes a signal, and its exit is told', async () => {
    const program = runFile('other-port.ts')
    expect(await program.port()).toBeGreaterThan(0)
    program.signal('SIGTERM')
    expect(await program.ends()).toMatchObject({ stderr: '' })
  })
})

test('a deadline says what was waited for', async () => {
  expect(await summaryOf(deadline(new Promise(() => {}), 10, 'the server to close'))).toBe(
    'waited 10 ms for the server to close: it did not happen',
  )
})
