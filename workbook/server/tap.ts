import { connect, createServer, type Server, type Socket } from 'node:net'
import type { Target } from '../wire/mirror.ts'
import { Connection } from './connection.ts'
import { Gate } from './gate.ts'
import type { Journal } from './journal.ts'
import type { Limits } from './limits.ts'
import { listenNear } from './listen.ts'
import { isConnected, isListening, type TargetPlan } from './targets.ts'
import { Visitor } from './visitor.ts'

/** What all taps of a lab server share. */
export interface TapContext {
  limits: Limits
  journal: Journal
  /** may grow while the server runs */
  origins: ReadonlySet<string>
  /** all open connections of all taps, by number */
  connections: Map<number, Connection>
  /** one socket for each connection, and for each client that the guard has not let through yet */
  seats: Set<Socket>
  nextNumber(): number
  targetsChanged(): void
}

/** A TCP listener in front of one server of this machine: what passes is recorded, and reaches the other side as it came. */
export class Tap {
  readonly target: Target
  readonly #context: TapContext
  readonly #server: Server

  /** @param port where the tap listens, the first one to try; 0 for any */
  static async listen(plan: TargetPlan, port: number, context: TapContext): Promise<Tap> {
    const server = createServer({ allowHalfOpen: true })
    const tapPort = await listenNear(server, port, port === 0 ? 0 : 1)
    return new Tap({ ...plan, tapPort, listening: false }, server, context)
  }

  private constructor(target: Target, server: Server, context: TapContext) {
    this.target = target
    this.#server = server
    this.#context = context
    server.on('connection', (client) => this.#accept(client))
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
    const { seats, limits } = this.#context
    if (seats.size >= limits.connections) throw new Error(this.#fullSentence())
    const upstream = this.#upstream()
    seats.add(upstream)
    upstream.once('close', () => seats.delete(upstream))
    await this.#connected(upstream)
    const connection = this.#begin('page')
    connection.add('c2s', upstream)
    connection.copyFromServer()
    return connection
  }

  /** The sockets are closed by the lab server, which knows them all. */
  close(): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()))
  }

  #accept(client: Socket): void {
    const { seats, limits, origins, journal } = this.#context
    const { id, kind, tapPort } = this.target
    if (seats.size >= limits.connections) {
      journal.tell({ type: 'refused', target: id, status: 503, why: this.#fullSentence() })
      client.resetAndDestroy()
      return
    }
    seats.add(client)
    client.once('close', () => seats.delete(client))
    new Visitor(client, new Gate({ port: tapPort, origins, data: true }, limits.headBytes), {
      speaksFirst: kind !== 'tcp',
      limits,
      open: () => this.#open(client),
      refused: (status, why) => journal.tell({ type: 'refused', target: id, status, why }),
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
    const { connections, journal, limits } = this.#context
    const number = this.#context.nextNumber()
    const connection = new Connection({
      number,
      target: this.target.id,
      by,
      journal,
      idleTimeout: limits.idleTimeout,
      onClose: () => connections.delete(number),
    })
    connections.set(number, connection)
    return connection
  }

  #upstream(): Socket {
    return connect({ port: this.target.port, host: '127.0.0.1', allowHalfOpen: true })
  }

  /** @throws {Error} one sentence, when the server does not listen */
  async #connected(upstream: Socket): Promise<void> {
    const listening = await isConnected(upstream)
    if (!listening && !upstream.errored) throw new Error('The client left before its server was connected.')
    if (this.target.listening !== listening) {
      this.target.listening = listening
      this.#context.targetsChanged()
    }
    if (listening) return
    const message = this.#notRunning()
    this.#context.journal.tell({ type: 'error', target: this.target.id, message })
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
