import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { encode } from '../../workbook/view/encoder.ts'
import type { Unit } from '../../workbook/wire/model/unit.ts'
import { Opcode } from '../../workbook/wire/websocket/opcode.ts'
import type { Tap, Tapped } from './tap.ts'

/** Not random, so that a recording holds the same bytes each time; RFC 6455 §5.7 uses it. */
export const maskingKey = Uint8Array.of(0x37, 0xfa, 0x21, 0x3d)

/** Where the tap of the built-in echo listens beside `npm start`. A recording names it, whatever port was free. */
export const tapPort = 7100

/** The handshake of RFC 6455 §1.3, line by line. */
export const requestLines = [
  'GET / HTTP/1.1',
  `Host: 127.0.0.1:${tapPort}`,
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version: 13',
]

/** The bytes of a head. */
export function head(lines: string[]): Buffer {
  return Buffer.from([...lines, '', ''].join('\r\n'))
}

/** A client that writes bytes, right or wrong, each piece once the tap has read the one before it. */
export class RawClient {
  readonly tapped: Tapped
  readonly #tap: Tap
  readonly #socket: Socket
  #sent = 0

  static async connect(tap: Tap): Promise<RawClient> {
    const count = tap.connections.length
    const socket = connect({ port: tap.port, host: '127.0.0.1', noDelay: true })
    socket.on('error', () => {}) // 'close' follows, and the tap has seen the reset
    socket.resume()
    await once(socket, 'connect')
    await tap.until('the connection', () => tap.connections.length > count)
    return new RawClient(tap, socket, tap.connections[count]!)
  }

  /** A client whose handshake was accepted. */
  static async open(tap: Tap): Promise<RawClient> {
    const client = await RawClient.connect(tap)
    await client.write(head(requestLines))
    await tap.until('the handshake', () => client.tapped.isOpen)
    return client
  }

  private constructor(tap: Tap, socket: Socket, tapped: Tapped) {
    this.#tap = tap
    this.#socket = socket
    this.tapped = tapped
  }

  /** @param cuts offsets at which a new write begins */
  async write(bytes: Uint8Array, cuts: number[] = []): Promise<void> {
    for (const [i, start] of [0, ...cuts].entries()) {
      const piece = bytes.subarray(start, cuts[i])
      this.#socket.write(piece)
      this.#sent += piece.length
      await this.#tap.until(`${this.#sent} bytes at the tap`, () => this.tapped.length('c2s') >= this.#sent)
    }
  }

  /** Writes pieces one after the other without waiting: TCP may well glue them. */
  writeAtOnce(pieces: Uint8Array[]): void {
    for (const piece of pieces) {
      this.#socket.write(piece)
      this.#sent += piece.length
    }
  }

  /** Waits for what the server says after the handshake. */
  until(what: string, holds: (said: Unit[]) => boolean): Promise<void> {
    return this.#tap.until(what, () => holds(this.tapped.said('s2c')))
  }

  /** Says a close frame with code 1000, and waits for that of the server and for its FIN. */
  async close(): Promise<void> {
    await this.write(encode({ opcode: Opcode.close, payload: Uint8Array.of(0x03, 0xe8), maskingKey }))
    await this.#tap.ended()
  }

  end(): void {
    this.#socket.end()
  }

  reset(): void {
    this.#socket.resetAndDestroy()
  }
}
