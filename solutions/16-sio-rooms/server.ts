import { createServer } from 'node:http'
import { Server, type Socket } from 'socket.io'
import { isMain, serve } from '../run.ts'
import { tryCall } from './calls.ts'
import type { Answer, ClientToServer, ServerToClient } from './events.ts'
import { watch } from './watch.ts'

export type RoomServer = Server<ClientToServer, ServerToClient>
type RoomSocket = Socket<ClientToServer, ServerToClient>

export interface RoomServerOptions {
  /** the rooms that there are. Default `lobby`, `kitchen` and `garden` */
  rooms?: string[]
  /** milliseconds that the members of a room have to answer a poll. Default 1000 */
  pollTimeout?: number
  /**
   * origins of pages that may connect, such as `https://example.com`: the whole of one, or a pattern for the whole.
   * Default: pages from this machine, by http and https
   */
  origins?: (string | RegExp)[]
}

/** Makes the server and registers its handlers. @returns a server that is attached to nothing yet */
export function createRoomServer(options: RoomServerOptions = {}): RoomServer {
  const origins = whole(options.origins ?? [/https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?/])
  const io: RoomServer = new Server({
    serveClient: false,
    cors: { origin: origins }, // asked by browsers for polling, and never for a WebSocket
    allowRequest: ({ headers: { origin } }, answer) => answer(null, isOurs(origin, origins)),
  })
  const handlers = new RoomHandlers(io, options)
  io.on('connection', (socket) => {
    handlers.register(socket)
    watch(io, socket)
  })
  return io
}

/** What the server does with each event of a client. A method that is asked for something returns the answer. */
class RoomHandlers {
  readonly #io: RoomServer
  readonly #rooms: string[]
  readonly #pollTimeout: number

  constructor(io: RoomServer, { rooms = ['lobby', 'kitchen', 'garden'], pollTimeout = 1000 }: RoomServerOptions) {
    this.#io = io
    this.#rooms = rooms
    this.#pollTimeout = pollTimeout
  }

