import { randomBytes } from 'node:crypto'
import { EventEmitter } from 'node:events'
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { Polling } from './polling.ts'
import { Session, type SessionOptions } from './session.ts'

export interface EngineOptions extends Partial<SessionOptions> {
  /** path of the requests. Default `/socket.io/` */
  path?: string
}

/** Why a request is refused, in Engine.IO's own numbers and words. */
const refusals = {
  transport: { code: 0, message: 'Transport unknown' },
  session: { code: 1, message: 'Session ID unknown' },
  method: { code: 2, message: 'Bad handshake method' },
  request: { code: 3, message: 'Bad request' },
  version: { code: 5, message: 'Unsupported protocol version' },
}

/**
 * Engine.IO, protocol version 4: sessions with a heartbeat over WebSocket, or over HTTP requests first and WebSocket
 * later. Emits `session` with a `Session` and the request that opened it.
 */
export class Engine extends EventEmitter<{ session: [Session, IncomingMessage] }> {
  readonly #sessions = new Map<string, Session>()
  readonly #path: string
  readonly #options: SessionOptions
  readonly #webSockets: WebSocketServer

  constructor({ path = '/socket.io/', ...options }: EngineOptions = {}) {
    super()
    this.#path = path
    this.#options = { pingInterval: 25_000, pingTimeout: 20_000, maxPayload: 1_000_000, ...options }
    this.#webSockets = new WebSocketServer({ noServer: true, maxPayload: this.#options.maxPayload })
  }

  /** Takes the requests and upgrades under its path; all others stay the server's own. */
  attach(server: Server): void {
    const others = server.listeners('request') as ((...args: unknown[]) => void)[]
    server.removeAllListeners('request')
    server.on('request', (request, response) => {
      if (!this.#isMine(request)) {
        for (const listener of others) listener.call(server, request, response)
        if (others.length === 0) response.writeHead(404).end()
        return
      }
      const query = this.#query(request)
      const session = this.#sessions.get(query.get('sid') ?? '')
      const problem = this.#problem(query, 'polling', request.method === 'GET', session)
      if (problem) {
        response.writeHead(400, { 'Content-Type': 'application/json' }).end(JSON.stringify(problem))
      } else if (session?.transport instanceof Polling) {
        session.transport.serve(request, response)
      } else {
        const polling = new Polling(this.#options.maxPayload)
        this.#open(polling, ['websocket'], request)
        polling.serve(request, response)
      }
    })
    server.on('upgrade', (request, socket, head) => {
      if (this.#isMine(request)) this.#upgrade(request, socket, head)
      else if (server.listenerCount('upgrade') === 1) socket.destroy()
    })
  }

  close(): void {
    for (const session of this.#sessions.values()) {
      session.close('server shutting down')
      session.transport.close(true) // nobody can come any more for what is kept
    }
    this.#webSockets.close()
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const query = this.#query(request)
    const session = this.#sessions.get(query.get('sid') ?? '')
    const problem = this.#problem(query, 'websocket', true, session)
    if (problem) {
      const body = JSON.stringify(problem)
      socket.on('error', () => socket.destroy()) // a client that resets has no use for the answer
      socket.on('finish', () => socket.destroy()) // one that keeps its side open would keep a descriptor
      socket.end(
        `HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      )
      return
    }
    this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      const transport = new WebSocketTransport(webSocket)
      if (session === undefined) this.#open(transport, [], request)
      else session.probe(transport)
    })
  }

  #open(transport: Session['transport'], upgrades: string[], request: IncomingMessage): void {
    const sid = randomBytes(15).toString('base64url')
    const session = new Session(transport, this.#options)
    this.#sessions.set(sid, session)
    session.on('close', () => {
      const { transport } = session
      // A client that polls comes for the last words later.
      if (transport instanceof Polling && transport.isKept) transport.once('close', () => this.#sessions.delete(sid))
      else this.#sessions.delete(sid)
    })
    // TODO 1: Send the open packet: `0` and a JSON object with `sid`, `upgrades`, `pingInterval`, `pingTimeout`
    // and `maxPayload`.
    transport.send(`0${JSON.stringify({ upgrades })}`)
    session.startHeartbeat()
    this.emit('session', session, request)
  }

  #problem(query: URLSearchParams, transport: string, isGet: boolean, session: Session | undefined) {
    if (query.get('EIO') !== '4') return refusals.version
    if (query.get('transport') !== transport) return refusals.transport
    if (query.has('sid')) {
      if (session === undefined) return refusals.session
      // Over WebSocket a session that is one already finishes its handshake, and is closed then.
      return transport === 'polling' && !(session.transport instanceof Polling) ? refusals.request : undefined
    }
    return isGet ? undefined : refusals.method
  }

  #isMine(request: IncomingMessage): boolean {
    const [path] = (request.url ?? '').split('?')
    return path === this.#path || `${path}/` === this.#path
  }

  #query(request: IncomingMessage): URLSearchParams {
    return new URLSearchParams((request.url ?? '').split('?')[1])
  }
}

/** Packets over a WebSocket: text is text, and bytes need no type in front of them. */
class WebSocketTransport extends EventEmitter<{ packet: [string | Buffer]; close: [string] }> {
  readonly #webSocket: WebSocket

  constructor(webSocket: WebSocket) {
    super()
    this.#webSocket = webSocket
    webSocket.on('message', (data, isBinary) => this.emit('packet', isBinary ? (data as Buffer) : String(data)))
    webSocket.on('close', () => this.emit('close', 'transport close'))
    // What is wrong with the connection is told by its close; without a listener it would end the program.
    webSocket.on('error', () => {})
  }

  send(packet: string | Uint8Array): void {
    if (this.#webSocket.readyState === this.#webSocket.OPEN) this.#webSocket.send(packet)
  }

  close(): void {
    this.#webSocket.close()
    // Its end is told now, and nothing afterwards: late words of an upgrade that failed would disturb the next one.
    this.emit('close', 'forced close')
    this.removeAllListeners()
  }
}
