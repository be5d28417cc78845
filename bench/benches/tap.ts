import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server } from 'node:net'
import { WebSocket } from 'ws'
import { EventLog, type Observer } from '../../workbook/server/event-log.ts'
import { createLabServer } from '../../workbook/server/lab-server.ts'
import { limits } from '../../workbook/server/limits.ts'
import { Tap } from '../../workbook/server/tap.ts'
import type { Channel } from '../../workbook/wire/formats/channel.ts'
import { decodeMirrorChunk } from '../../workbook/wire/formats/mirror-chunk.ts'
import { type MirrorEvent, mirrorProtocol, tokenProtocol } from '../../workbook/wire/formats/mirror-messages.ts'
import type { Bench, Contender } from '../bench.ts'
import { inChild } from '../contender.ts'
import { timed } from '../measure.ts'

// What a proxy costs the process it runs in. The ends of the wire, and the page that watches, are processes of their own.

const KiB = 1024
/** what one round sends from the source through the proxy to the sink */
const total = 64 * KiB * KiB
const piece = Buffer.alloc(64 * KiB, 'wire')
const target = { id: 'sink', label: 'Sink', kind: 'tcp' as const }
/** nothing is left out, so that the cost of telling the page is the whole cost */
const everything = { ...limits, backlogBytes: 16 * total }

export const contenders: Record<string, (argument: never) => Promise<Contender>> = {
  pipe: () => proxy('plain pipe', listenPlain),
  tap: () => proxy('tap', listenTap),
  mirror: () => proxy('tap with a page', (sink) => listenWatched(sink, everything)),
  json: () => proxy('the same as base64 in JSON', listenJson),
  stalled: () => proxy('tap, the page stalls', (sink) => listenWatched(sink, limits, true), peakMemory),
  pipeMemory: () => proxy('plain pipe', listenPlain, peakMemory),
  source,
  sink,
  page,
}

const run = (name: string) => inChild(import.meta.url, name, null)

export default {
  title: `what a proxy costs, ${total / KiB / KiB} MiB one way`,
  unit: 'ns of CPU per KiB (memory: MiB)',
  comparisons: [
    { name: 'the tap', own: run('tap'), peer: run('pipe'), gate: { dearer: 1.35 } },
    { name: 'the tap and a page', own: run('mirror'), peer: run('pipe'), gate: { dearer: 2.2 } },
    { name: 'binary messages', own: run('mirror'), peer: run('json'), gate: { cheaper: 2.3 } },
    { name: 'peak memory', own: run('stalled'), peer: run('pipeMemory'), gate: { dearer: 1.35 } },
  ],
} satisfies Bench

/** Where a proxy listens, and what must have happened before a round is over. */
interface Listening {
  port: number
  told?: () => unknown
}

type Listen = (sinkPort: number) => Promise<Listening>

async function proxy(
  name: string,
  listen: Listen,
  cost: (units: number, work: () => unknown) => ReturnType<typeof timed> = timed,
): Promise<Contender> {
  const sink = await inChild(import.meta.url, 'sink', null)()
  const { port, told } = await listen(Number(sink.name))
  const source = await inChild(import.meta.url, 'source', { port })()
  return {
    name,
    round: () =>
      cost(total / KiB, async () => {
        await source.round()
        await told?.()
      }),
  }
}

/** The highest memory that the process ever had, in MiB. */
async function peakMemory(_: number, work: () => unknown): Promise<{ cost: number }> {
  await work()
  return { cost: process.resourceUsage().maxRSS / KiB }
}

async function listenPlain(sinkPort: number): Promise<Listening> {
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const upstream = connect({ port: sinkPort, host: '127.0.0.1', allowHalfOpen: true })
    client.pipe(upstream)
    upstream.pipe(client)
  })
  return { port: await listenAnywhere(server) }
}

async function listenTap(sinkPort: number): Promise<Listening> {
  return { port: (await openTap(sinkPort)).target.tapPort }
}

