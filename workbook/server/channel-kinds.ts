import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { WebSocket } from 'ws'
import { type Channel, encodeChannelFrame } from '../wire/formats/channel.ts'

/** A channel over a WebSocket. */
export class WebSocketChannel implements Channel {
  readonly #socket: WebSocket

  /** @param heartbeatMs between two pings, in milliseconds: a page that does not answer one has vanished without a FIN */
  constructor(socket: WebSocket, heartbeatMs: number) {
    this.#socket = socket
    socket.on('error', () => {}) // ws has answered a broken frame with its close code; 'close' follows
    let answered = true
    socket.on('pong', () => {
      answered = true
    })
    const timer = setInterval(() => {
      if (!answered) return socket.terminate()
      answered = false
      socket.ping()
    }, heartbeatMs)
    socket.on('close', () => clearInterval(timer))
  }

  get bufferedAmount(): number {
    return this.#socket.bufferedAmount
  }

  send(message: string | Uint8Array, sent?: () => void): void {
    this.#socket.send(message, sent)
  }

  onMessage(listener: (text: string | undefined) => void): void {
    this.#socket.on('message', (data, binary) => listener(binary ? undefined : data.toString()))
  }

  onClose(listener: () => void): void {
    this.#socket.on('close', listener)
  }

  refuse(why: string): void {
    this.#socket.close(1008, why)
  }

  end(): void {
    this.#socket.terminate()
  }
}

/** A channel over the answer to one request; what the page says comes by requests of its own, through {@link hear}. */
export class StreamChannel implements Channel {
  readonly #response: ServerResponse
  #listener: (text: string | undefined) => void = () => {}

  /** @param heartbeatMs between two signs of life, so that what carries the answer does not take it for dead */
  constructor(response: ServerResponse, heartbeatMs: number) {
    this.#response = response
    response.on('error', () => {}) // the page has gone; 'close' follows
    const timer = setInterval(() => this.send(''), heartbeatMs)
    response.on('close', () => clearInterval(timer))
  }

  get bufferedAmount(): number {
    return this.#response.writableLength
  }

  send(message: string | Uint8Array, sent?: () => void): void {
    if (this.#response.writable) this.#response.write(encodeChannelFrame(message), () => sent?.())
  }

  onMessage(listener: (text: string | undefined) => void): void {
    this.#listener = listener
  }

  onClose(listener: () => void): void {
    this.#response.on('close', listener)
  }

  /** A stream has no room for a reason: it just ends. */
  refuse(): void {
    this.#response.end()
  }

  end(): void {
    this.#response.destroy()
  }

  /** Takes what the page said. */
  hear(text: string): void {
    this.#listener(text)
  }
}

/** Reads the text of a request. @returns nothing when it is longer than `maxBytes`, or breaks off */
export async function textOf(request: IncomingMessage, maxBytes: number): Promise<string | undefined> {
  const pieces: Buffer[] = []
  let length = 0
  request.on('data', (bytes: Buffer) => {
    length += bytes.length
    if (length <= maxBytes) pieces.push(bytes)
    else request.destroy()
  })
  try {
    await once(request, 'end')
  } catch {
    return undefined // it broke off, or was too long
  }
  return Buffer.concat(pieces).toString()
}
