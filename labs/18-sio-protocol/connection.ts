import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { MiniNamespace } from './namespace.ts'
import {
  ACK,
  CONNECT,
  CONNECT_ERROR,
  DISCONNECT,
  type EncodedPacket,
  EVENT,
  encodePacket,
  type Packet,
  PacketReader,
} from './packet.ts'
import type { Session } from './session.ts'
import { MiniSocket } from './socket.ts'

/** What all connections of a server share. */
export interface Shared {
  /** namespaces by name */
  namespaces: Map<string, MiniNamespace>
  /** connections by the id of each of their sockets */
  connections: Map<string, Connection>
  /** milliseconds in which a new connection must enter a namespace */
  connectTimeout: number
}

/** One connection, from the open packet to its end; it may be in several namespaces. */
export class Connection {
  readonly #session: Session
  readonly #request: IncomingMessage
  readonly #shared: Shared
  /** sockets by the name of their namespace */
  readonly #sockets = new Map<string, MiniSocket>()
  /** names of the namespaces whose middlewares are being asked */
  readonly #entering = new Set<string>()
  readonly #reader = new PacketReader()
  readonly #idle: NodeJS.Timeout
  #over = false

  constructor(session: Session, request: IncomingMessage, shared: Shared) {
    this.#session = session
    this.#request = request
    this.#shared = shared
    this.#idle = setTimeout(() => session.close('connect timeout'), shared.connectTimeout)
    session.on('message', (message) => this.#receive(message))
    session.on('farewell', () => this.#sayGoodbye())
    session.on('close', (reason) => this.#end(reason))
  }

  /** Sends a packet: its text, then its attachments. */
  write({ text, attachments }: EncodedPacket): void {
    this.#session.send(text)
    for (const bytes of attachments) this.#session.send(bytes)
  }

  #receive(message: string | Buffer): void {
    let packet: Packet | undefined
    try {
      packet = this.#reader.push(message)
    } catch {
      // What cannot be read ends the connection, too; nobody else needs to know.
      return this.#session.close('parse error')
    }
    // Broken rules are not argued about: the connection ends, and with it every namespace.
    if (packet !== undefined && !this.#dispatch(packet)) this.#session.close('parse error')
  }

  /** The server ends the whole connection: it says so in each namespace, or the client would come back to the others. */
  #sayGoodbye(): void {
    for (const socket of [...this.#sockets.values()]) {
      this.#transmit({ type: DISCONNECT, namespace: socket.namespace.name })
      this.#drop(socket, 'server namespace disconnect')
    }
  }

  #end(reason: string): void {
    this.#over = true
    clearTimeout(this.#idle)
    for (const socket of [...this.#sockets.values()]) this.#drop(socket, reason)
  }

  /** Hands a packet on by its type. @returns whether the client may send it now */
  #dispatch(packet: Packet): boolean {
    const socket = this.#sockets.get(packet.namespace)
    if (packet.type === CONNECT) {
      if (socket !== undefined || this.#entering.has(packet.namespace)) return false
      if (this.#shared.namespaces.has(packet.namespace)) this.#entering.add(packet.namespace)
      void this.#enter(packet).finally(() => this.#entering.delete(packet.namespace))
    } else if (socket === undefined) {
      return false // a namespace that it has not entered
    } else if (packet.type === EVENT) {
      socket.heard(packet)
    } else if (packet.type === ACK) {
      socket.acknowledged(packet)
    } else if (packet.type === DISCONNECT) {
      // TODO 6: The client leaves this namespace and may go on in others.
      this.#session.close('client disconnect')
    } else {
      return false // CONNECT_ERROR is the server's word
    }
    return true
  }

  async #enter({ namespace: name, data }: Packet): Promise<void> {
    // TODO 3: Answer CONNECT with an id of its own: `40{"sid":"…"}`, also in the namespace that was asked
    // for, unless its middlewares refuse (`ask`). The socket's handshake is what CONNECT brought (`{}` for nothing),
    // and the headers and the decoded query of the request. For a namespace that does not exist, answer
    // CONNECT_ERROR with the message `Invalid namespace`; the connection lives on.
    void [name, data, this.#request, this.#welcome, this.#refuse]
  }

  #welcome(socket: MiniSocket, namespace: MiniNamespace): void {
    // While the middlewares were asked the client may have gone, or one of them has said goodbye to it.
    if (this.#over || !socket.connected) return
    clearTimeout(this.#idle)
    this.#sockets.set(namespace.name, socket)
    this.#shared.connections.set(socket.id, this)
    this.#transmit({ type: CONNECT, namespace: namespace.name, data: { sid: socket.id } })
    namespace.welcome(socket)
  }

  #refuse(name: string, { message, data }: Error & { data?: unknown }): void {
    this.#transmit({ type: CONNECT_ERROR, namespace: name, data: { message, ...(data === undefined ? {} : { data }) } })
  }

  #transmit(packet: Packet): void {
    this.write(encodePacket(packet))
  }

  #drop(socket: MiniSocket, reason: string): void {
    this.#sockets.delete(socket.namespace.name)
    this.#shared.connections.delete(socket.id)
    socket.gone(reason)
  }
}