async function listenWatched(sinkPort: number, bounds: typeof limits, stalls = false): Promise<Listening> {
  const plan = { ...target, port: sinkPort }
  const lab = await createLabServer({ port: 0, labs: [], targets: [plan], limits: bounds, log: () => {} })
  const watching = await inChild(import.meta.url, 'page', { port: lab.port, token: lab.token, stalls })()
  const tap = lab.targets().find(({ id }) => id === target.id)!
  return { port: tap.tapPort, told: stalls ? undefined : () => watching.round() }
}

/** The mirror as it would be with JSON text instead of binary messages. */
async function listenJson(sinkPort: number): Promise<Listening> {
  const lab = await createLabServer({ port: 0, labs: [], log: () => {} })
  const joined = new Promise<Channel>((resolve) => lab.attach('/mirror', resolve))
  const watching = inChild(import.meta.url, 'page', { port: lab.port, token: lab.token })()
  const socket = await joined
  const tap = await openTap(sinkPort, {
    event: (event) => socket.send(JSON.stringify(event)),
    chunk: (_, encoded) => {
      const { bytes, ...chunk } = decodeMirrorChunk(encoded)
      const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64')
      socket.send(JSON.stringify({ ...chunk, data }))
    },
  })
  const ready = await watching
  return { port: tap.target.tapPort, told: () => ready.round() }
}

function openTap(sinkPort: number, observer?: Observer): Promise<Tap> {
  let number = 0
  const eventLog = new EventLog(limits)
  if (observer) eventLog.observe(observer)
  const rules = { hosts: new Set<string>(), origins: new Set<string>() }
  const context = { limits, eventLog, rules, connections: new Map(), sockets: new Set<never>() }
  const shared = { ...context, nextNumber: () => ++number, targetsChanged: () => {} }
  return Tap.listen({ ...target, port: sinkPort }, 0, shared)
}

/** Sends it all, and waits until the sink has read it. */
async function source({ port }: { port: number }): Promise<Contender> {
  endWithParent()
  return {
    name: 'source',
    async round() {
      const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
      socket.resume()
      socket.write('\0') // no HTTP
      for (let sent = 0; sent < total; sent += piece.length) {
        if (!socket.write(piece)) await once(socket, 'drain')
      }
      socket.end()
      await once(socket, 'end')
      return { cost: 0 }
    },
  }
}

/** Reads everything, then says so with FIN. Its name is its port. */
async function sink(): Promise<Contender> {
  endWithParent()
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    let received = 0
    socket.on('data', (bytes: Buffer) => {
      received += bytes.length
    })
    socket.on('end', () => (received === total + 1 ? socket.end() : socket.resetAndDestroy()))
  })
  return { name: `${await listenAnywhere(server)}`, round: () => ({ cost: 0 }) }
}

/** Watches, and waits in each round until it was told that the connection is closed. */
async function page(lab: { port: number; token: string; stalls?: boolean }): Promise<Contender> {
  endWithParent()
  const protocols = [mirrorProtocol, tokenProtocol(lab.token)]
  const origin = `http://127.0.0.1:${lab.port}`
  const socket = new WebSocket(`ws://127.0.0.1:${lab.port}/mirror`, protocols, { origin })
  let closed = 0
  let rounds = 0
  let look = () => {}
  socket.on('message', (data: Buffer, binary) => {
    if (binary || !data.subarray(0, 16).includes('"closed"')) return
    if ((JSON.parse(data.toString()) as MirrorEvent).type === 'closed') closed++
    look()
  })
  await once(socket, 'open')
  socket.send(JSON.stringify({ id: 1, type: 'watch', target: target.id }))
  if (lab.stalls) socket.pause()
  return {
    name: 'page',
    async round() {
      rounds++
      await new Promise<void>((resolve) => {
        look = () => closed >= rounds && resolve()
        look()
      })
      return { cost: 0 }
    },
  }
}

async function listenAnywhere(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

function endWithParent(): void {
  process.once('disconnect', () => process.exit())
}
