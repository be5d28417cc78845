import { once } from 'node:events'
import { createServer } from 'node:http'
import { Server } from 'socket.io'
import { io, type Socket } from 'socket.io-client'
import { listenNear } from '../../workbook/server/listen.ts'
import type { Listening, Session } from './session.ts'
import type { Tap } from './tap.ts'

export const socketioSession: Session = {
  id: 'socketio-rooms-ack-binary',
  client: 'socket.io-client 4 (Node)',
  server: 'socket.io 4',
  protocol: 'socket.io',
  note: 'Ann and Bob over WebSocket. Both join the room “tea”, acknowledged; what Ann says reaches Bob and not herself; Bob sends three bytes and gets them back in a binary ack; both leave.',
  listen,
  async talk(tap) {
    const ann = await enter(tap)
    const bob = await enter(tap)
    const heard = new Promise((resolve) => bob.once('said', resolve))
    ann.emit('say', 'tea', 'hello, 你好')
    await heard
    await bob.emitWithAck('reverse', Buffer.of(1, 2, 3))
    for (const client of [ann, bob]) client.disconnect()
    return undefined
  },
}

/** Connects, and joins the room. */
async function enter(tap: Tap): Promise<Socket> {
  const client = io(`http://127.0.0.1:${tap.port}`, { transports: ['websocket'], forceNew: true, reconnection: false })
  await new Promise<void>((resolve, reject) => {
    client.once('connect', resolve)
    client.once('connect_error', reject)
  })
  await client.emitWithAck('join', 'tea')
  return client
}

async function listen(): Promise<Listening> {
  const http = createServer()
  const server = new Server(http, { serveClient: false })
  server.on('connection', (socket) => {
    socket.on('join', async (room: string, done: (rooms: string[]) => void) => {
      await socket.join(room)
      done([...socket.rooms])
    })
    socket.on('say', (room: string, text: string) => socket.to(room).emit('said', text))
    socket.on('reverse', (bytes: Buffer, done: (bytes: Buffer) => void) => done(Buffer.from(bytes).reverse()))
  })
  const port = await listenNear(http, 0, 0)
  return {
    port,
    async close() {
      const closed = once(http, 'close')
      await server.close()
      await closed
    },
  }
}
