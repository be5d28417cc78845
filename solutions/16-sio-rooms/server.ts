import { createServer } from 'node:http'
import { Server, type Socket } from 'socket.io'
import { isMain, serve } from '../run.ts'
import { tryCall } from './calls.ts'
import type { Answer, ClientToServer, ServerToClient } from './events.ts'

export type RoomServer = Server<ClientToServer, ServerToClient>
type RoomSocket = Socket<ClientToServer, ServerToClient>

export interface RoomServerOptions {
  /** the rooms that there are. Default `lobby`, `kitchen` and `garden` */
  rooms?: string[]
  /** milliseconds that the members of a room have to answer a poll. Default 1000 */
  pollTimeout?: number
  /** origins of pages that may connect, for the chapter's widget. Default: the site on this machine */
  origins?: (string | RegExp)[]
}

/** @returns a server that is attached to nothing yet */
export function createRoomServer(options: RoomServerOptions = {}): RoomServer {
  const { rooms = ['lobby', 'kitchen', 'garden'], pollTimeout = 1000 } = options
  const origins = options.origins ?? [/^http:\/\/(localhost|127\.0\.0\.1|\[::1\]):\d+$/]
  const io: RoomServer = new Server({
    serveClient: false,
    cors: { origin: origins }, // asked by browsers for polling, and never for a WebSocket
    allowRequest: ({ headers: { origin } }, answer) => answer(null, isOurs(origin)),
  })

  io.on('connection', (socket) => {
    // The ack is the last argument that came, whatever the client left out.
    socket.on('join', (...args) => answer(args, join(socket, args[0])))
    socket.on('leave', (...args) => answer(args, leave(socket, args[0])))
    socket.on('say', (...args) => {
      const [room, text] = args
      if (!isRoom(room)) return answer(args, noRoom)
      // #region say
      // TODO 2: Emit `said` to the room, to everybody but the sender.
      // starter: io.to(room).emit('said', socket.id, room, String(text))

      socket.to(room).emit('said', socket.id, room, String(text))
      // #endregion
      answer(args, done)
    })
    socket.on('announce', (...args) => {
      const [room, text] = args
      if (!isRoom(room)) return answer(args, noRoom)
      io.to(room).emit('said', socket.id, room, String(text))
      answer(args, done)
    })
    socket.on('shout', (...args) => {
      // Without a room an emit goes to everybody.
      io.emit('said', socket.id, '', String(args[0]))
      answer(args, done)
    })
    socket.on('say to all of', (...args) => {
      const [list, text] = args
      // #region several
      // TODO 3: Emit `said` (with the room names joined by a comma) once to everybody who is in any of
      // the rooms. Refuse a list that is empty, or holds what is no room: `io.to([])` reaches everybody.
      // starter: for (const room of list as string[]) io.to(room).emit('said', socket.id, String(list), String(text))

      if (!Array.isArray(list) || list.length === 0 || !list.every(isRoom)) return answer(args, noRoom)
      io.to(list).emit('said', socket.id, list.join(','), String(text))
      // #endregion
      answer(args, done)
    })
    socket.on('whisper', (...args) => {
      const [id, text] = args
      const receiver = typeof id === 'string' ? io.of('/').sockets.get(id) : undefined
      if (receiver === undefined) return answer(args, { ok: false, reason: 'nobody has this id' })
      receiver.emit('whispered', socket.id, String(text))
      answer(args, done)
    })
    socket.on('poll', (...args) => void poll(args))
    socket.on('try', (...args) => answer(args, tryCall(args[0], io, socket) ? done : noCall))
    goodbye(socket)
    watch(socket)
  })

  function join(socket: RoomSocket, room: unknown): Answer<string[]> {
    // #region join
    // TODO 1: Let the socket join, if it is one of `rooms`: every id is the name of a private room, too, and
    // whoever joins that overhears its owner. Tell the others in the room, once, that it has joined.
    // starter: void socket.join(room as string)

    if (!isRoom(room)) return { ok: false, reason: `expected one of ${rooms.join(', ')}` }
    if (!socket.rooms.has(room)) {
      void socket.join(room) // the adapter in memory joins at once
      socket.to(room).emit('joined', socket.id, room)
    }
    // #endregion
    return { ok: true, value: [...socket.rooms] }
  }

  function leave(socket: RoomSocket, room: unknown): Answer<string[]> {
    // Its own private room is no room of `rooms`, so nobody leaves that by mistake.
    if (isRoom(room) && socket.rooms.has(room)) {
      void socket.leave(room)
      socket.to(room).emit('left', socket.id, room)
    }
    return { ok: true, value: [...socket.rooms] }
  }

  async function poll(args: unknown[]): Promise<void> {
    const [room, question] = args
    if (!isRoom(room)) return answer(args, noRoom)
    // #region poll
    // TODO 5: Emit `question` to the room, wait `pollTimeout` milliseconds for the answers, and answer
    // with those that came and the number that is missing. The callback gets an error *and* the answers when some are late.
    // starter: void question
    // starter: answer(args, { ok: true, value: { answers: [], missing: pollTimeout } })

    const asked = (await io.in(room).fetchSockets()).length
    const answers = await new Promise<unknown[]>((resolve) => {
      io.to(room)
        .timeout(pollTimeout)
        .emit('question', String(question), (_: Error | null, came: unknown[]) => resolve(came))
    })
    answer(args, { ok: true, value: { answers, missing: asked - answers.length } })
    // #endregion
  }

  function goodbye(socket: RoomSocket): void {
    // #region goodbye
    // TODO 4: When a client goes, tell each of its rooms `left`. In "disconnect" it has no rooms any more.
    // starter: socket.on('disconnect', () => { for (const room of socket.rooms) socket.to(room).emit('left', socket.id, room) })

    socket.on('disconnecting', () => {
      for (const room of socket.rooms) {
        if (isRoom(room)) socket.to(room).emit('left', socket.id, room)
      }
    })
    // #endregion
  }

  function isRoom(room: unknown): room is string {
    return typeof room === 'string' && rooms.includes(room)
  }

  /** Whether a client may connect: one that is no page sends no Origin. */
  function isOurs(origin: string | undefined): boolean {
    return (
      origin === undefined || origins.some((ours) => (typeof ours === 'string' ? ours === origin : ours.test(origin)))
    )
  }

  /** Sends who is where, now and after each change, to a client that came with `auth: { watch: true }`. */
  function watch(socket: RoomSocket): void {
    if (socket.handshake.auth.watch !== true) return
    const { adapter } = io.of('/')
    const tell = () => {
      const state: Record<string, string[]> = {}
      for (const [room, ids] of adapter.rooms) if (ids.size > 0) state[room] = [...ids]
      socket.emit('state', state)
    }
    for (const event of ['join-room', 'leave-room']) adapter.on(event, tell)
    socket.on('disconnect', () => {
      for (const event of ['join-room', 'leave-room']) adapter.off(event, tell)
    })
    tell()
  }

  return io
}

const done: Answer = { ok: true, value: undefined }
const noRoom = { ok: false, reason: 'there is no such room' } as const
const noCall = { ok: false, reason: 'there is no such call' } as const

function answer(args: unknown[], value: Answer<unknown>): void {
  const ack = args.at(-1)
  if (typeof ack === 'function') ack(value)
}

if (isMain(import.meta.url)) {
  const http = createServer()
  createRoomServer().attach(http)
  serve(http, 7016)
}
