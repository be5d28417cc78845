import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { LabChannel, type LabDoor } from '../../workbook/view/lab-channel.ts'
import type { Obstacle } from '../../workbook/view/notice.ts'
import type { ChannelSocket } from '../../workbook/view/stream-socket.ts'

const token = '0123456789abcdef'.repeat(2)

/** A WebSocket whose other end is the test. */
class FakeSocket implements ChannelSocket {
  readonly OPEN = 1
  readyState: number = 0
  binaryType: BinaryType = 'blob'
  sent: unknown[] = []
  onopen: (() => void) | null = null
  onclose: (() => void) | null = null
  onmessage: ((event: { data: unknown }) => void) | null = null

  succeed(): void {
    this.readyState = this.OPEN
    this.onopen?.()
  }

  send(data: unknown): void {
    this.sent.push(data)
  }

  close(): void {
    this.readyState = 3
    this.onclose?.()
  }
}

/** A channel, and the sockets that it has opened. */
function setUp(change: { port?: number; isLocal?: boolean; obstacle?: Obstacle; streams?: boolean } = {}) {
  const site = {
    port: 7070 as number | undefined,
    isLocal: true,
    obstacle: undefined as Obstacle | undefined,
    streams: false,
    ...change,
  }
  const opened: { url: string; protocols: string[]; socket: FakeSocket }[] = []
  const door: LabDoor = {
    find: async () => (site.port === undefined ? undefined : { base: `http://127.0.0.1:${site.port}`, token }),
    isLocal: () => site.isLocal,
    obstacle: async () => site.obstacle,
    open(url, protocols) {
      const socket = new FakeSocket()
      opened.push({ url, protocols, socket })
      return socket
    },
    stream(url, token) {
      const socket = new FakeSocket()
      if (site.streams) opened.push({ url, protocols: [token], socket })
      return site.streams ? socket : undefined
    },
  }
  const message = vi.fn()
  const changed = vi.fn()
  const channel = new LabChannel('/grade', door, { message, changed })
  return { site, opened, channel, message, changed, last: () => opened.at(-1)!.socket }
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** Lets promises settle. */
const settle = () => vi.advanceTimersByTimeAsync(0)

describe('the first look', () => {
  test('opens the channel with the token, and is live when it is open', async () => {
    const { channel, opened, message, last, changed } = setUp()
    expect(channel.state).toBe('looking')
    await channel.connect()
    expect(opened[0]).toMatchObject({
      url: 'ws://127.0.0.1:7070/grade',
      protocols: ['wirebook.tap.v1', `wirebook.token.${token}`],
    })
    expect(channel.send('too early')).toBe(false)
    changed.mockClear()
    last().succeed()
    expect(channel.state).toBe('live')
    expect(changed).toHaveBeenCalled()
    expect(channel.send('now')).toBe(true)
    expect(last().sent).toEqual(['now'])
    last().onmessage?.({ data: 'heard' })
    expect(message).toHaveBeenCalledWith('heard')
  })

  test('is absent where there is no lab server, and does not try again', async () => {
    const { channel, opened, site } = setUp()
    site.port = undefined
    await channel.connect()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(channel.state).toBe('absent')
    expect(opened).toEqual([])
  })

  test('is held on a page from elsewhere, until its reader asks', async () => {
    const { channel, opened, last } = setUp({ isLocal: false })
    await channel.connect()
    expect(channel.state).toBe('held')
    expect(opened).toEqual([])
    await channel.ask()
    last().succeed()
    expect(channel.state).toBe('live')
  })
})

describe('a WebSocket that does not open', () => {
  test('is held up: after a quarter of a second a stream is tried, and the first that opens is kept', async () => {
    const { channel, opened } = setUp({ streams: true })
    await channel.connect()
    await vi.advanceTimersByTimeAsync(249)
    expect(opened).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(1)
    expect(opened[1]).toMatchObject({ url: 'http://127.0.0.1:7070/grade', protocols: [token] })
    opened[1]!.socket.succeed()
    expect(channel.state).toBe('live')
    expect(opened[0]!.socket.readyState, 'the WebSocket was given up').toBe(3)
    channel.send('over the stream')
    expect(opened[1]!.socket.sent).toEqual(['over the stream'])
    opened[0]!.socket.succeed()
    expect(channel.state).toBe('live')
    expect(opened[0]!.socket.sent).toEqual([])
  })

  test('is refused by what carries the page: a stream is tried at once', async () => {
    const { channel, opened } = setUp({ streams: true })
    await channel.connect()
    opened[0]!.socket.close()
    expect(opened).toHaveLength(2)
    expect(channel.state).toBe('looking')
    opened[1]!.socket.succeed()
    expect(channel.state).toBe('live')
    opened[1]!.socket.close()
    await settle()
    expect(channel).toMatchObject({ state: 'lost', retryIn: 1000 })
  })

  test('opens in time: no stream is tried', async () => {
    const { channel, opened, last } = setUp({ streams: true })
    await channel.connect()
    last().succeed()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(opened).toHaveLength(1)
  })
})

describe('a channel that is lost', () => {
  test('is tried again after 1, 2, 4 and 8 seconds, and then when it is asked for', async () => {
    const { channel, opened, last } = setUp()
    await channel.connect()
    last().succeed()
    for (const delay of [1000, 2000, 4000, 8000]) {
      last().close()
      await settle()
      expect(channel).toMatchObject({ state: 'lost', retryIn: delay })
      const before = opened.length
      await vi.advanceTimersByTimeAsync(delay - 1)
      expect(opened, `${delay} ms`).toHaveLength(before)
      await vi.advanceTimersByTimeAsync(1)
      expect(opened, `${delay} ms`).toHaveLength(before + 1)
    }
    last().close()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(channel).toMatchObject({ state: 'lost', retryIn: undefined })
    expect(opened).toHaveLength(5)
    await channel.connect()
    last().succeed()
    last().close()
    await settle()
    expect(channel.retryIn, 'it was live, so the waits begin anew').toBe(1000)
  })

  test('asks for the address each time, since a restart changes it', async () => {
    const { channel, opened, site, last } = setUp()
    await channel.connect()
    last().succeed()
    site.port = undefined
    last().close()
    await vi.advanceTimersByTimeAsync(1000)
    expect(opened).toHaveLength(1)
    expect(channel, 'the site does not know it yet').toMatchObject({ state: 'lost', retryIn: 2000 })
    site.port = 7171
    await vi.advanceTimersByTimeAsync(2000)
    expect(opened.at(-1)!.url).toBe('ws://127.0.0.1:7171/grade')
  })

  test('is not tried again where something stands in the way', async () => {
    const { channel, opened, last } = setUp({ obstacle: 'denied' })
    await channel.connect()
    last().close()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(channel).toMatchObject({ state: 'lost', obstacle: 'denied', retryIn: undefined })
    expect(opened).toHaveLength(1)
  })

  test('rests after it was closed by its page', async () => {
    const { channel, opened, last } = setUp()
    await channel.connect()
    last().succeed()
    channel.close()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(channel.state).toBe('live')
    expect(opened).toHaveLength(1)
    expect(channel.send('anything')).toBe(false)
  })
})
