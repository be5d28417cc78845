import { createServer, type Server, type Socket } from 'node:net'
import { isMain, serve } from '../run.ts'
import { acceptResponse, HeadReader, parseUpgrade, type UpgradeRequest } from './handshake.ts'
import { HandshakeError, refusal } from './refuse.ts'

export interface UpgradeOptions {
  /** pages that may connect, `https://example.com`; all when left out. Programs that are no browser send no Origin */
  origins?: string[]
  /** subprotocols that we speak, our favourite first */
  protocols?: string[]
  /** milliseconds for the whole head to arrive. Default 10,000 */
  headTimeout?: number
}

/** Gets a socket that speaks WebSocket from its next byte on. Must listen for `data` before it returns. */
export type OnConnection = (socket: Socket, request: UpgradeRequest) => void

/** A server that answers the handshake, and hands the socket on. */
export function createUpgradeServer(onConnection: OnConnection, options: UpgradeOptions = {}): Server {
  return createServer({ noDelay: true }, (socket) => {
    // Without a listener a reset would end the process.
    socket.on('error', destroy)
    awaitHead(socket, onConnection, options)
  })
}

function destroy(this: Socket): void {
  this.destroy()
}

/** After so many milliseconds without a byte, a client that was refused is sending nothing more. */
const lingerMs = 250

/** Reads the head, answers it, and leaves no trace on the socket. */
function awaitHead(socket: Socket, onConnection: OnConnection, options: UpgradeOptions): void {
  const reader = new HeadReader()
  const late = setTimeout(() => socket.destroy(), options.headTimeout ?? 10_000)
  const stopWaiting = () => clearTimeout(late)
  socket.once('close', stopWaiting)

  const onData = (chunk: Buffer) => {
    try {
      const read = reader.push(chunk)
      if (!read) return
      const request = parseUpgrade(read.head)
      checkOrigin(request, options.origins)
      socket.write(acceptResponse(request, chooseProtocol(request, options.protocols)))
      socket.off('data', onData)
      socket.off('close', stopWaiting)
      clearTimeout(late)
      // Frames may stand behind the head in the same chunk: put them back, for the next reader.
      if (read.rest.length > 0) socket.unshift(read.rest)
      onConnection(socket, request)
    } catch (error) {
      if (!(error instanceof HandshakeError)) throw error
      socket.off('data', onData)
      // Read on while the client sends, since a socket closed with unread bytes is reset, and our answer lost. But not
      // until it hangs up: one that never does would keep its socket open, and ours.
      socket.resume()
      socket.once('finish', () => socket.setTimeout(lingerMs, () => socket.destroy()))
      socket.end(refusal(error))
    }
  }
  socket.on('data', onData)
}

function checkOrigin({ origin }: UpgradeRequest, origins: string[] | undefined): void {
  // #region origin
  // TODO 5: Throw a HandshakeError with 403 when there is a list and the Origin is not in it. A request without Origin is
  // not from a browser, and may pass. See RFC 6455 §10.2.
  // starter: if (origins?.length === 0) throw new HandshakeError(403, `Origin: ${origin} may not connect`)

  if (!origins || origin === undefined || origins.includes(origin)) return
  throw new HandshakeError(403, `Origin: expected one of ${origins.join(', ')}, received ${origin}`)
  // #endregion
}

function chooseProtocol({ protocols }: UpgradeRequest, ours: string[] = []): string | undefined {
  // #region protocol
  // TODO 5: Return the first of ours that the client offers, and nothing when there is none: a name that was not offered
  // would end the connection. See RFC 6455 §4.2.2.
  // starter: return protocols.length > 0 ? ours[0] : undefined

  return ours.find((protocol) => protocols.includes(protocol))
  // #endregion
}

if (isMain(import.meta.url)) {
  const server = createUpgradeServer((socket, { target, origin }) => {
    console.log(`upgraded ${target}${origin ? ` for ${origin}` : ''}`)
    // Frames are the next chapter. Here is what they look like from outside.
    socket.on('data', (chunk) => console.log(chunk.toString('hex').replaceAll(/..(?=.)/g, '$& ')))
    socket.on('close', () => console.log('closed'))
  })
  serve(server, 7011)
}
