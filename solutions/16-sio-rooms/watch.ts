// Given: what the chapter's widget is told of the rooms.
import type { Server, Socket } from 'socket.io'
import type { ClientToServer, ServerToClient } from './events.ts'

/** Sends who is where, now and after each change, to a client that came with `auth: { watch: true }`. */
export function watch(
  io: Server<ClientToServer, ServerToClient>,
  socket: Socket<ClientToServer, ServerToClient>,
): void {
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
