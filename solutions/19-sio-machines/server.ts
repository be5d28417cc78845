import { createServer } from 'node:http'
import { Server } from 'socket.io'
import { isMain, onSignal, serve, stop } from '../run.ts'
import type { Bus } from './bus.ts'
import { openBus } from './open-bus.ts'

/** How a handler answers. */
export type Answer<T = undefined> = { ok: true; value: T } | { ok: false; reason: string }

export interface ClientToServer {
  join: (room: unknown, ack?: (answer: Answer) => void) => void
  /** text or bytes for all in the room, on every node */
  say: (room: unknown, text: unknown, ack?: (answer: Answer) => void) => void
  /** number of those in the room: on this node, and on all */
  count: (room: unknown, ack?: (answer: Answer<{ here: number; everywhere: number }>) => void) => void
}

export interface ServerToClient {
  said: (from: string, room: string, text: unknown) => void
}

export type RoomServer = Server<ClientToServer, ServerToClient>

/**
 * A room server that does not know how many machines it runs on: the bus does.
 *
 * @param bus bus that joins the nodes; left out: rooms stay in this process
 * @returns a server that is attached to nothing yet
 */
export function createRoomServer(bus?: Bus): RoomServer {
  const io: RoomServer = new Server({ serveClient: false, ...(bus?.adapter && { adapter: bus.adapter }) })

  io.on('connection', (socket) => {
    socket.on('join', (...args) => {
      if (typeof args[0] !== 'string') return answer(args, noRoom)
      void socket.join(named(args[0])) // joining is between this socket and this node; the bus has no part in it
      answer(args, { ok: true, value: undefined })
    })
    socket.on('say', (...args) => {
      const [room, text] = args
      if (typeof room !== 'string') return answer(args, noRoom)
      io.to(named(room)).emit('said', socket.id, room, text)
      answer(args, { ok: true, value: undefined })
    })
    socket.on('count', (...args) => void count(args))
  })

  async function count(args: unknown[]): Promise<void> {
    const [room] = args
    if (typeof room !== 'string') return answer(args, noRoom)
    const here = io.of('/').adapter.rooms.get(named(room))?.size ?? 0
    try {
      const everywhere = (await io.in(named(room)).fetchSockets()).length
      answer(args, { ok: true, value: { here, everywhere } })
    } catch (error) {
      // A node that was there a moment ago does not answer: half a number would be a wrong one.
      answer(args, { ok: false, reason: (error as Error).message })
    }
  }

  return io
}

/** Ids are names of rooms, too, on whatever node; with a prefix nobody asks for the private room of another. */
function named(room: string): string {
  return `room:${room}`
}

const noRoom = { ok: false, reason: 'a room has a name of text' } as const

function answer(args: unknown[], value: Answer<unknown>): void {
  const ack = args.at(-1)
  if (typeof ack === 'function') ack(value)
}

if (isMain(import.meta.url)) {
  const bus = await busOf(process.argv[4])
  const http = createServer()
  const io = createRoomServer(bus)
  io.attach(http)
  serve(http, 7019)
  onSignal(async () => {
    await io.close()
    await bus?.close()
  })
}

async function busOf(address: string | undefined): Promise<Bus | undefined> {
  if (address === undefined) return undefined
  return openBus(address).catch((error: Error) => stop(error.message))
}
