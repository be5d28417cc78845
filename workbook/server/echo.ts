import { once } from 'node:events'
import { createServer } from 'node:http'
import { type WebSocket, WebSocketServer } from 'ws'
import { guard } from './guard.ts'
import type { Limits } from './limits.ts'
import { listenNear } from './listen.ts'

export interface EchoOptions {
  /** permessage-deflate (RFC 7692) */
  deflate: boolean
  origins: ReadonlySet<string>
  limits: Limits
}

/** A built-in server to watch: a WebSocket echo that takes any subprotocol. */
export interface Echo {
  /** on 127.0.0.1, any free one */
  port: number
  /** It answers only what came through its tap, since its own port has no gate. @param port of the tap */
  expectHost(port: number): void
  close(): Promise<void>
}

export async function startEcho({ deflate, origins, limits }: EchoOptions): Promise<Echo> {
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
    expectHost: (port) => {
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

/** Sends every message back. Stops reading while more than `backlog` bytes wait for a client that does not read. */
function echo(socket: WebSocket, backlog: number): void {
  socket.on('error', () => {}) // a broken frame: ws has answered with its close code
  socket.on('message', (data, binary) => {
    socket.send(data, { binary }, () => {
      if (socket.isPaused && socket.bufferedAmount <= backlog) socket.resume()
    })
    if (socket.bufferedAmount > backlog) socket.pause()
  })
}