  /** Listens to a client that has connected. The ack is the last argument that came, whatever the client left out. */
  register(socket: RoomSocket): void {
    socket.on('join', (...args) => answer(args, () => this.#join(socket, args[0])))
    socket.on('leave', (...args) => answer(args, () => this.#leave(socket, args[0])))
    socket.on('say', (...args) => answer(args, () => this.#say(socket, args[0], args[1])))
    socket.on('announce', (...args) => answer(args, () => this.#announce(socket, args[0], args[1])))
    socket.on('shout', (...args) => answer(args, () => this.#shout(socket, args[0])))
    socket.on('say to all of', (...args) => answer(args, () => this.#sayToAllOf(socket, args[0], args[1])))
    socket.on('whisper', (...args) => answer(args, () => this.#whisper(socket, args[0], args[1])))
    socket.on('poll', (...args) => answer(args, () => this.#poll(args[0], args[1])))
    socket.on('try', (...args) => answer(args, () => (tryCall(args[0], this.#io, socket) ? done : noCall)))
    this.#sayGoodbye(socket)
  }

  #join(socket: RoomSocket, room: unknown): Answer<string[]> {
    // #region join
    // TODO 1: Let the socket join, if it is one of `rooms`: every id is the name of a private room, too, and
    // whoever joins that overhears its owner. Tell the others in the room, once, that it has joined.
    // starter: void socket.join(room as string)

    if (!this.#isRoom(room)) return { ok: false, reason: `expected one of ${this.#rooms.join(', ')}` }
    if (!socket.rooms.has(room)) {
      void socket.join(room) // the adapter in memory joins at once
      socket.to(room).emit('joined', socket.id, room)
    }
    // #endregion
    return { ok: true, value: [...socket.rooms] }
  }

  #leave(socket: RoomSocket, room: unknown): Answer<string[]> {
    // Its own private room is no room of `rooms`, so nobody leaves that by mistake.
    if (this.#isRoom(room) && socket.rooms.has(room)) {
      void socket.leave(room)
      socket.to(room).emit('left', socket.id, room)
    }
    return { ok: true, value: [...socket.rooms] }
  }

  #say(socket: RoomSocket, room: unknown, text: unknown): Answer {
    if (!this.#isRoom(room)) return noRoom
    // #region say
    // TODO 2: Emit `said` to the room, to everybody but the sender, with the text as a string.
    // starter: this.#io.to(room).emit('said', socket.id, room, String(text))

    socket.to(room).emit('said', socket.id, room, String(text))
    // #endregion
    return done
  }

  #announce(socket: RoomSocket, room: unknown, text: unknown): Answer {
    if (!this.#isRoom(room)) return noRoom
    this.#io.to(room).emit('said', socket.id, room, String(text))
    return done
  }

  #shout(socket: RoomSocket, text: unknown): Answer {
    // Without a room an emit goes to everybody.
    this.#io.emit('said', socket.id, '', String(text))
    return done
  }

  #sayToAllOf(socket: RoomSocket, list: unknown, text: unknown): Answer {
    // #region several
    // TODO 3: Emit `said` (with the room names joined by a comma) once to everybody who is in any of
    // the rooms. Refuse a list that is empty, or holds what is no room: `io.to([])` reaches everybody.
    // starter: for (const room of list as string[]) this.#io.to(room).emit('said', socket.id, String(list), String(text))

    if (!Array.isArray(list) || list.length === 0 || !list.every((room) => this.#isRoom(room))) return noRoom
    this.#io.to(list).emit('said', socket.id, list.join(','), String(text))
    // #endregion
    return done
  }

  #whisper(socket: RoomSocket, id: unknown, text: unknown): Answer {
    const receiver = typeof id === 'string' ? this.#io.of('/').sockets.get(id) : undefined
    if (receiver === undefined) return { ok: false, reason: 'nobody has this id' }
    receiver.emit('whispered', socket.id, String(text))
    return done
  }

  async #poll(room: unknown, question: unknown): Promise<Answer<{ answers: unknown[]; missing: number }>> {
    if (!this.#isRoom(room)) return noRoom
    // #region poll
    // TODO 5: Emit `question` to the room, wait `pollTimeout` milliseconds for the answers, and answer
    // with those that came and the number that is missing of those who were asked. The callback gets an error *and* the
    // answers when some are late.
    // starter: void question
    // starter: return { ok: true, value: { answers: [], missing: this.#pollTimeout } }

    const asked = (await this.#io.in(room).fetchSockets()).length
    const answers = await new Promise<unknown[]>((resolve) => {
      this.#io
        .to(room)
        .timeout(this.#pollTimeout)
        .emit('question', String(question), (_: Error | null, came: unknown[]) => resolve(came))
    })
    return { ok: true, value: { answers, missing: asked - answers.length } }
    // #endregion
  }

  #sayGoodbye(socket: RoomSocket): void {
    // #region goodbye
    // TODO 4: When a client goes, tell each of its rooms `left`. In "disconnect" it has no rooms any more.
    // starter: socket.on('disconnect', () => { for (const room of socket.rooms) socket.to(room).emit('left', socket.id, room) })

    socket.on('disconnecting', () => {
      for (const room of socket.rooms) {
        if (this.#isRoom(room)) socket.to(room).emit('left', socket.id, room)
      }
    })
    // #endregion
  }

  #isRoom(room: unknown): room is string {
    return typeof room === 'string' && this.#rooms.includes(room)
  }
}

/** Whether a client may connect: one that is no page sends no Origin. */
function isOurs(origin: string | undefined, origins: (string | RegExp)[]): boolean {
  if (origin === undefined) return true
  return origins.some((ours) => (typeof ours === 'string' ? ours === origin : ours.test(origin)))
}

/** The same, with patterns that fit whole origins only: /example\.com/ fits http://example.com.evil.test, too. */
function whole(origins: (string | RegExp)[]): (string | RegExp)[] {
  return origins.map((ours) => {
    // With the flags g or y a pattern would remember where it found the last one.
    return typeof ours === 'string' ? ours : new RegExp(`^(?:${ours.source})$`, ours.flags.replace(/[gy]/g, ''))
  })
}

const done: Answer = { ok: true, value: undefined }
const noRoom = { ok: false, reason: 'there is no such room' } as const
const noCall = { ok: false, reason: 'there is no such call' } as const

/**
 * Answers a client that wants it, also when its arguments make `handle` throw: `String({ toString: 1 })` does. Nobody else
 * would catch that, and the process would end.
 */
async function answer(args: unknown[], handle: () => Answer<unknown> | Promise<Answer<unknown>>): Promise<void> {
  const last = args.at(-1)
  const ack = typeof last === 'function' ? last : () => {}
  try {
    ack(await handle())
  } catch (error) {
    ack({ ok: false, reason: (error as Error).message })
  }
}

if (isMain(import.meta.url)) {
  const http = createServer()
  createRoomServer().attach(http)
  serve(http, 7016)
}
