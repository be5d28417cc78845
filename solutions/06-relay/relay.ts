import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { SocketReader } from '../03-recv/reader.ts'
import { isMain, serve } from '../run.ts'
import { encodeFrame } from './frame.ts'

export interface RelayOptions {
  /** longest data of one frame, in bytes; a frame that announces more ends its sender's connection. Default 1 MiB */
  maxFrame?: number
  /** milliseconds that a receiver may leave its queue full before it is dropped. Default 30,000 */
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
  const { maxFrame = 1024 * 1024, stallTimeout = 30_000, joinTimeout = 10_000 } = options
  const members = new Map<string, Socket>()

  // allowHalfOpen: a client that has said everything may end its side first and still read what comes back.
  // keepAlive: a client whose machine has gone without a word is found out, although we never wait for it.
  const connections = { allowHalfOpen: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 }
  const server = createServer(connections, (socket) => {
    // Everybody who waits for this client's queue listens to its socket, and they may be many.
    socket.setMaxListeners(0)
    // A reset peer is a departure, not the end of the server; the loop in `attend` sees it as an error of its read.
    socket.on('error', () => socket.destroy())
    void attend(socket)
  })

  /** One client from its first byte to its last. Reading is pulled, so a client is read only as fast as it is served. */
  async function attend(socket: Socket): Promise<void> {
    const reader = new SocketReader(socket)
    let name: string | undefined
    try {
      name = await join(socket, reader)
      if (name !== undefined) await passFrames(name, socket, reader)
      socket.end()
    } catch {
      // Reset, timed out, cut inside a frame, or a frame too long: this client is done, the others are not concerned.
      socket.destroy()
    } finally {
      // #region depart
      // TODO 3: When a client has gone, its name is free again.
      // starter: void name

      if (name !== undefined) members.delete(name)
      // #endregion
    }
  }

  /** @returns the name under which the client is known from now on, or undefined when it was refused */
  async function join(socket: Socket, reader: SocketReader): Promise<string | undefined> {
    const line = (await reader.readLine(1024, { timeout: joinTimeout })) ?? ''
    const name = /^JOIN ([\p{L}\p{N}_.-]+)$/u.exec(line)?.[1]
    // #region join
    // TODO 1: Refuse with an `ERR reason` line what is no JOIN line, a name over 255 bytes in UTF-8 (its
    // length must fit one byte), and a name that is taken.
    // starter: if (name === undefined || members.has(name)) return undefined

    const problem =
      name === undefined
        ? 'expected JOIN and a name of letters, digits, _ . -'
        : Buffer.byteLength(name) > 255
          ? 'a name has at most 255 bytes'
          : members.has(name)
            ? `${name} is taken`
            : undefined
    if (name === undefined || problem !== undefined) {
      socket.write(`ERR ${problem}\n`)
      return undefined
    }
    // #endregion
    members.set(name, socket)
    socket.write('OK\n')
    return name
  }

  async function passFrames(sender: string, socket: Socket, reader: SocketReader): Promise<void> {
    for (;;) {
      const first = await reader.recv(1)
      if (first === null) return // FIN between two frames: a clean end
      const to = (await reader.readExactly(first[0]!)).toString()
      const length = (await reader.readExactly(4)).readUInt32BE()
      // #region limit
      // TODO 2: A length is a claim. End the connection, by an error, when it is more than `maxFrame`,
      // before any byte is kept for it.
      // starter:

      if (length > maxFrame) throw new RangeError(`length: expected at most ${maxFrame}, received ${length}`)
      // #endregion
      const data = await reader.readExactly(length)
      await pass(sender, socket, to, data)
    }
  }

  async function pass(sender: string, socket: Socket, to: string, data: Buffer): Promise<void> {
    const receiver = members.get(to)
    if (receiver === undefined || receiver.destroyed) {
      await write(socket, encodeFrame('', Buffer.from(`${to} is not here`)))
    } else {
      await write(receiver, encodeFrame(sender, data))
    }
  }

  /** Writes, and waits while the receiver's queue is full: the sender is not read meanwhile, and TCP slows it down. */
  async function write(socket: Socket, frame: Buffer): Promise<void> {
    // #region wait
    // TODO 4: When `write` answers false, wait for 'drain' before the next frame of this sender is read. A
    // receiver that closes, or stays full for `stallTimeout` milliseconds (drop it), must not hold the sender.
    // starter: socket.write(frame)

    if (socket.destroyed || socket.write(frame)) return
    const gone = new AbortController()
    const stalled = setTimeout(() => socket.destroy(), stallTimeout)
    const close = () => gone.abort()
    socket.once('close', close)
    try {
      await once(socket, 'drain', { signal: gone.signal })
    } catch {
      // It closed instead of draining: its frames are lost with it, and the sender goes on.
    } finally {
      clearTimeout(stalled)
      socket.off('close', close)
    }
    // #endregion
  }

  return server
}

if (isMain(import.meta.url)) serve(createRelay(), 7006)
