import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { isMain, serve } from '../run.ts'
import { Engine, type EngineOptions } from './engine.ts'
import { type Emitter, type Middleware, MiniNamespace } from './namespace.ts'
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

export interface MiniServerOptions extends EngineOptions {
  /** milliseconds in which a new connection must enter a namespace. Default 45,000 */
  connectTimeout?: number
}

/** A Socket.IO server, protocol version 5, on the `ws` package alone. */
export interface MiniServer extends Emitter {
  attach(server: Server): void
  close(): void
  of(name: string): MiniNamespace
  on(event: 'connection', handler: (socket: MiniSocket) => void): MiniServer
  use(middleware: Middleware): MiniServer
}

/** @returns a server that is attached to nothing yet. Without `of` everything is about the namespace `/` */
export function createMiniServer({ connectTimeout = 45_000, ...engineOptions }: MiniServerOptions = {}): MiniServer {
  const engine = new Engine(engineOptions)
  const namespaces = new Map<string, MiniNamespace>()
  const sessionOf = new Map<string, Session>()

  engine.on('session', (session, request) => attend(session, request))

  /** One connection, from the open packet to its end; it may be in several namespaces. */
  function attend(session: Session, request: IncomingMessage): void {
    const sockets = new Map<string, MiniSocket>()
    const entering = new Set<string>()
    const reader = new PacketReader()
    const idle = setTimeout(() => session.close('connect timeout'), connectTimeout)

    let over = false

    session.on('message', (message) => {
      let packet: Packet | undefined
      try {
        packet = reader.push(message)
      } catch {
        return session.close('parse error')
      }
      // Broken rules are not argued about: the connection ends, and with it every namespace.
      if (packet !== undefined && !dispatch(packet)) session.close('parse error')
    })
    session.on('close', (reason) => {
      over = true
      clearTimeout(idle)
      for (const socket of [...sockets.values()]) drop(socket, reason)
    })

    /** @returns whether the client may send this packet now */
    function dispatch(packet: Packet): boolean {
      const socket = sockets.get(packet.namespace)
      if (packet.type === CONNECT) {
        if (socket !== undefined || entering.has(packet.namespace)) return false
        void enter(packet)
      } else if (socket === undefined) {
        return false // a namespace that it has not entered
      } else if (packet.type === EVENT) {
        socket.heard(packet)
      } else if (packet.type === ACK) {
        socket.acknowledged(packet)
      } else if (packet.type === DISCONNECT) {
        // TODO 6: The client leaves this namespace and may go on in others.
        session.close('client disconnect')
      } else {
        return false // CONNECT_ERROR is the server's word
      }
      return true
    }

    async function enter({ namespace: name, data }: Packet): Promise<void> {
      // TODO 3: Answer CONNECT with an id of its own: `40{"sid":"…"}`, also in the namespace that was asked
      // for. For a namespace that does not exist, answer CONNECT_ERROR with the message `Invalid namespace`.
      void [name, data, entering, welcome, refuse]
    }

    function welcome(socket: MiniSocket, namespace: MiniNamespace): void {
      clearTimeout(idle)
      sockets.set(namespace.name, socket)
      sessionOf.set(socket.id, session)
      transmit({ type: CONNECT, namespace: namespace.name, data: { sid: socket.id } })
      namespace.welcome(socket)
    }

    function refuse(name: string, { message, data }: Error & { data?: unknown }): void {
      transmit({ type: CONNECT_ERROR, namespace: name, data: { message, ...(data === undefined ? {} : { data }) } })
    }

    function transmit(packet: Packet): void {
      write(session, encodePacket(packet))
    }

    function drop(socket: MiniSocket, reason: string): void {
      sockets.delete(socket.namespace.name)
      sessionOf.delete(socket.id)
      socket.gone(reason)
    }
  }

  function of(name: string): MiniNamespace {
    const path = name.startsWith('/') ? name : `/${name}`
    const existing = namespaces.get(path)
    if (existing) return existing
    const namespace = new MiniNamespace(path, (id, packet) => {
      const session = sessionOf.get(id)
      if (session) write(session, packet)
    })
    namespaces.set(path, namespace)
    return namespace
  }

  const main = of('/')
  const server: MiniServer = {
    attach: (http) => engine.attach(http),
    close: () => engine.close(),
    of,
    on(event, handler) {
      main.on(event, handler)
      return server
    },
    use(middleware) {
      main.use(middleware)
      return server
    },
    to: (...rooms) => main.to(...rooms),
    except: (...rooms) => main.except(...rooms),
    emit: (event, ...args) => main.emit(event, ...args),
  }
  return server
}

function write(session: Session, { text, attachments }: EncodedPacket): void {
  session.send(text)
  for (const bytes of attachments) session.send(bytes)
}

if (isMain(import.meta.url)) {
  const http = createServer()
  const io = createMiniServer()
  io.on('connection', (socket) => {
    socket.on('message', (...args) => socket.emit('message', ...args))
    socket.on('join', (room, ack) => {
      if (room === 'lobby') socket.join(room)
      if (typeof ack === 'function') ack([...socket.rooms])
    })
    socket.on('say', (text) => socket.to('lobby').emit('said', socket.id, text))
  })
  io.attach(http)
  serve(http, 7018)
}
