import { checkName } from './data.ts'
import { type EncodedPacket, EVENT, encodePacket } from './packet.ts'
import { type Emitter, Rooms } from './rooms.ts'
import type { MiniSocket } from './socket.ts'

/** A function that is asked before a client is connected: `next()` lets it in, `next(error)` refuses it, with the error's `data`. */
export type Middleware = (socket: MiniSocket, next: (error?: Error & { data?: unknown }) => void) => void

/** The clients that have entered `name`, and their rooms. */
export class MiniNamespace implements Emitter {
  readonly name: string
  readonly sockets = new Map<string, MiniSocket>()
  readonly rooms = new Rooms()
  readonly #middlewares: Middleware[] = []
  readonly #handlers: ((socket: MiniSocket) => void)[] = []
  readonly #write: (id: string, packet: EncodedPacket) => void

  /** @param write function that sends an encoded packet to the client with that id */
  constructor(name: string, write: (id: string, packet: EncodedPacket) => void) {
    this.name = name
    this.#write = write
  }

  on(_event: 'connection', handler: (socket: MiniSocket) => void): this {
    this.#handlers.push(handler)
    return this
  }

  use(middleware: Middleware): this {
    this.#middlewares.push(middleware)
    return this
  }

  to(...rooms: string[]): Emitter {
    return this.#emitter(new Set(rooms), new Set())
  }

  except(...rooms: string[]): Emitter {
    return this.#emitter(new Set(), new Set(rooms))
  }

  emit(event: string, ...args: unknown[]): void {
    this.#emitter(new Set(), new Set()).emit(event, ...args)
  }

  /** Asks the middlewares in order. @returns what the first one refused with */
  async ask(socket: MiniSocket): Promise<(Error & { data?: unknown }) | undefined> {
    // TODO 8: Ask each middleware in order; stop at the first one that hands over an error, or throws one. Only
    // the first `next` of each counts.
    void socket
    return undefined
  }

  welcome(socket: MiniSocket): void {
    this.sockets.set(socket.id, socket)
    socket.join(socket.id)
    for (const handler of this.#handlers) handler(socket)
  }

  #emitter(rooms: Set<string>, except: Set<string>): Emitter {
    return {
      to: (...more) => this.#emitter(new Set([...rooms, ...more]), except),
      except: (...more) => this.#emitter(rooms, new Set([...except, ...more])),
      emit: (event, ...args) => {
        checkName(event)
        // Encoded once, however many hear it.
        const packet = encodePacket({ type: EVENT, namespace: this.name, data: [event, ...args] })
        for (const id of this.rooms.pick(rooms, except)) this.#write(id, packet)
      },
    }
  }
}
