import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { WebSocket as NodeWebSocket, type WebSocket as ServerSide, WebSocketServer } from 'ws'
import { MirrorClient } from '../../workbook/view/mirror-client.ts'
import type { ChannelSocket } from '../../workbook/view/stream-socket.ts'
import { encodeMirrorChunk } from '../../workbook/wire/formats/mirror-chunk.ts'
import { mirrorProtocol, mirrorVersion, type Target } from '../../workbook/wire/formats/mirror-messages.ts'
import { eventually } from './eventually.ts'

const echo: Target = { id: 'echo', label: 'Echo', kind: 'websocket', port: 7001, tapPort: 7101, listening: true }
const listener = { chunk: vi.fn(), event: vi.fn(), changed: vi.fn() }
let server: WebSocketServer
let mirror: MirrorClient
let peer: ServerSide

beforeEach(async () => {
  server = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => mirrorProtocol })
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  mirror = new MirrorClient(
    {
      find: async () => ({ base: `http://127.0.0.1:${port}`, token: '0'.repeat(32) }),
      isLocal: () => true,
      obstacle: async () => undefined,
      open: (url, protocols) => new NodeWebSocket(url, protocols) as unknown as ChannelSocket,
      stream: () => undefined,
    },
    listener,
  )
  const connected = once(server, 'connection')
  await mirror.channel.connect()
  peer = (await connected)[0] as ServerSide
  await eventually(() => expect(mirror.channel.state).toBe('live'))
})

afterEach(() => {
  mirror.channel.close()
  for (const client of server.clients) client.terminate()
  server.close()
  vi.clearAllMocks()
})

/** What the client sends next. */
async function asked(): Promise<{ id: number; type: string }> {
  const [data] = await once(peer, 'message')
  return JSON.parse(String(data))
}
const tell = (event: object) => peer.send(JSON.stringify(event))

test('a command is answered by its number, in whatever order', async () => {
  const first = asked()
  const opening = mirror.command({ type: 'open', target: 'echo' })
  const { id } = await first
  const second = asked()
  const watching = mirror.command({ type: 'watch', target: 'nowhere' })
  tell({ type: 'error', id: (await second).id, message: 'There is no target nowhere.' })
  await expect(watching).rejects.toThrow('There is no target nowhere.')
  tell({ type: 'done', id, connection: 7 })
  expect(await opening).toBe(7)
})

test('the targets and the version are those that were told last', async () => {
  tell({ type: 'hello', version: mirrorVersion + 1, targets: [] })
  await eventually(() => expect(mirror.outdated).toBe(true))
  tell({ type: 'hello', version: mirrorVersion, targets: [echo] })
  await eventually(() => expect(mirror.target('echo')).toEqual(echo))
  expect(mirror.outdated).toBe(false)
  tell({ type: 'targets', targets: [{ ...echo, listening: false }] })
  await eventually(() => expect(mirror.target('echo')!.listening).toBe(false))
  expect(mirror.target('lab-13')).toBeUndefined()
  expect(listener.event).toHaveBeenCalledTimes(3)
})

test('a binary message is a chunk', async () => {
  const chunk = { connection: 3, direction: 'c2s', sequence: 5, time: 1.5, bytes: Uint8Array.of(1, 2, 3) } as const
  peer.send(encodeMirrorChunk(chunk))
  await eventually(() => expect(listener.chunk).toHaveBeenCalled())
  expect(listener.chunk.mock.calls[0]![0]).toMatchObject(chunk)
})

test('a command that waits fails when the lab server goes, and one that comes later at once', async () => {
  const waiting = mirror.command({ type: 'watch', target: 'echo' })
  peer.terminate()
  await expect(waiting).rejects.toThrow('The lab server is gone.')
  await expect(mirror.command({ type: 'watch', target: 'echo' })).rejects.toThrow('The lab server is not connected.')
})
