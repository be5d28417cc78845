/** What idle connections cost the server: `npx tsx labs/13-ws-server/main.ts [connections]`. The clients are another process. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { isMain } from '../run.ts'
import { createWebSocketServer } from './server.ts'

const request =
  'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'

/** Opens connections that say nothing after the handshake. */
async function openMany(port: number, count: number): Promise<Socket[]> {
  const sockets: Socket[] = []
  for (let i = 0; i < count; i++) {
    const socket = connect(port, '127.0.0.1', () => socket.write(request))
    await once(socket, 'data')
    sockets.push(socket)
  }
  return sockets
}

/** Memory of this process after a collection, in bytes. */
async function memory(): Promise<{ heap: number; resident: number }> {
  await wait(500)
  globalThis.gc?.()
  const { heapUsed, external, rss } = process.memoryUsage()
  return { heap: heapUsed + external, resident: rss }
}

async function measure(count: number): Promise<void> {
  const server = createWebSocketServer()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  let open = 0
  server.on('websocket', () => open++)

  const before = await memory()
  const clients = fork(fileURLToPath(import.meta.url), [String(count), String(port)], { execArgv: process.execArgv })
  await once(clients, 'message')
  const after = await memory()
  const each = (bytes: number) => `${(bytes / open / 1024).toFixed(1)} KiB`
  console.log(
    `${open} connections, each ${each(after.heap - before.heap)} of heap, ${each(after.resident - before.resident)} resident`,
  )
  clients.kill()
  server.close()
}

if (isMain(import.meta.url)) {
  const [count = 2000, port] = process.argv.slice(2).map(Number)
  if (port === undefined) {
    await measure(count)
  } else {
    await openMany(port, count)
    process.send!('open')
  }
}
