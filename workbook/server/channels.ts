import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { type Channel, channelHeader, tokenHeader } from '../wire/formats/channel.ts'
import { mirrorProtocol, tokenProtocol } from '../wire/formats/mirror-messages.ts'
import { StreamChannel, textOf, WebSocketChannel } from './channel-kinds.ts'
import { guard, isSecret, protocolsOf, type Rules, valuesOf } from './guard.ts'
import type { Limits } from './limits.ts'
import { plainAnswer } from './plain-answer.ts'

export type ChannelHandler = (channel: Channel) => void

interface Refused {
  status: number
  why: string
}

/**
 * What the workbook and its pages say to each other: `/mirror`, `/grade`. A page opens a WebSocket; where none comes
 * through, or other WebSockets of the browser hold it up, it POSTs and reads an answer that does not end.
 */
export class Channels {
  readonly #rules: Rules
  readonly #token: string
  readonly #limits: Limits
  readonly #sockets: WebSocketServer
  /** handlers by path, as `/grade` */
  readonly #handlers = new Map<string, ChannelHandler>()
  /** the open channels that are streams, by their id */
  readonly #streams = new Map<string, StreamChannel>()

  constructor(rules: Rules, token: string, limits: Limits) {
    this.#rules = rules
    this.#token = token
    this.#limits = limits
    this.#sockets = new WebSocketServer({
      noServer: true,
      perMessageDeflate: false,
      maxPayload: limits.messageBytes,
      handleProtocols: () => mirrorProtocol,
    })
  }

  /** Adds a channel. @param path as `/grade` */
  attach(path: string, handler: ChannelHandler): void {
    this.#handlers.set(path, handler)
  }

  has(path: string): boolean {
    return this.#handlers.has(path)
  }

  /** Ends every channel. */
  close(): void {
    for (const socket of this.#sockets.clients) socket.terminate()
    for (const stream of this.#streams.values()) stream.end()
  }

  /** Opens a channel over a WebSocket. @param path of the request, with an attached channel or not */
  upgrade(path: string, request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const offered = protocolsOf(request.rawHeaders)
    const want = tokenProtocol(this.#token)
    const refused = this.#refusal(
      path,
      request,
      offered.some((protocol) => isSecret(protocol, want)),
    )
    if (refused) return turnAway(socket, refused.status, refused.why)
    if (!offered.includes(mirrorProtocol)) {
      return turnAway(socket, 400, `Sec-WebSocket-Protocol: expected ${mirrorProtocol} among them.`)
    }
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
      this.#handlers.get(path)?.(new WebSocketChannel(webSocket, this.#limits.heartbeatMs))
    })
  }

  /** Opens a channel over the answer to a request, or takes what a page says on one. */
  async receive(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const isKnown = isSecret(valuesOf(request.rawHeaders, tokenHeader)[0], this.#token)
    const refused = this.#refusal(path, request, isKnown)
    if (refused) return answer(response, refused.status, refused.why)
    if (request.method !== 'POST') return answer(response, 426, 'Expected a WebSocket handshake, or POST.')
    const id = valuesOf(request.rawHeaders, channelHeader)[0]
    if (id === undefined) return this.#openStream(path, request, response)
    const stream = this.#streams.get(id)
    if (!stream) return answer(response, 404, 'This channel is over: open another one.')
    const text = await textOf(request, this.#limits.messageBytes)
    if (text === undefined) return
    stream.hear(text)
    response.writeHead(204).end()
  }

  #openStream(path: string, request: IncomingMessage, response: ServerResponse): void {
    request.resume()
    const id = randomBytes(16).toString('hex')
    response.writeHead(200, {
      'Content-Type': 'application/octet-stream',
      'Cache-Control': 'no-store, no-transform',
      'X-Accel-Buffering': 'no', // nginx would keep the answer until it ends
      [channelHeader]: id,
    })
    const stream = new StreamChannel(response, this.#limits.heartbeatMs)
    this.#streams.set(id, stream)
    response.on('close', () => this.#streams.delete(id))
    stream.send('') // the head leaves with the first bytes
    this.#handlers.get(path)?.(stream)
  }

  /** Why a request to a channel is refused, 404 included. */
  #refusal(path: string, request: IncomingMessage, isTokenRight: boolean): Refused | undefined {
    const refused = guard(request.rawHeaders, this.#rules, 'channel')
    if (refused) return refused
    if (!isTokenRight) return { status: 401, why: 'Token: expected the one of this start. Reload the page.' }
    return this.#handlers.has(path) ? undefined : { status: 404, why: 'There is no such channel.' }
  }
}

function answer(response: ServerResponse, status: number, why: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', Connection: 'close' }).end(`${why}\n`)
}

/** Answers and closes, without waiting for the client to close as well. */
export function turnAway(socket: Duplex, status: number, why: string): void {
  socket.on('error', () => socket.destroy())
  if (socket.writable) socket.end(plainAnswer(status, why), () => socket.destroy())
  else socket.destroy()
}
