import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { cleanup, deadline } from '../lifetime.ts'
import { turn } from './tcp-peer.ts'

/** How frames that were held are sent on. */
type Cut = 'one by one' | 'byte by byte' | 'glued together' | 'in halves'

/**
 * A relay of our own for nodes that share a bus: frames of a length in 4 bytes and so many bytes, and what one peer sends
 * all others receive. It can be cut, hold frames back and cut them anywhere, say anything, and stop reading.
 */
export class FrameBus {
  /** frames that have come so far, without their length */
  readonly frames: Buffer[] = []
  port = 0
  #server: Server | undefined
  readonly #peers = new Map<Socket, { rest: Buffer; waiting: Buffer[] }>()
  #holds = false
  #changed: (() => void)[] = []

  /** It is closed at the end of the check. */
  static async open(): Promise<FrameBus> {
    const bus = new FrameBus()
    cleanup(() => bus.cut())
    await bus.mend()
    return bus
  }

  /** Listens, the second time on the same port. */
  async mend(): Promise<void> {
    this.#server = createServer({ noDelay: true }, (socket) => this.#take(socket))
    this.#server.listen(this.port, '127.0.0.1')
    await deadline(once(this.#server, 'listening'), 2000, 'our relay to listen')
    this.port = (this.#server.address() as AddressInfo).port
  }

  /** Ends all connections, and takes no new ones. */
  async cut(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (!server) return
    const closed = once(server, 'close')
    server.close()
    for (const socket of this.#peers.keys()) socket.destroy()
    await closed
  }

  /** Waits until so many nodes are connected. */
  connected(count: number): Promise<void> {
    const nodes = count === 1 ? '1 node' : `${count} nodes`
    return this.#until(() => this.#peers.size === count, `${nodes} to be connected to the bus`)
  }

  /** Waits until so many frames have come since the bus began to listen. */
  came(count: number): Promise<void> {
    return this.#until(() => this.frames.length >= count, 'a node to send a frame to the bus')
  }

  /** Writes bytes to every node, whatever they are. */
  say(bytes: Uint8Array): void {
    for (const socket of this.#peers.keys()) socket.write(bytes)
  }

  /** Keeps frames back until `release`. */
  hold(): void {
    this.#holds = true
  }

  async release(cut: Cut): Promise<void> {
    this.#holds = false
    for (const [socket, peer] of this.#peers) {
      for (const chunk of chunks(peer.waiting.splice(0), cut)) {
        socket.write(chunk)
        await turn() // so that the node has read it before the next one
      }
    }
  }

  /** Reads nothing more. */
  stall(): void {
    for (const socket of this.#peers.keys()) socket.pause()
  }

  #take(socket: Socket): void {
    const peer = { rest: Buffer.alloc(0), waiting: [] }
    this.#peers.set(socket, peer)
    socket.on('error', () => {}) // 'close' follows
    socket.on('close', () => {
      this.#peers.delete(socket)
      this.#wake()
    })
    socket.on('data', (chunk) => {
      peer.rest = Buffer.concat([peer.rest, chunk])
      while (peer.rest.length >= 4 && peer.rest.length >= 4 + peer.rest.readUInt32BE()) {
        const frame = peer.rest.subarray(4, 4 + peer.rest.readUInt32BE())
        peer.rest = peer.rest.subarray(4 + frame.length)
        this.frames.push(frame)
        this.#pass(socket, framed(frame))
      }
      this.#wake()
    })
    this.#wake()
  }

  #pass(from: Socket, bytes: Buffer): void {
    for (const [socket, { waiting }] of this.#peers) {
      if (socket === from) continue
      if (this.#holds) waiting.push(bytes)
      else socket.write(bytes)
    }
  }

  async #until(ready: () => boolean, what: string): Promise<void> {
    const reached = new Promise<void>((resolve) => {
      const look = () => {
        if (ready()) resolve()
        else this.#changed.push(look)
      }
      look()
    })
    await deadline(reached, 2000, what)
  }

  #wake(): void {
    for (const look of this.#changed.splice(0)) look()
  }
}

/** A frame for the wire. */
export function framed(bytes: Uint8Array): Buffer {
  const frame = Buffer.alloc(4 + bytes.length)
  frame.writeUInt32BE(bytes.length)
  frame.set(bytes, 4)
  return frame
}

function chunks(frames: Buffer[], cut: Cut): Buffer[] {
  if (cut === 'one by one') return frames
  const all = Buffer.concat(frames)
  if (cut === 'glued together') return [all]
  if (cut === 'in halves') return [all.subarray(0, all.length >> 1), all.subarray(all.length >> 1)]
  return Array.from(all, (_, at) => all.subarray(at, at + 1))
}
