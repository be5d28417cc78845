import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server as NetServer, type Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Server as SocketIoServer } from 'socket.io'
import { WebSocketServer } from 'ws'
import { createChatServer } from '../../solutions/07-tcp-chat/server.ts'
import type { WebSocketEndpoint } from '../../solutions/13-ws-server/endpoint.ts'
import { broadcast, createWebSocketServer } from '../../solutions/13-ws-server/server.ts'
import type { Bench, Contender, Cost } from '../bench.ts'
import { Consumers, type Greeting } from '../consumers.ts'
import { inChild } from '../contender.ts'
import { timed } from '../measure.ts'

interface Load {
  connections: number
  /** messages that are sent in one turn of the event loop */
  perTurn: number
  turns: number
}

/** A server that can send a message to everybody. */
interface Sender {
  name: string
  greeting: Greeting
  port: number
  /** bytes on the wire, of one message to one client */
  bytes: number
  /** Sends so many messages in one turn. */
  send(count: number): void
  /** bytes that all clients together hear of each other, until so many have come in */
  welcome?(connections: number): number
}

const message = 'm'.repeat(64)

const senders: Record<string, () => Promise<Sender>> = {
  async ours() {
    const endpoints = new Set<WebSocketEndpoint>()
    const server = createWebSocketServer().on('websocket', (endpoint: WebSocketEndpoint) => endpoints.add(endpoint))
    const send = times(() => broadcast(endpoints, message))
    return { name: 'solutions/13', greeting: 'websocket', port: await listening(server), bytes: 66, send }
  },
  async chat() {
    const server = createChatServer()
    const port = await listening(server)
    const speaker = connect({ port, host: '127.0.0.1', noDelay: true })
    speaker.resume().write('speaker\n')
    const line = `${'m'.repeat(66 - 'speaker: \n'.length)}\n`
    return {
      name: 'solutions/07',
      greeting: 'chat',
      port,
      bytes: 66,
      send: (count) => speaker.write(line.repeat(count)),
      // Each hears of those who come later: `* m0001 joined`.
      welcome: (connections) => (15 * connections * (connections - 1)) / 2,
    }
  },
  async ws() {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const send = times(() => {
      for (const client of server.clients) client.send(message)
    })
    return { name: 'ws', greeting: 'websocket', port, bytes: 66, send }
  },
  async tcp() {
    const sockets = new Set<Socket>()
    const server = createServer({ noDelay: true }, (socket) => sockets.add(socket.on('error', () => {}))) // 'close' follows
    const bytes = Buffer.from(`${message}\r\n`)
    const send = times(() => {
      for (const socket of sockets) socket.write(bytes)
    })
    return { name: 'bare TCP', greeting: 'tcp', port: await listening(server), bytes: 66, send }
  },
  async socketio() {
    const io = new SocketIoServer(0, { pingInterval: 600_000, serveClient: false, transports: ['websocket'] })
    io.on('connection', (socket) => socket.join('room'))
    const bytes = 2 + `42["m","${message}"]`.length
    const { port } = io.httpServer.address() as AddressInfo
    return { name: 'socket.io', greeting: 'socketio', port, bytes, send: times(() => io.to('room').emit('m', message)) }
  },
}

type Kind = keyof typeof senders

function times(send: () => unknown): Sender['send'] {
  return (count) => {
    for (let i = 0; i < count; i++) send()
  }
}

export const contenders = {
  async fanout({ kind, load }: { kind: Kind; load: Load }): Promise<Contender> {
    const { connections, perTurn, turns } = load
    const sender = await senders[kind]!()
    const sink = new Consumers(sender.port, connections, sender.greeting)
    await sink.connected()
    const welcome = sender.welcome?.(connections) ?? 0
    if (welcome > 0) await sink.received(welcome)
    return {
      name: sender.name,
      round() {
        const deliveries = connections * perTurn * turns
        return timed(deliveries, async () => {
          const all = sink.received(deliveries * sender.bytes)
          for (let i = 0; i < turns; i++) {
            sender.send(perTurn)
            await turn()
          }
          await all
        })
      },
      close: () => sink.close(),
    }
  },

  async heap({ kind, connections }: { kind: Kind; connections: number }): Promise<Contender> {
    setFlagsFromString('--expose-gc')
    const collect: () => void = runInNewContext('gc')
    const sender = await senders[kind]!()
    const before = used()
    const sink = new Consumers(sender.port, connections, sender.greeting)
    await sink.connected()
    return {
      name: sender.name,
      round: (): Cost => ({ cost: (used() - before) / connections }),
      close: () => sink.close(),
    }
    function used(): number {
      collect()
      return process.memoryUsage().heapUsed
    }
  },
}

const start = (kind: Kind, load: Load) => inChild(import.meta.url, 'fanout', { kind, load })
const heap = (kind: Kind) => inChild(import.meta.url, 'heap', { kind, connections: 2000 })
const one: Load = { connections: 1000, perTurn: 1, turns: 10 }
const ten: Load = { connections: 1000, perTurn: 10, turns: 2 }

export default {
  title: '64 bytes from one sender to 1000 clients',
  unit: 'ns of CPU per delivery, or bytes',
  comparisons: [
    { name: 'one at a time', own: start('ours', one), peer: start('ws', one), gate: { cheaper: 1.15 } },
    { name: 'ten per turn', own: start('ours', ten), peer: start('ws', ten), gate: { cheaper: 6 } },
    { name: 'one at a time', own: start('ours', one), peer: start('tcp', one), gate: { dearer: 1.2 } },
    { name: 'one at a time', own: start('ours', one), peer: start('socketio', one), gate: { cheaper: 1.5 } },
    { name: 'chat, one at a time', own: start('chat', one), peer: start('ws', one), gate: { cheaper: 1.15 } },
    { name: 'chat, ten per turn', own: start('chat', ten), peer: start('ws', ten), gate: { cheaper: 6 } },
    { name: 'chat, one at a time', own: start('chat', one), peer: start('tcp', one), gate: { dearer: 1.2 } },
    { name: 'heap of an idle connection', own: heap('ours'), peer: heap('ws'), gate: { dearer: 0.8 }, rounds: 3 },
    {
      name: 'heap of an idle connection',
      own: heap('ours'),
      peer: heap('socketio'),
      gate: { dearer: 0.25 },
      rounds: 3,
    },
  ],
} satisfies Bench

async function listening(server: NetServer): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return (server.address() as AddressInfo).port
}
