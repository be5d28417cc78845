import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { SocketReader } from '../03-recv/reader.ts'
import { isMain, serve } from '../run.ts'
import { encodeFrame } from './frame.ts'

/** The limits of a relay. */
export interface RelayOptions {
  /** longest data of one frame, in bytes; a frame that announces more ends its sender's connection. Default 1 MiB */
  maxFrame?: number
  /** milliseconds that a client may leave its queue full, or its side open after our end, before it is dropped. Default 30,000 */
  stallTimeout?: number
  /** milliseconds in which a connection must send its JOIN line. Default 10,000 */
  joinTimeout?: number
}

/**
 * Passes frames from one client to another. A client says `JOIN name\n` and reads `OK\n` or `ERR reason\n`; after OK
 * both sides send frames (see frame.ts): in goes the receiver's name, out comes the sender's. A frame for somebody who
 * is not there is answered by a frame with an empty name.
 *
 * @returns a server that is not yet listening
 */
export function createRelay(options: RelayOptions = {}): Server {
  const relay = new Relay(options)
  // allowHalfOpen: a client that has said everything may end its side first and still read what comes back.
  // keepAlive: a client whose machine has gone without a word is found out, although we never wait for it.
  const connections = { allowHalfOpen: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 }
  return createServer(connections, (socket) => void relay.attend(socket))
}

/** The members by name, and the way of a frame from one to another. */
class Relay {
  readonly #options: Required<RelayOptions>
  readonly #members = new Map<string, Member>()

  constructor({ maxFrame = 1024 * 1024, stallTimeout = 30_000, joinTimeout = 10_000 }: RelayOptions) {
    this.#options = { maxFrame, stallTimeout, joinTimeout }
  }

  /** Serves one client from its first byte to its last. Reading is pulled, so it is read only as fast as it is served. */
  async attend(socket: Socket): Promise<void> {
    const member = new Member(socket, this.#options.stallTimeout)
    try {
      await this.#join(member)
      if (member.name !== undefined) await this.#passFrames(member, member.name)
      socket.end()
    } catch {
      // Reset, timed out, cut inside a frame, or a frame too long: this client is done, the others are not concerned.
      socket.destroy()
    } finally {
      // TODO 3: When a client has gone, its name is free again.
    }
    await member.gone()
  }

  /** Reads the JOIN line. A client that was refused is still without a name. */
  async #join(member: Member): Promise<void> {
    const line = (await member.reader.readLine(1024, { timeout: this.#options.joinTimeout })) ?? ''
    const name = /^JOIN ([\p{L}\p{N}_.-]+)$/u.exec(line)?.[1]
    // TODO 1: Refuse with an `ERR reason` line what is no JOIN line, a name over 255 bytes in UTF-8 (its
    // length must fit one byte), and a name that is taken.
    if (name === undefined || this.#members.has(name)) return
    member.name = name
    this.#members.set(name, member)
    member.socket.write('OK\n')
  }

  /** Passes on what a member sends, until it ends its side. @throws when it goes in another way, or sends too much */
  async #passFrames(sender: Member, name: string): Promise<void> {
    const { reader } = sender
    for (;;) {
      const first = await reader.recv(1)
      if (first === null) return // FIN between two frames: a clean end
      const to = (await reader.readExactly(first[0]!)).toString()
      const length = (await reader.readExactly(4)).readUInt32BE()
      const { maxFrame } = this.#options
      // TODO 2: A length is a claim. End the connection, by an error, when it is more than `maxFrame`,
      // before any byte is kept for it.
      const data = await reader.readExactly(length)
      const receiver = this.#members.get(to)
      if (receiver === undefined || receiver.socket.destroyed) {
        await sender.write(encodeFrame('', Buffer.from(`${to} is not here`)))
      } else {
        await receiver.write(encodeFrame(name, data))
      }
    }
  }
}

/** One client: its socket, what it has to say, and its name, once it has one. */
class Member {
  name: string | undefined
  readonly socket: Socket
  readonly reader: SocketReader
  readonly #stallTimeout: number

  constructor(socket: Socket, stallTimeout: number) {
    this.socket = socket
    this.reader = new SocketReader(socket)
    this.#stallTimeout = stallTimeout
    // Everybody who waits for this client's queue listens to its socket, and they may be many.
    socket.setMaxListeners(0)
    // A reset peer is a departure, not the end of the server; the relay sees it as an error of its read.
    socket.on('error', () => socket.destroy())
    // Who keeps the other side open after our FIN costs a descriptor: a second is enough to read what is left.
    socket.on('finish', () => setTimeout(() => socket.destroy(), 1000).unref())
  }

  /**
   * Settles when the connection is closed. A client that was refused may go on sending, and one that has said FIN may never
   * read: neither is kept for ever.
   */
  async gone(): Promise<void> {
    if (this.socket.closed) return
    const late = setTimeout(() => this.socket.destroy(), this.#stallTimeout)
    this.socket.once('close', () => clearTimeout(late))
    try {
      // What nobody reads would hide the FIN behind it.
      while ((await this.reader.recv(64 * 1024)) !== null);
    } catch {
      this.socket.destroy()
    }
  }

  /** Writes, and waits while the queue is full: whoever sent the frame is not read meanwhile, and TCP slows him down. */
  async write(frame: Buffer): Promise<void> {
    const { socket } = this
    // TODO 4: When `write` answers false, wait for 'drain' before the next frame of this sender is read. A
    // receiver that closes, or stays full for `stallTimeout` milliseconds (drop it), must not hold the sender.
    socket.write(frame)
  }
}

if (isMain(import.meta.url)) serve(createRelay(), 7006)
