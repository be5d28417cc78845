import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { mirrorProtocol } from '../wire/formats/mirror-messages.ts'
import { guard, protocolsOf, type Refusal } from './guard.ts'
import type { Limits } from './limits.ts'
import { listenNear } from './listen-near.ts'
import { plainAnswer } from './plain-answer.ts'

export type ChannelHandler = (socket: WebSocket) => void

interface ChannelOptions {
  /** the one to try first */
  port: number
  token: string
  origins: ReadonlySet<string>
  limits: Limits
}

/** The WebSockets between the lab server and the pages of the workbook: `/mirror`, `/grade`. One port, one guard. */
export class Channels {
  readonly port: number
  readonly #options: ChannelOptions
  readonly #server: Server
  readonly #sockets: WebSocketServer
  /** handlers by path, as `/grade` */
  readonly #handlers = new Map<string, ChannelHandler>()

  /** Listens on 127.0.0.1. @throws {Error} one sentence, when there is no free port */
  static async listen(options: ChannelOptions): Promise<Channels> {
    const { port, limits } = options
    const server = createServer({
      maxHeaderSize: limits.headBytes,
      headersTimeout: limits.headTimeoutMs,
      requestTimeout: limits.headTimeoutMs,
      connectionsCheckingInterval: Math.min(limits.headTimeoutMs, 1000),
    })
    server.maxConnections = limits.connections
    return new Channels(await listenNear(server, port, 20), server, options)
  }

  private constructor(port: number, server: Server, options: ChannelOptions) {
    this.port = port
    this.#server = server
    this.#options = options
    this.#sockets = new WebSocketServer({
      noServer: true,
      perMessageDeflate: false,
      maxPayload: options.limits.messageBytes,
      handleProtocols: () => mirrorProtocol,
    })
    server.on('request', (request, response) => {
      const { status, why } = this.#refusal(request) ?? { status: 426, why: 'Expected a WebSocket handshake.' }
      if (response.socket) turnAway(response.socket, status, why)
    })
    server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
      const status = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 }[error.code ?? ''] ?? 400
      turnAway(socket, status, 'Expected the head of an HTTP request, complete and in time.')
    })
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      this.#upgrade(request, socket, head)
    })
  }

  /** Adds a channel. @param path as `/grade` */
  attach(path: string, handler: ChannelHandler): void {
    this.#handlers.set(path, handler)
  }

  /** Ends every channel and stops listening. */
  async close(): Promise<void> {
    for (const channel of this.#sockets.clients) channel.terminate()
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy())
    const refused = this.#refusal(request)
    if (refused) return turnAway(socket, refused.status, refused.why)
    this.#sockets.handleUpgrade(request, socket, head, (channel) => {
      channel.on('error', () => {}) // ws has answered a broken frame with its close code; 'close' follows
      keepAlive(channel, this.#options.limits.heartbeatMs)
      this.#handlers.get(request.url ?? '')?.(channel)
    })
  }

  /** Why a request to a channel is refused, 404 and 400 included. */
  #refusal(request: IncomingMessage): { status: number; why: string } | undefined {
    const { origins, token } = this.#options
    const refused: Refusal | undefined = guard(request.rawHeaders, { port: this.port, origins, data: false, token })
    if (refused) return refused
    if (!this.#handlers.has(request.url ?? '')) return { status: 404, why: 'There is no such channel.' }
    if (!protocolsOf(request.rawHeaders).includes(mirrorProtocol)) {
      return { status: 400, why: `Sec-WebSocket-Protocol: expected ${mirrorProtocol} among them.` }
    }
    return undefined
  }
}

/** Answers and closes, without waiting for the client to close as well. */
function turnAway(socket: Duplex, status: number, why: string): void {
  if (socket.writable) socket.end(plainAnswer(status, why), () => socket.destroy())
  else socket.destroy()
}

/** Ends a channel whose page has vanished without a FIN. @param intervalMs between two pings, in milliseconds */
function keepAlive(channel: WebSocket, intervalMs: number): void {
  let answered = true
  channel.on('pong', () => {
    answered = true
  })
  const timer = setInterval(() => {
    if (!answered) return channel.terminate()
    answered = false
    channel.ping()
  }, intervalMs)
  channel.on('close', () => clearInterval(timer))
}
