import type { Namespace as IoNamespace, Server, Socket } from 'socket.io'

/** Handlers of one connected client. Subclasses add `onXxx` methods, one for each event; see `eventName`. */
export abstract class Namespace {
  /** socket of the one client that this instance serves: what is kept here belongs to that client */
  readonly socket: Socket
  readonly namespace: IoNamespace

  constructor(socket: Socket) {
    this.socket = socket
    this.namespace = socket.nsp
  }

  /** Decides before the client is connected. A subclass that wants to refuse throws; `data` of the error goes with it. */
  static guard(_handshake: Socket['handshake']): void {}

  /** Called once, when the client is connected and its events are heard. */
  connected(): void {}

  /** Called once, when the client is gone, with Socket.IO's word for how. */
  disconnected(_reason: string): void {}
}

/** A class that can be mounted. */
export interface NamespaceClass {
  new (socket: Socket): Namespace
  guard(handshake: Socket['handshake']): void
}

/**
 * The event of a handler method: `onMyEvent` hears `my event`.
 *
 * @returns undefined for a method that is no handler
 */
export function eventName(method: string): string | undefined {
  // #region name
  // TODO 1: Take `on` and a capital letter off, and put a blank before each other capital: `onMyEvent` is
  // `my event`. Methods that do not begin like that (`once`, `on`, `connected`) are no handlers.
  // starter: return method.startsWith('on') ? method.slice(2).toLowerCase() : undefined

  const rest = /^on([A-Z].*)$/.exec(method)?.[1]
  return rest?.replace(/[A-Z]/g, (capital, at) => `${at === 0 ? '' : ' '}${capital.toLowerCase()}`)
  // #endregion
}

/**
 * Serves the namespace at `path` by the methods of a class. A handler's return value, or what its promise gives, is the answer;
 * an error is answered as `{ error: message }`, so that it ends nothing.
 *
 * @param path `/chat`
 */
export function mount(io: Server, path: string, handlers: NamespaceClass): IoNamespace {
  const namespace = io.of(path)
  // #region guard
  // TODO 2: Ask `handlers.guard` in a middleware of this namespace, and hand what it throws to `next`, which is
  // called once. A middleware of `/` guards `/` alone.
  // starter:

  namespace.use((socket, next) => {
    try {
      handlers.guard(socket.handshake)
      next()
    } catch (error) {
      next(error as Error)
    }
  })
  // #endregion
  namespace.on('connection', (socket) => {
    const client = new handlers(socket)
    for (const [event, handle] of handlersOf(client)) {
      socket.on(event, (...args: unknown[]) => void answer(handle, args))
    }
    socket.on('disconnect', (reason) => client.disconnected(reason))
    client.connected()
  })
  return namespace
}

type Handler = (...args: unknown[]) => unknown

/** The handler methods of a client, those of its superclasses too, by event. */
function handlersOf(client: Namespace): Map<string, Handler> {
  const found = new Map<string, Handler>()
  // #region methods
  // TODO 3: Walk up the prototypes from the client's class to `Namespace`, and collect the methods that
  // have an event name, bound to the client. A subclass's method hides the one it overrides.
  // starter: void client

  for (let proto = Object.getPrototypeOf(client); proto !== Namespace.prototype; proto = Object.getPrototypeOf(proto)) {
    for (const method of Object.getOwnPropertyNames(proto)) {
      const event = eventName(method)
      const value: unknown = Object.getOwnPropertyDescriptor(proto, method)?.value
      if (event !== undefined && typeof value === 'function' && !found.has(event)) {
        found.set(event, (value as Handler).bind(client))
      }
    }
  }
  // #endregion
  return found
}

async function answer(handle: Handler, args: unknown[]): Promise<void> {
  const last = args.at(-1)
  const ack = typeof last === 'function' ? (last as (value?: unknown) => void) : undefined
  // #region answer
  // TODO 4: Call the handler without the ack, and acknowledge what it returns, or what its promise gives.
  // An error is acknowledged as `{ error: message }`, and what was thrown and is no error by its text; nobody else
  // would catch it.
  // starter: handle(...args)
  // starter: ack?.()

  try {
    const value = await handle(...(ack === undefined ? args : args.slice(0, -1)))
    ack?.(value)
  } catch (error) {
    ack?.({ error: error instanceof Error ? error.message : String(error) })
  }
  // #endregion
}
