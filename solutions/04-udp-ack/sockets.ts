import { fork } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { closeSync, existsSync, openSync, readdirSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Server } from 'node:net'
import { isMain } from '../run.ts'

/** How many descriptors this program has open, where the system shows them as files. */
function descriptors(): number {
  return existsSync('/dev/fd') ? readdirSync('/dev/fd').length : Number.NaN
}

function connections(server: Server): Promise<number> {
  return new Promise((resolve) => server.getConnections((_, count) => resolve(count)))
}

/** Runs this file as another program, which brings 60 clients. @returns what became of how many of them */
async function sixty(kind: 'tcp' | 'udp', port: number): Promise<string> {
  const child = fork(import.meta.filename, [kind, String(port)])
  const [outcomes] = (await once(child, 'message')) as [string[]]
  const kinds = [...new Set(outcomes)]
  return kinds.map((kind) => `${outcomes.filter((outcome) => outcome === kind).length} ${kind}`).join(', ')
}

/** The other program. */
async function beClients(kind: string, port: number): Promise<void> {
  const one = kind === 'udp' ? udpClient : tcpClient
  const outcomes = await Promise.all(Array.from({ length: 60 }, () => one(port)))
  process.send?.(outcomes, undefined, {}, () => process.exit())
}

function udpClient(port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4')
    socket.once('message', () => resolve('answered'))
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(String(error.code)))
    socket.send('hello', port, '127.0.0.1')
  })
}

function tcpClient(port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    // Whether it stays connected is seen only after a while.
    socket.once('connect', () => setTimeout(resolve, 300, 'connected').unref())
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(String(error.code)))
    socket.once('close', () => resolve('connected, and closed at once'))
    socket.resume()
  })
}

/** A server, 60 clients, and what the server heard of it. */
async function tcpServer(what: string, change: (server: Server) => void = () => {}): Promise<void> {
  const heard: string[] = []
  // The clients end with their program, which may reset them: that is no news here.
  const server = createServer((socket) => socket.on('error', () => {}).resume())
  server.on('drop', () => heard.push('drop'))
  server.on('error', () => heard.push('error'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  change(server)
  console.log(`${what}: ${await sixty('tcp', (server.address() as AddressInfo).port)}`)
  console.log(`  the server has ${await connections(server)} connections, and heard ${heard.length} 'drop' or 'error'`)
  server.close()
  await once(server, 'close')
}

async function udpServer(): Promise<void> {
  const socket = createSocket('udp4', (data, from) => socket.send(data, from.port, from.address))
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const before = descriptors()
  console.log(`60 UDP clients: ${await sixty('udp', socket.address().port)}`)
  console.log(`  the server has ${descriptors() - before} more descriptors than before`)
  socket.close()
}

/** Opens files until no descriptor is left, then gives back 30. @returns false when 10,000 were not enough */
function useUp(): boolean {
  const files: number[] = []
  try {
    while (files.length < 10_000) files.push(openSync(import.meta.filename, 'r'))
  } catch {
    // EMFILE: that was the last one.
    for (const file of files.slice(-30)) closeSync(file)
    return true
  }
  for (const file of files) closeSync(file)
  return false
}

if (isMain(import.meta.url)) {
  const [kind, port] = process.argv.slice(2)
  if (kind) {
    await beClients(kind, Number(port))
  } else {
    await udpServer()
    await tcpServer('60 TCP clients')
    await tcpServer('60 TCP clients, maxConnections 10', (server) => {
      server.maxConnections = 10
    })
    if (useUp()) await tcpServer('60 TCP clients, 30 descriptors left')
    else console.log('this program may open more than 10,000 files; run it after "ulimit -n 100"')
    process.exit()
  }
}
