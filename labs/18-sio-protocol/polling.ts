// Given: Engine.IO over plain HTTP. The client keeps one GET waiting, the answer to which is the server's packets, and
// sends its own by POST. Several packets in one body are joined by the record separator, 0x1e.
import { EventEmitter } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'

const separator = '\x1e'

/** Milliseconds that last words are kept for a client that does not come for them, as in the official server. */
const keepTime = 30_000

export class Polling extends EventEmitter<{ packet: [string | Buffer]; close: [string] }> {
  readonly #maxPayload: number
  #queue: (string | Uint8Array)[] = []
  #waiting: ServerResponse | undefined
  #posting = false
  #draining = false
  /** runs while the last words are kept */
  #kept: NodeJS.Timeout | undefined
  #over = false

  constructor(maxPayload: number) {
    super()
    this.#maxPayload = maxPayload
  }

  serve(request: IncomingMessage, response: ServerResponse): void {
    if (request.method === 'GET') this.#poll(response)
    else if (request.method === 'POST') this.#post(request, response)
    else response.writeHead(400).end()
  }

  send(packet: string | Uint8Array): void {
    this.#queue.push(packet)
    this.#flush()
  }

  /**
   * Ends the session. A waiting GET hears `1`. When none waits, the next ones fetch what is queued, then `6` and `1`, and a
   * later one finds no session.
   *
   * @param silent whether to keep nothing for a GET that may never come
   */
  close(silent = false): void {
    if (silent || this.#waiting) this.#end('forced close')
    else if (!this.#over) this.#kept ??= setTimeout(() => this.#end('transport close'), keepTime).unref()
  }

  /** Whether it has ended for the server, and still has something for the client to fetch. */
  get isKept(): boolean {
    return this.#kept !== undefined && !this.#over
  }

  /** @param last what a waiting GET hears */
  #end(reason: string, last = '1'): void {
    if (this.#over) return
    this.#over = true
    clearTimeout(this.#kept)
    if (this.#waiting) this.#answer(this.#waiting, last)
    this.#waiting = undefined
    this.emit('close', reason)
  }

  /** While a WebSocket is taking over, no GET is kept waiting. */
  drain(on: boolean): void {
    this.#draining = on
    this.#flush()
  }

  /** The packets that no GET has fetched. */
  takeQueue(): (string | Uint8Array)[] {
    return this.#queue.splice(0)
  }

  #poll(response: ServerResponse): void {
    if (this.#waiting) {
      // Two at once would race for the packets, so both are told and the session ends.
      response.writeHead(400).end()
      return this.#end('parse error')
    }
    this.#waiting = response
    response.on('close', () => {
      if (this.#waiting !== response) return
      this.#waiting = undefined
      this.#end('transport close')
    })
    if (this.#kept && this.#queue.length === 0) this.#end('forced close', `6${separator}1`)
    else this.#flush()
  }

  #flush(): void {
    if (this.#waiting === undefined) return
    if (this.#queue.length === 0 && this.#draining) this.#queue.push('6')
    if (this.#queue.length === 0) return
    const response = this.#waiting
    this.#waiting = undefined
    this.#answer(response, this.takeQueue().map(encode).join(separator))
  }

  #answer(response: ServerResponse, body: string): void {
    response.writeHead(200, { 'Content-Type': 'text/plain; charset=UTF-8', 'Cache-Control': 'no-store' }).end(body)
  }

  #post(request: IncomingMessage, response: ServerResponse): void {
    if (this.#posting) return this.#refuse(response, 400)
    this.#posting = true
    const chunks: Buffer[] = []
    let length = 0
    request.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length > this.#maxPayload) return this.#refuse(response, 413)
      chunks.push(chunk)
    })
    request.on('error', () => this.#end('transport error'))
    request.on('end', () => {
      this.#posting = false
      if (response.writableEnded) return
      const packets = Buffer.concat(chunks).toString().split(separator)
      if (!packets.every((packet) => /^[0-6b]/.test(packet))) return this.#refuse(response, 400)
      response.writeHead(200, { 'Content-Type': 'text/html' }).end('ok')
      for (const packet of packets) {
        if (packet.startsWith('1')) this.#end('transport close', '6')
        else this.emit('packet', decode(packet))
      }
    })
  }

  #refuse(response: ServerResponse, status: number): void {
    if (!response.writableEnded) response.writeHead(status).end()
    this.#end('parse error')
  }
}

/** Bytes cannot stand in a text, so they are `b` and base64. */
function encode(packet: string | Uint8Array): string {
  return typeof packet === 'string'
    ? packet
    : `b${Buffer.from(packet.buffer, packet.byteOffset, packet.length).toString('base64')}`
}

function decode(packet: string): string | Buffer {
  return packet.startsWith('b') ? Buffer.from(packet.slice(1), 'base64') : packet
}
