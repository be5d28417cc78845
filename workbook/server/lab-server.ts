import { randomBytes } from 'node:crypto'
import type { Socket } from 'node:net'
import type { Target } from '../wire/formats/mirror-messages.ts'
import { type ChannelHandler, openChannels } from './channels.ts'
import type { Connection } from './connection.ts'
import { startEcho, startSilence } from './echo.ts'
import { EventLog } from './event-log.ts'
import { type Limits, limits as standardLimits } from './limits.ts'
import { serveMirror } from './mirror-page.ts'
import { Tap, type TapContext } from './tap.ts'
import type { TargetPlan } from './targets.ts'

export interface LabServerOptions {
  /** of the channels; when it is taken, the next free one. 7070 unless told; 0 for any, the taps' ports too */
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

export interface LabServer {
  port: number
  token: string
  targets(): Target[]
  /** Lets pages of `http://localhost:PORT` (and 127.0.0.1, [::1]) in, beside those of ports 5173 and 4173. */
  allowSite(port: number): void
  /** A further channel behind the same guard, token and subprotocol. @param path as `/grade` */
  attach(path: string, handler: ChannelHandler): void
  /** Leaves nothing: no socket, no listener, no timer. */
  close(): Promise<void>
}

/** The part of the workbook that pages talk to. It listens on 127.0.0.1 only. */
export async function createLabServer(options: LabServerOptions = {}): Promise<LabServer> {
  const { port = 7070, token = randomBytes(16).toString('hex'), labs = [] } = options
  const log = options.log ?? console.log
  const limits = { ...standardLimits, ...options.limits }
  const origins = new Set((options.allowOrigins ?? []).map(originOf))
  allowSite(5173) // the site as it is written
  allowSite(4173) // the site as it is built

  const eventLog = new EventLog(limits)
  const connections = new Map<number, Connection>()
  const sockets = new Set<Socket>()
  const taps = new Map<string, Tap>()
  const targets = () => [...taps.values()].map((tap) => tap.target)
  let lastNumber = 0
  const context: TapContext = {
    limits,
    eventLog,
    origins,
    connections,
    sockets,
    nextNumber: () => ++lastNumber,
    targetsChanged: () => eventLog.tell({ type: 'targets', targets: targets() }),
  }

  const channels = await openChannels({ port, token, origins, limits })
  if (port !== 0 && channels.port !== port) log(`Port ${port} is taken, so the lab server listens on ${channels.port}.`)

  const builtIn = [
    { id: 'echo', label: 'Built-in echo', tapPort: 7100, server: await startEcho({ deflate: false, origins, limits }) },
    {
      id: 'echo-deflate',
      label: 'Built-in echo, compressed',
      server: await startEcho({ deflate: true, origins, limits }),
    },
    { id: 'silence', label: 'Built-in silence: you answer', server: await startSilence() },
  ]
  for (const { id, label, tapPort = 0, server } of builtIn) {
    const plan: TargetPlan = { id, label, kind: 'websocket', port: server.port }
    const tap = await Tap.listen(plan, port === 0 ? 0 : tapPort, context)
    server.tappedOn(tap.target.tapPort)
    taps.set(id, tap)
  }
  for (const plan of [...labs, ...(options.targets ?? [])]) {
    if (taps.has(plan.id)) continue
    // Chapter NN listens on 7000 + NN, its tap on 7100 + NN.
    const tapPort = port !== 0 && plan.stem ? plan.port + 100 : 0
    taps.set(plan.id, await Tap.listen(plan, tapPort, context))
  }

  const probe = async () => {
    await Promise.all([...taps.values()].map((tap) => tap.probe()))
  }
  channels.attach('/mirror', (socket) => serveMirror(socket, { taps, connections, eventLog, limits, targets, probe }))

  function allowSite(sitePort: number): void {
    for (const host of ['localhost', '127.0.0.1', '[::1]']) origins.add(`http://${host}:${sitePort}`)
  }

  async function close(): Promise<void> {
    const listeners = [channels, ...taps.values(), ...builtIn.map(({ server }) => server)].map((part) => part.close())
    for (const connection of connections.values()) connection.destroy()
    for (const socket of sockets) socket.destroy()
    await Promise.all(listeners)
  }
  let closed: Promise<void> | undefined

  return {
    port: channels.port,
    token,
    targets,
    allowSite,
    attach: channels.attach,
    close: () => {
      closed ??= close()
      return closed
    },
  }
}

/** @throws {Error} one sentence, when a browser would never send it as an Origin */
function originOf(text: string): string {
  if (URL.canParse(text) && new URL(text).origin === text) return text
  throw new Error(`--allow-origin ${text}: expected an origin as https://example.org, without a path.`)
}
