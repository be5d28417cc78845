import { randomBytes } from 'node:crypto'
import type { Socket } from 'node:net'
import type { Target } from '../wire/formats/mirror-messages.ts'
import { SentenceError, sentence, type Words } from '../wire/model/sentence.ts'
import { type ChannelHandler, Channels } from './channels.ts'
import type { Connection } from './connection.ts'
import { type BuiltIn, startEcho, startSilence } from './echo.ts'
import { EventLog } from './event-log.ts'
import { Front } from './front.ts'
import type { Rules } from './guard.ts'
import { type Limits, limits as standardLimits } from './limits.ts'
import { serveMirror } from './mirror-page.ts'
import { type PageSource, SiteRequests } from './site-requests.ts'
import { Tap, type TapContext } from './tap.ts'
import type { TargetPlan } from './targets.ts'

export interface LabServerOptions {
  /** the one to try first; when it cannot be had, the next free one. 5173 unless told; 0 for any, the taps' ports too */
  port?: number
  /** where to listen: `localhost` unless told, or an address of this machine */
  host?: string
  /** 32 hex digits; random unless told */
  token?: string
  /** names that a forward, a container or a network has for this machine, as `box.example` */
  allowHosts?: string[]
  /** origins of pages that come from elsewhere and may use the server, as `https://example.org` */
  allowOrigins?: string[]
  /** what can be watched beside the built-in echoes: labs, see `labTargets`. None unless told */
  labs?: TargetPlan[]
  /** ports that the reader allowed, see `portTarget` */
  targets?: TargetPlan[]
  limits?: Partial<Limits>
  /** answers what is no channel; 404 unless told */
  pages?: PageSource
  /** hears a sentence for the person at the terminal */
  log?: (words: Words) => void
}

/**
 * Starts the one server of the workbook: its pages, its channels and the taps.
 *
 * @throws {SentenceError} when an origin or a host is none, or there is no free port
 */
export async function createLabServer(options: LabServerOptions = {}): Promise<LabServer> {
  const { port = 5173, host = 'localhost', labs = [], targets = [], log = () => {} } = options
  const limits = { ...standardLimits, ...options.limits }
  const server = new LabServer(options, limits)
  const front = await Front.listen({
    port,
    host,
    limits,
    onRequest: (request, response) => server.requests.answer(request, response),
    onUpgrade: (request, socket, head) => server.requests.upgrade(request, socket, head),
  })
  if (front.passedOver) log(sentence(`server.port-${front.passedOver}`, { port, now: front.port }))
  await server.begin(front, [...labs, ...targets], port === 0)
  return server
}

/** The pages and channels, the built-in servers, and a tap in front of each server that can be watched. */
export class LabServer {
  readonly token: string
  /** what answers on the one port */
  readonly requests: SiteRequests
  readonly #limits: Limits
  readonly #eventLog: EventLog
  readonly #channels: Channels
  /** whom the site lets in, and whom the taps */
  readonly #rules: { site: Rules; taps: Rules }
  readonly #hosts: Set<string>
  readonly #tapOrigins: Set<string>
  readonly #connections = new Map<number, Connection>()
  readonly #sockets = new Set<Socket>()
  readonly #taps = new Map<string, Tap>()
  readonly #builtIns: BuiltIn[] = []
  #front: Front | undefined
  #lastNumber = 0
  #closed: Promise<void> | undefined

  /** Listens nowhere yet, see `begin`. @throws {SentenceError} when an origin or a host is none */
  constructor(options: LabServerOptions, limits: Limits) {
    const { token = randomBytes(16).toString('hex'), pages, allowHosts = [], allowOrigins = [] } = options
    this.token = token
    this.#limits = limits
    this.#hosts = new Set(allowHosts.map(hostOf))
    const hosts = this.#hosts
    const origins = allowOrigins.map(originOf)
    // A page asks for a tap at another port than its own, so there its origin has to be named.
    this.#tapOrigins = new Set(origins)
    this.#rules = { site: { hosts, origins: new Set(origins) }, taps: { hosts, origins: this.#tapOrigins } }
    this.#eventLog = new EventLog(limits)
    this.#channels = new Channels(this.#rules.site, token, limits)
    this.requests = new SiteRequests({
      rules: this.#rules.site,
      token,
      channels: this.#channels,
      taps: this.#taps,
      pages,
      port: () => this.port,
    })
    this.#channels.attach('/mirror', (channel) => serveMirror(channel, this.#mirrorContext()))
  }

  /** where the site and the channels are */
  get port(): number {
    return this.#front?.port ?? 0
  }

  /** What can be watched, in the order in which it was added. */
  targets(): Target[] {
    return [...this.#taps.values()].map((tap) => tap.target)
  }

  /** Lets in who asks by this name, see `allowHosts`. @throws {SentenceError} when it is none */
  allowHost(name: string): void {
    this.#hosts.add(hostOf(name))
  }

  /** Adds a further channel behind the same guard, token and subprotocol. @param path as `/grade` */
  attach(path: string, handler: ChannelHandler): void {
    this.#channels.attach(path, handler)
  }

  /**
   * Starts the built-in servers and a tap in front of each plan.
   *
   * @param anyPort the taps need not listen on 7100 and 7100 + NN
   * @throws {SentenceError} when there is no free port
   */
  async begin(front: Front, plans: TargetPlan[], anyPort: boolean): Promise<void> {
    this.#front = front
    for (const name of ['localhost', '127.0.0.1', '[::1]']) this.#tapOrigins.add(`http://${name}:${front.port}`)
    const options = { rules: this.#rules.taps, limits: this.#limits }
    const echo = await startEcho({ ...options, deflate: false })
    await this.#addBuiltIn('echo', 'Built-in echo', echo, anyPort ? 0 : 7100)
    const deflate = await startEcho({ ...options, deflate: true })
    await this.#addBuiltIn('echo-deflate', 'Built-in echo, compressed', deflate, 0)
    await this.#addBuiltIn('silence', 'Built-in silence: you answer', await startSilence(), 0)
    // Chapter NN listens on 7000 + NN, its tap on 7100 + NN.
    for (const plan of plans) await this.addTap(plan, !anyPort && plan.stem ? plan.port + 100 : 0)
  }

  /**
   * Listens in front of a server. A target whose id is taken is left out.
   *
   * @param port where the tap listens, the first one to try; 0 for any
   * @throws {SentenceError} when there is no free port
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
  }

  #mirrorContext() {
    return {
      taps: this.#taps,
      connections: this.#connections,
      eventLog: this.#eventLog,
      limits: this.#limits,
      targets: () => this.targets(),
      probe: () => this.#probe(),
    }
  }

  #tapContext(): TapContext {
    return {
      limits: this.#limits,
      eventLog: this.#eventLog,
      rules: this.#rules.taps,
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
    const listeners = [this.#front, ...this.#taps.values(), ...this.#builtIns].map((part) => part?.close())
    this.#channels.close()
    for (const connection of this.#connections.values()) connection.destroy()
    for (const socket of this.#sockets) socket.destroy()
    await Promise.all(listeners)
  }
}

/** The origin, when it is one. @throws {SentenceError} when a browser would never send it as an Origin */
function originOf(text: string): string {
  if (URL.canParse(text) && new URL(text).origin === text) return text
  throw new SentenceError(sentence('server.origin', { origin: text }))
}

/** The name of a host in lower case. @throws {SentenceError} when it is none */
function hostOf(text: string): string {
  const name = text.toLowerCase()
  if (URL.canParse(`https://${name}`) && new URL(`https://${name}`).host === name) return name
  throw new SentenceError(sentence('server.host-name', { name: text }))
}
