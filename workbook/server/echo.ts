import { once } from 'node:events'
import { createServer } from 'node:http'
import { createServer as createTcpServer, type Socket } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import { guard, type Rules, valuesOf } from './guard.ts'
import type { Limits } from './limits.ts'
import { listenNear } from './listen.ts'

interface EchoOptions {
  /** permessage-deflate (RFC 7692) */
  deflate: boolean
  /** whom its tap lets in */
  rules: Rules
  limits: Limits
}

/** A server that can be watched without a lab. */
export interface BuiltIn {
  /** a free one of 127.0.0.1 */
  port: number
  close(): Promise<void>
}

/** A WebSocket echo that takes any subprotocol. It answers only what came through its tap: a Host that names its own port went past it. */
export async function startEcho({ deflate, rules, limits }: EchoOptions): Promise<BuiltIn> {
  const http = createServer({ maxHeaderSize: limits.headBytes }, (_, response) => response.writeHead(426).end())
  const port = await listenNear(http, 0, 0)

  const server = new WebSocketServer({
    server: http,
    perMessageDeflate: deflate && { threshold: 0 },
    maxPayload: limits.messageBytes,
    verifyClient: ({ req }, answer) => {
      const isPast = valuesOf(req.rawHeaders, 'host').some((host) => host.endsWith(`:${port}`))
      const refused = isPast ? beside : guard(req.rawHeaders, rules, 'data')
      answer(!refused, refused?.status, refused?.why)
    },
  })
  server.on('connection', (socket) => echo(socket, limits.messageBytes))

  return {
    port,
    close: async () => {
      for (const socket of server.clients) socket.terminate()
      http.closeAllConnections()
      const closed = once(http, 'close')
      http.close()
      await closed
    },
  }
}

const beside = { status: 403, why: 'Host: expected the port of the tap.' }

/** A server that reads and never answers: a page answers in its place, the handshake included (`serverSend`). */
export async function startSilence(): Promise<BuiltIn> {
  const sockets = new Set<Socket>()
  const server = createTcpServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket.resume())
    socket.on('error', () => {}) // 'close' follows
    socket.on('close', () => sockets.delete(socket))
  })
  return {
    port: await listenNear(server, 0, 0),
    close: async () => {
      for (const socket of sockets) socket.destroy()
      const closed = once(server, 'close')
      server.close()
      await closed
    },
  }
}

/** Sends every message of a client back. Stops reading while more than `backlog` bytes wait for a client that does not read. */
function echo(socket: WebSocket, backlog: number): void {
  socket.on('error', () => {}) // a broken frame: ws has answered with its close code
  socket.on('message', (data, binary) => {
    socket.send(data, { binary }, () => {
      if (socket.isPaused && socket.bufferedAmount <= backlog) socket.resume()
    })
    if (socket.bufferedAmount > backlog) socket.pause()
  })
}
