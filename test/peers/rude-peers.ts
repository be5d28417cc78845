import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { type Client, firstAnswer, greet, open, served, within, write } from './clients.ts'
import type { Script } from './scripts.ts'
import type { ServerFile } from './servers.ts'

/** A way of being rude. */
export interface RudePeer {
  name: string
  /** the server is done with it before it leaves, and lets go of everything */
  isDoneWith?: true
  /** @returns what is still open. @throws {Error} when somebody else is not served meanwhile, or the server does not do its part */
  visit(port: number, server: ServerFile): Promise<Client[]>
}

const streamPeers: RudePeer[] = [
  { name: 'ends its side, and waits', visit: halfCloses },
  { name: 'asks 20,000 times, and never reads', visit: neverReads },
  { name: 'sends one byte after the other', visit: oneByteAtATime },
  { name: 'resets after each byte of its first words', visit: resetsAnywhere },
  { name: 'comes a thousand times, and says nothing', visit: comesInCrowds },
  { name: 'sends 100,000 small things', visit: sendsSmallThings },
  { name: 'promises much, and sends nothing', visit: promisesMuch },
]
const refusedPeer: RudePeer = { name: 'is refused, and stays', isDoneWith: true, visit: isRefused }
const datagramPeers: RudePeer[] = [
  { name: 'sends 100,000 datagrams, and hears no answer', visit: floods },
  { name: 'sends what is no message', visit: talksNonsense },
]

/** Those that can come to a server of this kind. */
export function rudePeers({ transport, refused }: Script): RudePeer[] {
  if (transport === 'udp') return datagramPeers
  return refused ? [...streamPeers, refusedPeer] : streamPeers
}

async function halfCloses(port: number, { script, staysHalfOpen }: ServerFile): Promise<Client[]> {
  const clients = await openAll(port, script, 50)
  for (const client of clients) {
    await greet(client, script)
    client.stream.resume().end()
  }
  if (!staysHalfOpen) {
    await within(Promise.all(clients.map(({ over }) => over)), 'the server to end its side of 50 connections')
  }
  return clients
}

async function isRefused(port: number, { script }: ServerFile): Promise<Client[]> {
  const clients = await openAll(port, { ...script, transport: 'tcp' }, 50)
  for (const client of clients) {
    client.stream.resume()
    await write(client, script.refused!)
  }
  await within(Promise.all(clients.map(({ over }) => over)), 'the server to hang up on 50 refused clients')
  return clients
}

async function neverReads(port: number, { script }: ServerFile): Promise<Client[]> {
  const client = await open(port, script)
  await greet(client, script)
  client.socket.pause()
  void write(client, repeated(script.small, 20_000))
  await served(port, script)
  return [client]
}

async function oneByteAtATime(port: number, { script }: ServerFile): Promise<Client[]> {
  const client = await open(port, script)
  for (const words of script.hello(0)) {
    const answer = within(firstAnswer(client.stream), 'an answer to what came byte by byte')
    for (const byte of words) await write(client, Buffer.from([byte]))
    await answer
  }
  return [client]
}

async function resetsAnywhere(port: number, { script }: ServerFile): Promise<Client[]> {
  const before: Buffer[] = []
  for (const words of script.hello(0)) {
    for (let length = 0; length <= words.length; length++) {
      const client = await open(port, script)
      await greet(client, { ...script, hello: () => before })
      await write(client, words.subarray(0, length))
      await reset(client)
    }
    before.push(words)
  }
  return []
}

async function comesInCrowds(port: number, { script }: ServerFile): Promise<Client[]> {
  const clients: Client[] = []
  for (let i = 0; i < 1000; i++) {
    // A server may have its fill, and refuse the others.
    await open(port, { ...script, transport: 'tcp' }).then(
      (client) => clients.push(client),
      () => {},
    )
  }
  return clients
}

async function sendsSmallThings(port: number, { script }: ServerFile): Promise<Client[]> {
  const client = await open(port, script)
  await greet(client, script)
  client.stream.resume()
  // Each in a frame or a line of its own, a thousand to a write.
  for (let sent = 0; sent < 100_000; sent += 1000) await write(client, repeated(script.small, 1000))
  return [client]
}

async function promisesMuch(port: number, { script }: ServerFile): Promise<Client[]> {
  const clients = await openAll(port, script, 50)
  for (const client of clients) {
    await greet(client, script)
    await write(client, script.promise)
  }
  await served(port, script)
  return clients
}

async function floods(port: number, { script }: ServerFile): Promise<Client[]> {
  const socket = createSocket('udp4')
  for (let sent = 0; sent < 100; sent++) {
    await Promise.all([...Array(1000)].map(() => sendTo(socket, port, script.small)))
    // What the kernel drops is no work for the server, so it gets the time to read.
    if (sent % 10 === 0) await served(port, script)
  }
  socket.close()
  return []
}

async function talksNonsense(port: number): Promise<Client[]> {
  const socket = createSocket('udp4')
  const texts = ['', '\0', '{', '[]', 'null', '{"type":"JOIN"}', '{"type":"MSG","seq":1e99}', '['.repeat(9000)]
  for (const text of texts) await sendTo(socket, port, Buffer.from(text))
  for (let length = 0; length < 64; length++) await sendTo(socket, port, Buffer.alloc(length, 0xff))
  socket.close()
  return []
}

function sendTo(socket: ReturnType<typeof createSocket>, port: number, data: Buffer): Promise<void> {
  return new Promise((resolve) => socket.send(data, port, '127.0.0.1', () => resolve()))
}

async function openAll(port: number, script: Script, count: number): Promise<Client[]> {
  const clients: Client[] = []
  for (let i = 0; i < count; i++) clients.push(await open(port, script))
  return clients
}

/** Goes without a word. */
export async function leave(clients: Client[]): Promise<void> {
  for (const { socket, stream } of clients) {
    stream.destroy()
    socket.destroy()
  }
  await Promise.all(clients.map(({ socket }) => socket.closed || once(socket, 'close')))
}

async function reset({ socket, stream }: Client): Promise<void> {
  stream.on('error', () => {})
  if (socket.closed) return
  const closed = once(socket, 'close')
  socket.resetAndDestroy()
  await closed
}

function repeated(data: Buffer, times: number): Buffer {
  return Buffer.concat(Array(times).fill(data))
}
