import { createServer, type Server } from 'node:http'
import { isMain, serve } from '../run.ts'
import { Connection } from './connection.ts'
import { Engine, type EngineOptions } from './engine.ts'
import { type Middleware, MiniNamespace } from './namespace.ts'
import type { Emitter } from './rooms.ts'
import type { MiniSocket } from './socket.ts'

export interface MiniServerOptions extends EngineOptions {
  /** milliseconds in which a new connection must enter a namespace. Default 45,000 */
  connectTimeout?: number
}

/**
 * A Socket.IO server, protocol version 5, on the `ws` package alone. What is not said with `of` is about the namespace
 * `/`.
 */
export class MiniServer implements Emitter {
  readonly #engine: Engine
  readonly #namespaces = new Map<string, MiniNamespace>()
  /** connections by the id of each of their sockets */
  readonly #connections = new Map<string, Connection>()
  readonly #main: MiniNamespace

  constructor({ connectTimeout = 45_000, ...engineOptions }: MiniServerOptions = {}) {
    this.#engine = new Engine(engineOptions)
    this.#main = this.of('/')
    const shared = { namespaces: this.#namespaces, connections: this.#connections, connectTimeout }
    this.#engine.on('session', (session, request) => new Connection(session, request, shared))
  }

  attach(server: Server): void {
    this.#engine.attach(server)
  }

  close(): void {
    this.#engine.close()
  }

  /** The namespace with this name, which exists from then on. */
  of(name: string): MiniNamespace {
    const path = name.startsWith('/') ? name : `/${name}`
    const existing = this.#namespaces.get(path)
    if (existing) return existing
    const namespace = new MiniNamespace(path, (id, packet) => this.#connections.get(id)?.write(packet))
    this.#namespaces.set(path, namespace)
    return namespace
  }

  on(event: 'connection', handler: (socket: MiniSocket) => void): this {
    this.#main.on(event, handler)
    return this
  }

  use(middleware: Middleware): this {
    this.#main.use(middleware)
    return this
  }

  to(...rooms: string[]): Emitter {
    return this.#main.to(...rooms)
  }

  except(...rooms: string[]): Emitter {
    return this.#main.except(...rooms)
  }

  emit(event: string, ...args: unknown[]): void {
    this.#main.emit(event, ...args)
  }
}

/** The server of this lab. @returns it, attached to nothing yet */
export function createMiniServer(options?: MiniServerOptions): MiniServer {
  return new MiniServer(options)
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
