import { toBase64 } from '../wire/bytes/base64.ts'
import { webSocketTarget } from '../wire/engineio/engine-packet.ts'
import type { Target } from '../wire/formats/mirror-messages.ts'
import type { Chunk } from '../wire/model/chunk.ts'
import type { MirrorClient } from './mirror-client.ts'

/** How long to wait for the answer to a handshake before bytes are sent anyway, in milliseconds. */
const maxHandshakeMs = 2000

/** A client that is nothing but bytes: the lab server opens a TCP connection through the tap, and this page writes. */
export class RawClient {
  /** the open connection, as the tap counts */
  connection: number | undefined
  readonly #mirror: Pick<MirrorClient, 'command'>
  readonly #changed: () => void
  readonly #answered = new Map<number, () => void>()

  /** @param changed called when `connection` is not what it was */
  constructor(mirror: Pick<MirrorClient, 'command'>, changed: () => void) {
    this.#mirror = mirror
    this.#changed = changed
  }

  /**
   * Opens a connection in the place of the one that is open.
   *
   * @returns the connection; for a WebSocket target, with the handshake done
   * @throws {Error} the lab server's sentence, when it cannot
   */
  async open(target: Target, isWebSocket: boolean): Promise<number> {
    this.hangUp()
    const opened = (await this.#mirror.command({ type: 'open', target: target.id }))!
    this.#become(opened)
    if (!isWebSocket) return opened
    const answer = new Promise<void>((seen) => this.#answered.set(opened, seen))
    await this.#mirror.command({ type: 'send', connection: opened, data: toBase64(handshake(target)) })
    await Promise.race([answer, new Promise((waited) => setTimeout(waited, maxHandshakeMs))])
    this.#answered.delete(opened)
    return opened
  }

  hangUp(): void {
    const open = this.connection
    this.#become(undefined)
    if (open === undefined) return
    // A connection that cannot be cut is gone already.
    this.#mirror.command({ type: 'cut', connection: open, direction: 'c2s' }).catch(() => undefined)
  }

  /** Forgets the connection without a word: the lab server that held it is gone. */
  forget(): void {
    this.#become(undefined)
  }

  /** Tells the client of a chunk that was seen. */
  saw({ connection, direction }: Chunk): void {
    if (direction === 's2c') this.#answered.get(connection)?.()
  }

  /** Tells the client that a connection is over. */
  closed(connection: number): void {
    if (this.connection === connection) this.#become(undefined)
  }

  #become(connection: number | undefined): void {
    this.connection = connection
    this.#changed()
  }
}

/** The handshake of RFC 6455 §4.1. */
function handshake({ tapPort, kind }: Target): Uint8Array {
  const key = toBase64(crypto.getRandomValues(new Uint8Array(16)))
  const lines = [
    `GET ${kind === 'socket.io' ? webSocketTarget : '/'} HTTP/1.1`,
    `Host: 127.0.0.1:${tapPort}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Key: ${key}`,
    'Sec-WebSocket-Version: 13',
  ]
  return new TextEncoder().encode(`${lines.join('\r\n')}\r\n\r\n`)
}
