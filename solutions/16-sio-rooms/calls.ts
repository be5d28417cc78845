// Given: the calls that the chapter's page lets you try, each on your own server, to see who hears it.
import type { Server, Socket } from 'socket.io'
import type { ClientToServer, ServerToClient } from './events.ts'

/** What an emit begins with: a socket, the server, or some of its rooms. */
interface Emitter {
  emit(event: 'tried', from: string, call: string): unknown
}

type Call = (io: Server<ClientToServer, ServerToClient>, socket: Socket<ClientToServer, ServerToClient>) => Emitter[]

const calls: Record<string, Call> = {
  'socket.emit': (_, socket) => [socket],
  'io.emit': (io) => [io],
  'socket.broadcast.emit': (_, socket) => [socket.broadcast],
  "io.to('kitchen').emit": (io) => [io.to('kitchen')],
  "socket.to('kitchen').emit": (_, socket) => [socket.to('kitchen')],
  "socket.to('garden').emit": (_, socket) => [socket.to('garden')],
  "io.to(['kitchen', 'garden']).emit": (io) => [io.to(['kitchen', 'garden'])],
  "io.to('kitchen').emit, io.to('garden').emit": (io) => [io.to('kitchen'), io.to('garden')],
  "io.to('garden').except('kitchen').emit": (io) => [io.to('garden').except('kitchen')],
  'io.to(socket.id).emit': (io, socket) => [io.to(socket.id)],
  'socket.to(socket.id).emit': (_, socket) => [socket.to(socket.id)],
  'io.to([]).emit': (io) => [io.to([])],
  // Types forbid it, and JavaScript does not.
  'io.to(undefined).emit': (io) => [io.to(undefined as unknown as string)],
}

/** Makes the call of this name, with the event `tried`. @returns whether there is such a call */
export function tryCall(name: unknown, ...[io, socket]: Parameters<Call>): boolean {
  if (typeof name !== 'string' || !Object.hasOwn(calls, name)) return false
  for (const emitter of calls[name]!(io, socket)) emitter.emit('tried', socket.id, name)
  return true
}
