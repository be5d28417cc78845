// Given: nodes, people and a relay for the experiments of main.ts, all in one process.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo, Socket as TcpSocket } from 'node:net'
import { io as dial, type Socket } from 'socket.io-client'
import { relayAdapter } from './adapter.ts'
import type { Bus } from './bus.ts'
import { BusConnection } from './bus-connection.ts'
import { createRelay } from './relay.ts'
import { createRoomServer, type RoomServer } from './server.ts'

/** A server of this lab that listens, on a bus or without one. */
export interface Node {
  io: RoomServer
  port: number
  close(): Promise<void>
}

/** Starts a node on a free port. */
export async function startNode(bus?: Bus): Promise<Node> {
  const io = createRoomServer(bus)
  const http = createServer()
  io.attach(http)
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  return {
    io,
    port: (http.address() as AddressInfo).port,
    async close() {
      await io.close()
      await bus?.close()
    },
  }
}

export interface Person {
  client: Socket
  id: string
  /** texts that this client has heard since `heardBy` was last asked */
  heard: string[]
}

/** A client that has connected to a node. @param room room that it joins, as a client asks for it; left out: none */
export async function person(node: Node, room?: string): Promise<Person> {
  const client = dial(`http://127.0.0.1:${node.port}`, { transports: ['websocket'], forceNew: true })
  await new Promise<void>((resolve) => client.once('connect', resolve))
  if (room !== undefined) await client.emitWithAck('join', room)
  const heard: string[] = []
  client.on('said', (_from, _room, text: unknown) => heard.push(text instanceof Uint8Array ? hex(text) : String(text)))
  return { client, id: client.id!, heard }
}

/** What somebody has heard since the last look. */
export function heardBy({ heard }: Person): string {
  return heard.splice(0).join(', ') || 'nothing'
}

function hex(bytes: Uint8Array): string {
  return `<${[...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')}>`
}

/** A relay that can be cut, and started again on the same port. */
export interface DemoRelay {
  /** a bus for one node, which tells nobody when it is away */
  bus(): Bus & { connection: BusConnection }
  cut(): Promise<void>
  mend(): Promise<void>
}

/** Starts a relay on a free port. */
export async function startRelay(): Promise<DemoRelay> {
  const sockets = new Set<TcpSocket>()
  let port = 0
  let relay = createRelay()
  const start = async () => {
    relay = createRelay()
    relay.on('connection', (socket) => {
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
    })
    relay.listen(port, '127.0.0.1')
    await once(relay, 'listening')
    port = (relay.address() as AddressInfo).port
  }
  await start()
  return {
    bus() {
      const connection = new BusConnection(port, '127.0.0.1', { tell: () => {} })
      return { connection, adapter: relayAdapter(connection), close: () => connection.close() }
    },
    async cut() {
      const closed = once(relay, 'close')
      relay.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
    mend: start,
  }
}

/** Longer than a message needs to cross this machine, with a bus in between. */
export function pause(milliseconds = 150): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}
