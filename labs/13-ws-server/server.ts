import type { Server } from 'node:net'
import { createUpgradeServer, type UpgradeOptions } from '../11-ws-handshake/server.ts'
import { isMain, onSignal, serve } from '../run.ts'
import { Connection } from './connection.ts'
import { type EndpointOptions, WebSocketEndpoint } from './endpoint.ts'
import { Heartbeat } from './heartbeat.ts'

export interface WebSocketServerOptions extends UpgradeOptions, EndpointOptions {
  /** longest message, in bytes. Default 1 MiB */
  maxPayload?: number
  /** milliseconds of silence before we ask whether the other end is still there. Default 30,000 */
  pingInterval?: number
}

/**
 * A server of WebSockets. `connection` is net's own event, a bare socket; `websocket` follows it after the handshake, with a
 * {@link WebSocketEndpoint} and its request.
 */
export function createWebSocketServer(options: WebSocketServerOptions = {}): Server {
  const { maxPayload, pingInterval = 30_000 } = options
  const open = new Map<WebSocketEndpoint, Heartbeat>()

  const server = createUpgradeServer((socket, request) => {
    const endpoint = new WebSocketEndpoint(socket, new Connection({ role: 'server', maxPayload }), 'server', options)
    open.set(endpoint, new Heartbeat(pingInterval, performance.now()))
    endpoint.on('close', leave)
    server.emit('websocket', endpoint, request)
  }, options)

  // One function and one timer for all: ten thousand connections need no ten thousand of them.
  function leave(this: WebSocketEndpoint): void {
    open.delete(this)
  }
  const timer = setInterval(() => checkHeartbeats(open, performance.now()), pingInterval)
  timer.unref()
  server.once('close', () => clearInterval(timer))
  return server
}

function checkHeartbeats(open: Map<WebSocketEndpoint, Heartbeat>, now: number): void {
  for (const [endpoint, heartbeat] of open) {
    const due = heartbeat.due(now, endpoint.bytesRead)
    if (due === 'ping') endpoint.ping()
    if (due === 'gone') endpoint.destroy()
  }
}

/** Sends one message to many. A server's frames are the same for all, so it is encoded once. */
export function broadcast(endpoints: Iterable<WebSocketEndpoint>, data: string | Uint8Array): void {
  const bytes = new Connection().send(data)
  for (const endpoint of endpoints) if (endpoint.state === 'open') endpoint.write(bytes)
}

/** Sends every message back as it came. */
export function echo(endpoint: WebSocketEndpoint): void {
  endpoint.on('message', (data) => endpoint.send(data))
}

if (isMain(import.meta.url)) {
  // By hand you may want to send a film: 32 MiB instead of 1.
  const server = createWebSocketServer({ maxPayload: 32 * 1024 * 1024, maxBuffered: 64 * 1024 * 1024 })
  const open = new Set<WebSocketEndpoint>()
  server.on('websocket', (endpoint: WebSocketEndpoint) => {
    echo(endpoint)
    open.add(endpoint)
    endpoint.on('close', () => open.delete(endpoint))
  })
  // A page learns 1001, going away, and not 1006.
  onSignal(() => {
    for (const endpoint of open) endpoint.close(1001)
  })
  serve(server, 7013)
}
