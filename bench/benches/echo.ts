import { once } from 'node:events'
import { type AddressInfo, connect, type Server } from 'node:net'
import { WebSocketServer } from 'ws'
import { encodeFrame, opcodes } from '../../solutions/12-ws-frames/frame.ts'
import { createWebSocketServer, echo } from '../../solutions/13-ws-server/server.ts'
import type { Bench, Comparison, Contender } from '../bench.ts'
import { inChild } from '../contender.ts'
import { timed } from '../measure.ts'

interface Load {
  /** size of a payload, in bytes */
  size: number
  /** messages that are sent before the first answer is read */
  atOnce: number
}

const servers = {
  async ours(): Promise<{ name: string; port: number }> {
    const server = createWebSocketServer().on('websocket', echo)
    return { name: 'solutions/13', port: await listening(server) }
  },
  async ws() {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
    server.on('connection', (socket) => socket.on('message', (data, binary) => socket.send(data, { binary })))
    await once(server, 'listening')
    return { name: 'ws', port: (server.address() as AddressInfo).port }
  },
}

type Kind = keyof typeof servers

export const contenders = {
  async echo({ kind, load: { size, atOnce } }: { kind: Kind; load: Load }): Promise<Contender> {
    const { name, port } = await servers[kind]()
    const payload = Buffer.alloc(size, 'm')
    const frame = encodeFrame({ opcode: opcodes.text, payload, maskingKey: Buffer.from('7fa1c35e', 'hex') })
    const answer = encodeFrame({ opcode: opcodes.text, payload }).length
    const client = await upgraded(port)
    const messages = Buffer.concat(Array.from({ length: atOnce }, () => frame))
    let missing = 0
    let answered = () => {}
    client.on('data', ({ length }) => {
      missing -= length
      if (missing === 0) answered()
    })
    return {
      name,
      round() {
        const trips = Math.min(2000, Math.ceil(2 ** 26 / size))
        return timed(trips, async () => {
          for (let i = 0; i < trips; i += atOnce) {
            const all = new Promise<void>((resolve) => {
              answered = resolve
            })
            missing = atOnce * answer
            client.write(messages)
            await all
          }
        })
      },
    }
  },
}

// As npm installs it, without the native add-on that unmasks.
const plain = { WS_NO_BUFFER_UTIL: '1' }
const compare = (name: string, load: Load): Comparison => ({
  name,
  own: inChild(import.meta.url, 'echo', { kind: 'ours', load }),
  peer: inChild(import.meta.url, 'echo', { kind: 'ws', load }, plain),
})

export default {
  title: 'WebSocket messages, there and back',
  unit: 'ns of CPU per message, with a client that only counts bytes',
  comparisons: [
    compare('64 B, one at a time', { size: 64, atOnce: 1 }),
    compare('64 B, 100 at once', { size: 64, atOnce: 100 }),
    compare('64 KiB, one at a time', { size: 64 * 1024, atOnce: 1 }),
  ],
} satisfies Bench

async function listening(server: Server): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return (server.address() as AddressInfo).port
}

async function upgraded(port: number) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  socket.write(
    'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  )
  let head = ''
  while (!head.endsWith('\r\n\r\n')) head += (await once(socket, 'data'))[0]
  return socket
}
