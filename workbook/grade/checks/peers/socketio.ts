import type { Server as HttpServer } from 'node:http'
import { createServer } from 'node:http'
import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client'
import { listen } from '../free-port.ts'
import { cleanup, deadline } from '../lifetime.ts'

/** What a check needs of a Socket.IO server: the real one and the one of lab 18 have it. */
interface Attachable {
  attach(server: HttpServer): unknown
  close(callback?: () => void): unknown
}

/** Options of `socket.io-client`, and the namespace beside them. */
export type IoOptions = Partial<ManagerOptions & SocketOptions> & {
  /** default `/` */
  namespace?: string
}

/** Attaches the server to an HTTP server on a free port; both are closed at the end of the check. @returns the port */
export async function listenIo(server: Attachable, http: HttpServer = createServer()): Promise<number> {
  server.attach(http)
  const port = await listen(http)
  cleanup(() => void server.close())
  return port
}

/**
 * A real client that has connected; it is disconnected at the end of the check. WebSocket only, unless told otherwise.
 *
 * @throws {CheckFailure} when it does not connect in time; else what it is refused with
 */
export async function ioClient(port: number, options: IoOptions = {}): Promise<Socket> {
  const client = ioDialing(port, options)
  if (client.connected) return client
  const outcome = new Promise<void>((resolve, reject) => {
    client.once('connect', resolve)
    client.once('connect_error', reject)
  })
  await deadline(outcome, 8000, `a client to connect to ${options.namespace ?? '/'} on port ${port}`)
  return client
}

/** A real client that is still connecting, for checks of refusals. */
export function ioDialing(port: number, { namespace = '/', ...options }: IoOptions = {}): Socket {
  const client = io(`http://127.0.0.1:${port}${namespace}`, {
    transports: ['websocket'],
    forceNew: true,
    reconnection: false,
    ...options,
  })
  cleanup(() => client.disconnect())
  return client
}

/**
 * The arguments of the client's next event of this name. Call it before what causes the event.
 *
 * @throws {CheckFailure} when it does not come in time
 */
export function nextEvent(client: Socket, name: string, timeout = 2000): Promise<unknown[]> {
  const event = new Promise<unknown[]>((resolve) => client.once(name, (...args: unknown[]) => resolve(args)))
  return deadline(event, timeout, `the event "${name}" at a client`)
}

/** Emits, and gives all the values of the answer. @throws {CheckFailure} when it does not come in time */
export function request(client: Socket, name: string, ...args: unknown[]): Promise<unknown[]> {
  const answer = new Promise<unknown[]>((resolve) => {
    client.emit(name, ...args, (...values: unknown[]) => resolve(values))
  })
  return deadline(answer, 2000, `the answer to "${name}"`)
}
