import { connect, createServer, type Server, type Socket } from 'node:net'
import type { Target } from '../wire/formats/mirror-messages.ts'
import { Connection } from './connection.ts'
import type { EventLog } from './event-log.ts'
import type { Rules } from './guard.ts'
import type { Limits } from './limits.ts'
import { listenNear } from './listen.ts'
import { PendingClient } from './pending-client.ts'
import { RequestFilter } from './request-filter.ts'
import { isConnected, isListening, type TargetPlan } from './targets.ts'

/** What all taps of a lab server share. */
export interface TapContext {
  limits: Limits
  eventLog: EventLog
  /** whom a tap lets in */
  rules: Rules
  /** all open connections of all taps, by number */
  connections: Map<number, Connection>
  /** one socket for each connection, and for each client that the guard has not let through yet */
  sockets: Set<Socket>
  nextNumber(): number
  targetsChanged(): void
}

/** A TCP listener in front of one server of this machine: what passes is recorded, and reaches the other side as it came. */
export class Tap {
  readonly target: Target
  readonly #context: TapContext
  readonly #server: Server

  /**
   * Listens in front of the server of a plan.
   *
   * @param port where the tap listens, the first one to try; 0 for any
   * @throws {Error} one sentence, when there is no free port
   */
  static async listen(plan: TargetPlan, port: number, context: TapContext): Promise<Tap> {
    const server = createServer({ allowHalfOpen: true })
    const tapPort = await listenNear(server, port, port === 0 ? 0 : 1)
    return new Tap({ ...plan, tapPort, listening: false }, server, context)
  }

  private constructor(target: Target, server: Server, context: TapContext) {
    this.target = target
    this.#server = server
    this.#context = context
    server.on('connection', (client) => this.accept(client))
  }

  /** Looks whether the server listens. */
  async probe(): Promise<void> {
    this.target.listening = await isListening(this.target.port)
  }

  /**
   * Opens a connection whose client is a page.
   *
   * @throws {Error} one sentence, when there are too many or the server does not listen
   */
  async openForPage(): Promise<Connection> {
    const { sockets, limits } = this.#context
    if (sockets.size >= limits.connections) throw new Error(this.#fullSentence())
    const upstream = this.#upstream()
    sockets.add(upstream)
    upstream.once('close', () => sockets.delete(upstream))
    await this.#connected(upstream)
    const connection = this.#begin('page')
    connection.add('c2s', upstream)
    connection.copyFromServer()
    return connection
  }

  /** Stops listening. The sockets are closed by the lab server, which knows them all. */
  close(): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()))
  }

  /** Takes a client, whose bytes have not been read. */
  accept(client: Socket): void {
    const { sockets, limits, rules, eventLog } = this.#context
    const { id, kind } = this.target
    if (sockets.size >= limits.connections) {
      eventLog.tell({ type: 'refused', target: id, status: 503, why: this.#fullSentence() })
      client.resetAndDestroy()
      return
    }
    sockets.add(client)
    client.once('close', () => sockets.delete(client))
    new PendingClient(client, new RequestFilter(rules, limits.headBytes), {
      speaksFirst: kind !== 'tcp',
      limits,
      open: () => this.#open(client),
      refused: (status, why) => eventLog.tell({ type: 'refused', target: id, status, why }),
    })
  }

  async #open(client: Socket): Promise<Connection> {
    const upstream = this.#upstream()
    const leave = () => upstream.destroy()
    client.once('close', leave)
    await this.#connected(upstream)
    client.off('close', leave)
    const connection = this.#begin('program')
    connection.add('c2s', upstream)
    connection.add('s2c', client)
    connection.copyFromServer()
    return connection
  }

  #begin(by: 'program' | 'page'): Connection {
    const { connections, eventLog, limits } = this.#context
    const number = this.#context.nextNumber()
    const connection = new Connection({
      number,
      target: this.target.id,
      by,
      eventLog,
      idleTimeoutMs: limits.idleTimeoutMs,
      onClose: () => connections.delete(number),
    })
    connections.set(number, connection)
    return connection
  }

  #upstream(): Socket {
    return connect({ port: this.target.port, host: '127.0.0.1', allowHalfOpen: true })
  }

  /** Waits for the server to accept. @throws {Error} one sentence, when it does not listen */
  async #connected(upstream: Socket): Promise<void> {
    const listening = await isConnected(upstream)
    if (!listening && !upstream.errored) throw new Error('The client left before its server was connected.')
    if (this.target.listening !== listening) {
      this.target.listening = listening
      this.#context.targetsChanged()
    }
    if (listening) return
    const message = this.#notRunning()
    this.#context.eventLog.tell({ type: 'error', target: this.target.id, message })
    throw new Error(message)
  }

  #notRunning(): string {
    const { port, command } = this.target
    return command
      ? `Your lab on ${port} is not running: ${command}`
      : `Nothing listens on port ${port}: start it first.`
  }

  #fullSentence(): string {
    return `All ${this.#context.limits.connections} connections are in use: close one first.`
  }
}
