import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server as NetServer, type Socket } from 'node:net'
import { Server as SocketIoServer } from 'socket.io'
import { io } from 'socket.io-client'
import { WebSocket, WebSocketServer } from 'ws'
import { join } from '../../solutions/06-relay/client.ts'
import { createRelay } from '../../solutions/06-relay/relay.ts'
import { createChatServer } from '../../solutions/07-tcp-chat/server.ts'
import type { Bench, Contender } from '../bench.ts'
import { inChild } from '../contender.ts'
import { timed } from '../measure.ts'

// From ann through a server to bob, and back: what one more hop costs. Server and clients share one process.

/** Ann and bob. Bob says back what he hears. */
interface Pair {
  name: string
  /** Ann says something. @param heard called when it came back */
  say(heard: () => void): void
}

const text = 'm'.repeat(64)

const pairs = {
  async relay(): Promise<Pair> {
    const port = await listening(createRelay())
    const [ann, bob] = [await join('ann', port), await join('bob', port)]
    const data = Buffer.from(text)
    const answer = async (): Promise<void> => {
      for (let next = await bob.receive(); next; next = await bob.receive()) bob.send('ann', next.data)
    }
    void answer()
    return {
      name: 'solutions/06',
      say(heard) {
        ann.send('bob', data)
        void ann.receive().then(heard)
      },
    }
  },

  async chat(): Promise<Pair> {
    const port = await listening(createChatServer())
    const [ann, bob] = [await dial(port), await dial(port)]
    ann.write('ann\n')
    bob.write('bob\n')
    await once(ann, 'data') // bob has joined
    bob.on('data', () => bob.write(`${text}\n`))
    return overTcp('solutions/07', ann, `${text}\n`)
  },

  async tcp(): Promise<Pair> {
    const sockets: Socket[] = []
    const server = createServer({ noDelay: true }, (socket) => {
      const [first] = sockets
      sockets.push(socket)
      if (first) first.pipe(socket).pipe(first)
    })
    const port = await listening(server)
    const ann = await dial(port)
    const bob = await dial(port)
    bob.pipe(bob)
    return overTcp('bare TCP', ann, text)
  },

  async ws(): Promise<Pair> {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
    await once(server, 'listening')
    server.on('connection', (socket) =>
      socket.on('message', (data, isBinary) => {
        for (const other of server.clients) if (other !== socket) other.send(data, { binary: isBinary })
      }),
    )
    const { port } = server.address() as AddressInfo
    const [ann, bob] = [new WebSocket(`ws://127.0.0.1:${port}`), new WebSocket(`ws://127.0.0.1:${port}`)]
    await Promise.all([once(ann, 'open'), once(bob, 'open')])
    bob.on('message', (data, isBinary) => bob.send(data, { binary: isBinary }))
    return {
      name: 'ws',
      say(heard) {
        ann.once('message', heard)
        ann.send(text)
      },
    }
  },

  async socketio(): Promise<Pair> {
    const server = new SocketIoServer(0, { serveClient: false, transports: ['websocket'] })
    server.on('connection', (socket) => socket.on('m', (data: string) => socket.broadcast.emit('m', data)))
    const { port } = server.httpServer.address() as AddressInfo
    const client = () => io(`http://127.0.0.1:${port}`, { transports: ['websocket'], forceNew: true })
    const [ann, bob] = [client(), client()]
    await Promise.all([ann, bob].map((socket) => new Promise<void>((resolve) => socket.once('connect', resolve))))
    bob.on('m', (data: string) => bob.emit('m', data))
    return {
      name: 'socket.io',
      say(heard) {
        ann.once('m', heard)
        ann.emit('m', text)
      },
    }
  },
} satisfies Record<string, () => Promise<Pair>>

type Kind = keyof typeof pairs

export const contenders = {
  async trips({ kind }: { kind: Kind }): Promise<Contender> {
    const { name, say } = await pairs[kind]()
    return {
      name,
      round: () =>
        timed(1000, async () => {
          for (let i = 0; i < 1000; i++) await new Promise<void>((heard) => say(heard))
        }),
    }
  },
}

const start = (kind: Kind) => inChild(import.meta.url, 'trips', { kind })

export default {
  title: '64 bytes from one client to another and back, through one server',
  unit: 'ns of CPU per round trip',
  comparisons: [
    { name: 'relay', own: start('relay'), peer: start('ws') },
    { name: 'chat', own: start('chat'), peer: start('ws') },
    { name: 'chat', own: start('chat'), peer: start('socketio'), gate: { cheaper: 1.5 } },
    { name: 'chat', own: start('chat'), peer: start('tcp') },
    { name: 'relay', own: start('relay'), peer: start('tcp') },
  ],
} satisfies Bench

function overTcp(name: string, ann: Socket, line: string): Pair {
  return {
    name,
    say(heard) {
      ann.once('data', () => heard())
      ann.write(line)
    },
  }
}

async function dial(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  await once(socket, 'connect')
  return socket
}

async function listening(server: NetServer): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return (server.address() as AddressInfo).port
}
