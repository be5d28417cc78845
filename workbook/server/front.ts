import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { SentenceError, sentence } from '../wire/model/sentence.ts'
import { turnAway } from './channels.ts'
import type { Limits } from './limits.ts'
import { type Listening, listenOn, type PortTrouble, portOf, tryPorts } from './listen.ts'

interface FrontOptions {
  /** `localhost` for both loopback addresses, as browsers take that name for; or one address or name of this machine */
  host: string
  /** the one to try first; 0 for any */
  port: number
  limits: Limits
  onRequest(request: IncomingMessage, response: ServerResponse): void
  onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
}

/** How many ports are tried before any free one is taken. */
const maxAttempts = 20

/** The one port of the workbook, on every address where it listens. */
export class Front {
  readonly port: number
  /** what was wrong with the port that was asked for, when it is another one */
  readonly passedOver: PortTrouble | undefined
  readonly #servers: Server[]

  /** Listens. @throws {SentenceError} when the host is none of this machine's, or there is no free port */
  static async listen(options: FrontOptions): Promise<Front> {
    const servers: Server[] = []
    const listening = await tryPorts(options.port, options.port === 0 ? 0 : maxAttempts, async (port) => {
      const opened = await listenAt(addressesOf(options.host), port, options)
      if (!Array.isArray(opened)) return opened
      servers.push(...opened)
      return portOf(opened[0]!)
    })
    return new Front(listening, servers)
  }

  private constructor({ port, passedOver }: Listening, servers: Server[]) {
    this.port = port
    this.passedOver = passedOver
    this.#servers = servers
  }

  /** Stops listening, and ends every connection. */
  async close(): Promise<void> {
    await Promise.all(this.#servers.map(end))
  }
}

/** Where to listen for a host; the first of them must be had. */
function addressesOf(host: string): string[] {
  return host === 'localhost' ? ['127.0.0.1', '::1'] : [host]
}

/**
 * Listens at one port of all addresses: a browser may take any of them for `localhost`, so a port that another program has
 * on one of them is taken. An address that this machine lacks, as ::1 without IPv6, is left out.
 */
async function listenAt(addresses: string[], port: number, options: FrontOptions): Promise<Server[] | PortTrouble> {
  const servers: Server[] = []
  for (const address of addresses) {
    const server = createHttpServer(options)
    try {
      const trouble = await listenOn(server, servers[0] ? portOf(servers[0]) : port, address)
      if (!trouble) servers.push(server)
      else {
        await Promise.all(servers.map(end))
        // Any port of the first address may be taken on the next one: another one will do.
        return port === 0 ? listenAt(addresses, port, options) : trouble
      }
    } catch (error) {
      if (servers.length > 0) break
      const { code = '' } = error as NodeJS.ErrnoException
      throw new SentenceError(sentence('server.no-address', { host: address, code }))
    }
  }
  return servers
}

function createHttpServer({ limits, onRequest, onUpgrade }: FrontOptions): Server {
  const server = createServer({
    maxHeaderSize: limits.headBytes,
    headersTimeout: limits.headTimeoutMs,
    requestTimeout: limits.headTimeoutMs,
    connectionsCheckingInterval: Math.min(limits.headTimeoutMs, 1000),
  })
  server.maxConnections = limits.siteConnections
  server.on('request', onRequest)
  server.on('upgrade', onUpgrade)
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const status = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 }[error.code ?? ''] ?? 400
    turnAway(socket, status, 'Expected the head of an HTTP request, complete and in time.')
  })
  return server
}

async function end(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}
