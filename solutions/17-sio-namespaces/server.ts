import { createServer } from 'node:http'
import { type Namespace as IoNamespace, Server, type Socket } from 'socket.io'
import { isMain, serve } from '../run.ts'
import { mount, Namespace, type NamespaceClass } from './namespace.ts'

/** `/`: where a client is that names no namespace. */
class Lobby extends Namespace {
  onWhereAmI(): string {
    return this.namespace.name
  }
}

/** `/chat`: rooms and names of its own. */
class Chat extends Namespace {
  #name = 'somebody'

  onSetName(name: unknown): string {
    if (typeof name !== 'string' || name === '') throw new Error('expected a name')
    this.#name = name.slice(0, 32)
    return this.#name
  }

  async onJoin(room: unknown): Promise<string[]> {
    await this.socket.join(`chat:${String(room)}`)
    return [...this.socket.rooms]
  }

  onSayToRoom(room: unknown, text: unknown): void {
    this.socket.to(`chat:${String(room)}`).emit('said', this.#name, text)
  }

  override disconnected(reason: string): void {
    this.namespace.emit('left', this.#name, reason)
  }
}

/**
 * `/admin`: only with the token; counts who is elsewhere, and may end a conversation.
 *
 * @param namespaces those that there are, by path. `io.of(path)` would make the one that it does not find
 */
function adminWith(token: string, namespaces: Map<string, IoNamespace>): NamespaceClass {
  return class Admin extends Namespace {
    static override guard({ auth }: Socket['handshake']): void {
      if (auth.token !== token) throw Object.assign(new Error('not authorized'), { data: { retry: false } })
    }

    async onCount(path: unknown): Promise<number> {
      return (await this.#elsewhere(path).fetchSockets()).length
    }

    async onKick(path: unknown, id: unknown): Promise<boolean> {
      const found = await this.#elsewhere(path).in(String(id)).fetchSockets()
      // `id` may be the name of a room, and then these are its members.
      const target = found.find((socket) => socket.id === id)
      target?.disconnect()
      return target !== undefined
    }

    #elsewhere(path: unknown): IoNamespace {
      const namespace = namespaces.get(String(path))
      if (namespace === undefined) throw new Error('there is no such namespace')
      return namespace
    }
  }
}

export interface NamespaceServerOptions {
  /** token that an admin must bring in `auth`. Default `letmein`, for trying it out on your own machine */
  adminToken?: string
}

/** The server of this lab. @returns a server with `/`, `/chat` and `/admin`, attached to nothing yet */
export function createNamespaceServer({ adminToken = 'letmein' }: NamespaceServerOptions = {}): Server {
  const io = new Server({ serveClient: false })
  const namespaces = new Map([['/', io.of('/')]])
  io.on('new_namespace', (namespace) => namespaces.set(namespace.name, namespace))
  mount(io, '/', Lobby)
  mount(io, '/chat', Chat)
  mount(io, '/admin', adminWith(adminToken, namespaces))
  return io
}

if (isMain(import.meta.url)) {
  const http = createServer()
  createNamespaceServer().attach(http)
  serve(http, 7017)
}
