import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cleanup, deadline, note } from '../lifetime.ts'

/**
 * The address of a Redis: the one in `WIREBOOK_REDIS`, else one of our own, which is gone at the end of the check.
 *
 * @returns undefined where there is none, which the check's notes then say
 * @throws {Error} when `WIREBOOK_REDIS` does not answer, or there is none although `CI` is set
 */
export async function redis(): Promise<string | undefined> {
  const given = process.env.WIREBOOK_REDIS
  if (given) {
    await answers(given)
    return given
  }
  const own = await startRedis()
  if (own !== undefined) return own
  if (process.env.CI)
    throw new Error('CI is set, and there is no redis-server to run. Install it, or set WIREBOOK_REDIS.')
  note('there is no redis-server on this machine: install it, or set WIREBOOK_REDIS=redis://host:port')
  return undefined
}

/** A way to Redis that can be cut, wherever the Redis is. */
export interface RedisWay {
  address: string
  /** loses whatever is sent from now on */
  swallow(): void
  /** ends all connections, and refuses new ones */
  cut(): void
  mend(): void
}

/** Opens a way to the Redis at an address. @param address `redis://host:port` */
export async function wayTo(address: string): Promise<RedisWay> {
  const { hostname, port } = new URL(address)
  const pairs = new Set<Socket[]>()
  let state: 'open' | 'swallowing' | 'cut' = 'open'
  const server = createServer((socket) => {
    if (state === 'cut') return socket.destroy()
    const redis = connect(Number(port || 6379), hostname)
    const pair = [socket, redis]
    pairs.add(pair)
    for (const [from, to] of [pair, [redis, socket]] as [Socket, Socket][]) {
      from.on('error', () => {}) // 'close' follows
      from.on('data', (chunk) => state === 'open' && to.write(chunk))
      from.on('close', () => {
        pairs.delete(pair)
        to.destroy()
      })
    }
  })
  const cut = () => {
    state = 'cut'
    for (const [socket] of pairs) socket!.resetAndDestroy()
  }
  cleanup(() => {
    cut()
    server.close()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = new URL(address)
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    address: url.href,
    swallow: () => {
      state = 'swallowing'
    },
    cut,
    mend: () => {
      state = 'open'
    },
  }
}

/** Starts a redis-server that keeps nothing. @returns undefined when there is no such program */
async function startRedis(): Promise<string | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'wirebook-redis-'))
  cleanup(() => rmSync(folder, { recursive: true, force: true }))
  // Redis takes no port 0. Between our look and its start somebody else may take the port, so it may need another.
  for (let tries = 0; tries < 5; tries++) {
    const port = await freePort()
    const outcome = await run(port, folder)
    if (outcome === 'ready') return `redis://127.0.0.1:${port}`
    if (outcome === 'no program') return undefined
  }
  throw new Error('redis-server: expected it to start on one of five free ports, and it ended each time.')
}

async function run(port: number, folder: string): Promise<'ready' | 'ended' | 'no program'> {
  const options = { port, bind: '127.0.0.1', save: '', appendonly: 'no', dir: folder, daemonize: 'no' }
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)])
  const child = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'ignore'] })
  const ended = new Promise<'ended' | 'no program'>((resolve) => {
    child.once('error', () => resolve('no program'))
    child.once('exit', () => resolve('ended'))
  })
  cleanup(async () => {
    child.kill('SIGKILL')
    await ended
  })
  let printed = ''
  const ready = new Promise<'ready'>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text
      if (printed.includes('Ready to accept connections')) resolve('ready')
    })
  })
  return deadline(Promise.race([ready, ended]), 8000, 'redis-server to be ready')
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise<void>((resolve) => server.close(() => resolve()))
  return port
}

/** @throws when nothing listens there */
async function answers(address: string): Promise<void> {
  const { hostname, port } = new URL(address)
  const socket = connect(Number(port || 6379), hostname)
  const outcome = new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('error', (error) => reject(new Error(`WIREBOOK_REDIS=${address}: ${error.message}`)))
  })
  try {
    await deadline(outcome, 3000, `WIREBOOK_REDIS=${address} to answer`)
  } finally {
    socket.destroy()
  }
}
