import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { io, Manager, type Socket } from 'socket.io-client'
import { createEventServer } from '../../solutions/15-sio-events/server.ts'
import { createRoomServer } from '../../solutions/16-sio-rooms/server.ts'
import { createNamespaceServer } from '../../solutions/17-sio-namespaces/server.ts'
import { listenNear } from '../../workbook/server/listen.ts'
import { calls } from '../../workbook/view/room-calls.ts'
import { ownSockets } from '../../workbook/view/rooms.ts'
import type { Listening, Session } from './session.ts'

const client = 'socket.io-client 4 (Node)'
const protocol = 'socket.io'
/** A client with a WebSocket of its own. */
export const socketOptions = { transports: ['websocket'], forceNew: true, reconnection: false }

/** What the chapters on Socket.IO show when no lab runs. */
export const sioSessions: Session[] = [
  {
    id: 'socketio-events',
    client,
    server: 'solutions/15-sio-events',
    protocol,
    note: 'Ann says who she is and is welcomed. She asks for an echo of three arguments, and gets them in an acknowledgement; then she lets the server ask her, so that questions and answers cross.',
    listen: () => listening(createEventServer()),
    async talk(tap) {
      const ann = io(`http://127.0.0.1:${tap.port}`, { ...socketOptions, auth: { name: 'ann' } })
      ann.on('question', (_: string, ack: (answer: string) => void) => ack('fine'))
      await settled(ann)
      await ann.emitWithAck('echo', 1, 'two', [3])
      await ann.emitWithAck('ask me', 'how are you?')
      ann.disconnect()
      return undefined
    },
  },
  {
    id: 'socketio-who-hears',
    client,
    server: 'solutions/16-sio-rooms',
    protocol,
    note: 'Ann, Bob, Carl and Dora, each on a connection of their own, join their rooms. Then Ann asks the server for one emit after the other, and each time it can be seen who gets a “tried”.',
    listen: () => listening(createRoomServer()),
    async talk(tap) {
      const clients: Socket[] = []
      for (const { rooms } of ownSockets) {
        // The first one is told who is where.
        const auth = clients.length === 0 ? { watch: true } : {}
        const one = io(`http://127.0.0.1:${tap.port}`, { ...socketOptions, auth })
        await settled(one)
        for (const room of rooms) await one.emitWithAck('join', room)
        clients.push(one)
      }
      for (const { call } of calls) {
        await clients[0]!.emitWithAck('try', call)
        // What was sent to a client before the answer to a later request has arrived when that has.
        await Promise.all(clients.map((one) => one.emitWithAck('leave', '')))
      }
      for (const one of clients) one.disconnect()
      return undefined
    },
  },
  {
    id: 'socketio-namespaces',
    client,
    server: 'solutions/17-sio-namespaces',
    protocol,
    note: 'Four namespaces over one connection: / and /chat let the client in, each with an id of its own; /admin refuses it, and /nope does not exist. Then it leaves /chat, and / lives on.',
    listen: () => listening(createNamespaceServer()),
    async talk(tap) {
      const manager = new Manager(`http://127.0.0.1:${tap.port}`, socketOptions)
      const of = async (path: string) => settled(manager.socket(path))
      const main = await of('/')
      const chat = await of('/chat')
      await chat.emitWithAck('join', 'garden')
      await of('/admin')
      await of('/nope')
      chat.disconnect()
      await main.emitWithAck('where am i')
      main.disconnect()
      return undefined
    },
  },
]

/** Waits until the client was let in or refused. */
export async function settled(socket: Socket): Promise<Socket> {
  await new Promise<void>((resolve) => {
    socket.once('connect', resolve)
    socket.once('connect_error', () => resolve())
  })
  return socket
}

/** A server of Socket.IO that listens, on a server of its own. */
export async function listening(server: { attach(http: Server): unknown; close(): unknown }): Promise<Listening> {
  const http = createServer()
  server.attach(http)
  return {
    port: await listenNear(http, 0, 0),
    async close() {
      const closed = once(http, 'close')
      await server.close()
      await closed
    },
  }
}
