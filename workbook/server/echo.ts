import { once } from 'node:events'
import { createServer } from 'node:http'
import { createServer as createTcpServer, type Socket } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import { guard } from './guard.ts'
import type { Limits } from './limits.ts'
import { listenNear } from './listen-near.ts'

interface EchoOptions {
  /** permessage-deflate (RFC 7692) */
  deflate: boolean
  origins: ReadonlySet<string>
  limits: Limits
}

/** A server that can be watched without a lab. */
export interface BuiltIn {
  /** a free one of 127.0.0.1 */
  port: number
  /** Tells where the tap in front of it listens: a Host names that port. */
  tappedOn(port: number): void
  close(): Promise<void>
}

/** A WebSocket echo that takes any subprotocol. It answers only what came through its tap: its own port has no guard of its own. */
export async function startEcho({ deflate, origins, limits }: EchoOptions): Promise<BuiltIn> {
  const http = createServer({ maxHeaderSize: limits.headBytes }, (_, response) => response.writeHead(426).end())
  const port = await listenNear(http, 0, 0)
  let tapPort = port

  const server = new WebSocketServer({
    server: http,
    perMessageDeflate: deflate && { threshold: 0 },
    maxPayload: limits.messageBytes,
    verifyClient: ({ req }, answer) => {
      const refused = guard(req.rawHeaders, { port: tapPort, origins, data: true })
      answer(!refused, refused?.status, refused?.why)
    },
  })
  server.on('connection', (socket) => echo(socket, limits.messageBytes))

  return {
    port,
    tappedOn: (port) => {
      tapPort = port
    },
    close: async () => {
      for (const socket of server.clients) socket.terminate()
      http.closeAllConnections()
      const closed = once(http, 'close')
      http.close()
      await closed
    },
  }
}

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
    tappedOn: () => {},
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
