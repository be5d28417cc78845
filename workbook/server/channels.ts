import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { mirrorProtocol } from '../wire/formats/mirror-messages.ts'
import { guard, protocolsOf, type Refusal } from './guard.ts'
import type { Limits } from './limits.ts'
import { listenNear } from './listen-near.ts'
import { plainAnswer } from './plain-answer.ts'

export type ChannelHandler = (socket: WebSocket) => void

export interface ChannelOptions {
  /** the one to try first */
  port: number
  token: string
  origins: ReadonlySet<string>
  limits: Limits
}

/** The WebSockets between the lab server and the pages of the workbook: `/mirror`, `/grade`. One port, one guard. */
export interface Channels {
  port: number
  /** @param path as `/grade` */
  attach(path: string, handler: ChannelHandler): void
  close(): Promise<void>
}

export async function openChannels({ port: wanted, token, origins, limits }: ChannelOptions): Promise<Channels> {
  const handlers = new Map<string, ChannelHandler>()
  const server = createServer({
    maxHeaderSize: limits.headBytes,
    headersTimeout: limits.headTimeout,
    requestTimeout: limits.headTimeout,
    connectionsCheckingInterval: Math.min(limits.headTimeout, 1000),
  })
  server.maxConnections = limits.connections
  const port = await listenNear(server, wanted, 20)
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: limits.messageBytes,
    handleProtocols: () => mirrorProtocol,
  })

  /** Why a request to a channel is refused, 404 and 400 included. */
  function refusal(request: IncomingMessage): { status: number; why: string } | undefined {
    const refused: Refusal | undefined = guard(request.rawHeaders, { port, origins, data: false, token })
    if (refused) return refused
    if (!handlers.has(request.url ?? '')) return { status: 404, why: 'There is no such channel.' }
    if (!protocolsOf(request.rawHeaders).includes(mirrorProtocol)) {
      return { status: 400, why: `Sec-WebSocket-Protocol: expected ${mirrorProtocol} among them.` }
    }
  }

  server.on('request', (request, response) => {
    const { status, why } = refusal(request) ?? { status: 426, why: 'Expected a WebSocket handshake.' }
    if (response.socket) turnAway(response.socket, status, why)
  })
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const status = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 }[error.code ?? ''] ?? 400
    turnAway(socket, status, 'Expected the head of an HTTP request, complete and in time.')
  })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy())
    const refused = refusal(request)
    if (refused) return turnAway(socket, refused.status, refused.why)
    sockets.handleUpgrade(request, socket, head, (channel) => {
      channel.on('error', () => {}) // ws has answered a broken frame with its close code; 'close' follows
      keepAlive(channel, limits.heartbeat)
      handlers.get(request.url ?? '')?.(channel)
    })
  })

  return {
    port,
    attach: (path, handler) => {
      handlers.set(path, handler)
    },
    close: async () => {
      for (const channel of sockets.clients) channel.terminate()
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

/** Answers and closes, without waiting for the client to close as well. */
function turnAway(socket: Duplex, status: number, why: string): void {
  if (socket.writable) socket.end(plainAnswer(status, why), () => socket.destroy())
  else socket.destroy()
}

/** Ends a channel whose page has vanished without a FIN. @param interval between two pings, in milliseconds */
function keepAlive(channel: WebSocket, interval: number): void {
  let answered = true
  channel.on('pong', () => {
    answered = true
  })
  const timer = setInterval(() => {
    if (!answered) return channel.terminate()
    answered = false
    channel.ping()
  }, interval)
  channel.on('close', () => clearInterval(timer))
}
