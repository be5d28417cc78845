import { randomBytes } from 'node:crypto'
import type { Socket } from 'node:net'
import type { Target } from '../wire/formats/mirror-messages.ts'
import { type ChannelHandler, Channels } from './channels.ts'
import type { Connection } from './connection.ts'
import { type BuiltIn, startEcho, startSilence } from './echo.ts'
import { EventLog } from './event-log.ts'
import { type Limits, limits as standardLimits } from './limits.ts'
import { serveMirror } from './mirror-page.ts'
import { Tap, type TapContext } from './tap.ts'
import type { TargetPlan } from './targets.ts'

export interface LabServerOptions {
  /** where the channels listen; when it is taken, the next free one. 7070 unless told; 0 for any, the taps' ports too */
  port?: number
  /** 32 hex digits; random unless told */
  token?: string
  /** further origins whose pages may use the server, as `https://example.org` */
  allowOrigins?: string[]
  /** what can be watched beside the built-in echoes: labs, see `labTargets`. None unless told */
  labs?: TargetPlan[]
  /** ports that the reader allowed, see `portTarget` */
  targets?: TargetPlan[]
  limits?: Partial<Limits>
  /** one sentence for the person at the terminal */
  log?: (sentence: string) => void
}

/**
 * Starts the part of the workbook that pages talk to. It listens on 127.0.0.1 only.
 *
 * @throws {Error} one sentence, when an origin is none or there is no free port
 */
export async function createLabServer(options: LabServerOptions = {}): Promise<LabServer> {
  const { port = 7070, token = randomBytes(16).toString('hex'), labs = [], log = console.log } = options
  const limits = { ...standardLimits, ...options.limits }
  const origins = new Set((options.allowOrigins ?? []).map(originOf))
  const channels = await Channels.listen({ port, token, origins, limits })
  if (port !== 0 && channels.port !== port) log(`Port ${port} is taken, so the lab server listens on ${channels.port}.`)
  const server = new LabServer(channels, token, origins, limits)
  server.allowSite(5173) // the site as it is written
  server.allowSite(4173) // the site as it is built
  await server.addBuiltIns(port === 0)
  for (const plan of [...labs, ...(options.targets ?? [])]) {
    // Chapter NN listens on 7000 + NN, its tap on 7100 + NN.
    await server.addTap(plan, port !== 0 && plan.stem ? plan.port + 100 : 0)
  }
  return server
}

/** The channels, the built-in servers, and a tap in front of each server that can be watched. */
export class LabServer {
  readonly port: number
  readonly token: string
  readonly #channels: Channels
  readonly #origins: Set<string>
  readonly #limits: Limits
  readonly #eventLog: EventLog
  readonly #connections = new Map<number, Connection>()
  readonly #sockets = new Set<Socket>()
  readonly #taps = new Map<string, Tap>()
  readonly #builtIns: BuiltIn[] = []
  #lastNumber = 0
  #closed: Promise<void> | undefined

  /** @param origins may grow while the server runs */
  constructor(channels: Channels, token: string, origins: Set<string>, limits: Limits) {
    this.port = channels.port
    this.token = token
    this.#channels = channels
    this.#origins = origins
    this.#limits = limits
    this.#eventLog = new EventLog(limits)
    const context = {
      taps: this.#taps,
      connections: this.#connections,
      eventLog: this.#eventLog,
      limits,
      targets: () => this.targets(),
      probe: () => this.#probe(),
    }
    channels.attach('/mirror', (socket) => serveMirror(socket, context))
  }

  /** What can be watched, in the order in which it was added. */
  targets(): Target[] {
    return [...this.#taps.values()].map((tap) => tap.target)
  }

  /** Lets pages of `http://localhost:PORT` (and 127.0.0.1, [::1]) in, beside those of ports 5173 and 4173. */
  allowSite(sitePort: number): void {
    for (const host of ['localhost', '127.0.0.1', '[::1]']) this.#origins.add(`http://${host}:${sitePort}`)
  }

  /** Adds a further channel behind the same guard, token and subprotocol. @param path as `/grade` */
  attach(path: string, handler: ChannelHandler): void {
    this.#channels.attach(path, handler)
  }

  /**
   * Starts the servers that can be watched without a lab, each with its tap.
   *
   * @param anyPort the tap of the echo need not listen on 7100
   * @throws {Error} one sentence, when there is no free port
   */
  async addBuiltIns(anyPort: boolean): Promise<void> {
    const options = { origins: this.#origins, limits: this.#limits }
    const echo = await startEcho({ ...options, deflate: false })
    await this.#addBuiltIn('echo', 'Built-in echo', echo, anyPort ? 0 : 7100)
    const deflate = await startEcho({ ...options, deflate: true })
    await this.#addBuiltIn('echo-deflate', 'Built-in echo, compressed', deflate, 0)
    await this.#addBuiltIn('silence', 'Built-in silence: you answer', await startSilence(), 0)
  }

  /**
   * Listens in front of a server. A target whose id is taken is left out.
   *
   * @param port where the tap listens, the first one to try; 0 for any
   * @throws {Error} one sentence, when there is no free port
   */
  async addTap(plan: TargetPlan, port: number): Promise<void> {
    if (!this.#taps.has(plan.id)) this.#taps.set(plan.id, await Tap.listen(plan, port, this.#tapContext()))
  }

  /** Ends everything. Leaves nothing: no socket, no listener, no timer. */
  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #addBuiltIn(id: string, label: string, server: BuiltIn, tapPort: number): Promise<void> {
    this.#builtIns.push(server)
    await this.addTap({ id, label, kind: 'websocket', port: server.port }, tapPort)
    server.tappedOn(this.#taps.get(id)!.target.tapPort)
  }

  #tapContext(): TapContext {
    return {
      limits: this.#limits,
      eventLog: this.#eventLog,
      origins: this.#origins,
      connections: this.#connections,
      sockets: this.#sockets,
      nextNumber: () => ++this.#lastNumber,
      targetsChanged: () => this.#eventLog.tell({ type: 'targets', targets: this.targets() }),
    }
  }

  async #probe(): Promise<void> {
    await Promise.all([...this.#taps.values()].map((tap) => tap.probe()))
  }

  async #close(): Promise<void> {
    const listeners = [this.#channels, ...this.#taps.values(), ...this.#builtIns].map((part) => part.close())
    for (const connection of this.#connections.values()) connection.destroy()
    for (const socket of this.#sockets) socket.destroy()
    await Promise.all(listeners)
  }
}

/** The text, when it is an origin. @throws {Error} one sentence, when a browser would never send it as an Origin */
function originOf(text: string): string {
  if (URL.canParse(text) && new URL(text).origin === text) return text
  throw new Error(`--allow-origin ${text}: expected an origin as https://example.org, without a path.`)
}
