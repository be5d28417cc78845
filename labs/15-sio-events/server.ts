import { createServer } from 'node:http'
import { type DefaultEventsMap, Server, type Socket } from 'socket.io'
import { isMain, serve } from '../run.ts'
import type { Answer, ClientToServer, ServerToClient, SocketData } from './events.ts'

export type EventServer = Server<ClientToServer, ServerToClient, DefaultEventsMap, SocketData>
type EventSocket = Socket<ClientToServer, ServerToClient, DefaultEventsMap, SocketData>

export interface EventServerOptions {
  /** tokens that are let in; without the option everybody is */
  tokens?: string[]
  /** milliseconds that a client has to answer a question. Default 1000 */
  questionTimeout?: number
}

/** The server of this lab. @returns it, attached to nothing yet: `io.attach(httpServer)`, then `httpServer.listen(…)` */
export function createEventServer(options: EventServerOptions = {}): EventServer {
  const { tokens, questionTimeout = 1000 } = options
  const io: EventServer = new Server({ serveClient: false })

  io.use((socket, next) => {
    const { auth } = socket.handshake as { auth: Record<string, unknown> }
    // `String(['secret'])` is "secret", and `String({ toString: 1 })` throws: what is no text is no token.
    const token = typeof auth.token === 'string' ? auth.token : undefined
    socket.data.name = typeof auth.name === 'string' ? auth.name.slice(0, 32) : 'somebody'
    // TODO 1: When there are `tokens` and the client's equals none of them, refuse: hand `next` an error whose
    // `data` is `{ retry: false }`, and go no further. The client gets it as `connect_error`.
    void token
    next()
  })

  io.on('connection', (socket) => {
    const { name } = socket.data
    // Sees each event before its handler does. An event that it does not pass on is heard by nobody.
    socket.use((event, next) => {
      if (isDeeper(maxDepth, event)) socket.disconnect(true)
      else next()
    })
    socket.emit('welcome', name, io.of('/').sockets.size)

    socket.on('whoami', (ack) => {
      answer(ack, { id: socket.id, name, transport: socket.conn.transport.name })
    })
    socket.on('echo', (...args) => {
      // TODO 2: Answer with all arguments, in order. The last one is the ack, when the client asked for an
      // answer; when it did not, there is nobody to answer.
      const ack = args.at(-1) as (first: unknown) => void
      ack(args[0])
    })
    // A client may leave an argument out. The ack is the last one that came, not the third.
    socket.on('add', (...args) => {
      const [a, b] = args
      if (typeof a === 'number' && typeof b === 'number') answer(args.at(-1), { ok: true, value: a + b })
      else answer(args.at(-1), { ok: false, reason: 'expected two numbers' })
    })
    socket.on('lookup', async (word, ack) => {
      if (typeof word !== 'string') return answer(ack ?? word, { ok: false, reason: 'expected a word' })
      // TODO 3: `define` rejects for a word it does not have. Nobody waits for this handler's promise, so a
      // rejection would end the whole process: catch it, and answer with its message as the reason.
      answer(ack, { ok: true, value: await define(String(word)) })
    })
    socket.on('ask me', (question, ack) => void ask(socket, question, ack))
    socket.on('disconnect', (reason) => {
      // TODO 5: Tell everybody else who has left, and how.
      void reason
    })
  })

  async function ask(socket: EventSocket, question: string, ack: unknown): Promise<void> {
    // TODO 4: Ask the client `question` and pass its answer on. A client that does not answer in
    // `questionTimeout` milliseconds gets a reason instead: without a timeout we would wait for ever.
    // When the answer has come, no timer runs on.
    answer(ack, { ok: false, reason: `nobody was asked ${question}, for ${questionTimeout} ms` })
    void socket
  }

  return io
}

/** Lists and objects that may lie in each other. Socket.IO walks them by calling itself, and fails some thousands deep. */
const maxDepth = 100

/** Whether lists and objects lie in each other more than `levels` deep. */
function isDeeper(levels: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return false
  return levels === 0 || Object.values(value).some((inner) => isDeeper(levels - 1, inner))
}

/** Calls the ack if the client sent one. What arrives as the last argument may be anything. */
function answer<T>(ack: unknown, value: Answer<T> | T): void {
  if (typeof ack === 'function') ack(value)
}

const words: Record<string, string> = {
  socket: 'one end of a conversation',
  room: 'a name for some of the sockets of a namespace',
}

async function define(word: string): Promise<string> {
  const meaning = Object.hasOwn(words, word) ? words[word] : undefined
  if (meaning === undefined) throw new Error(`${word} is not in the dictionary`)
  return meaning
}

if (isMain(import.meta.url)) {
  const http = createServer()
  createEventServer().attach(http)
  serve(http, 7015)
}
