import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { isMain } from '../run.ts'
import { createAckServer } from './server.ts'

async function bound(options: { reuseAddr?: boolean; recvBufferSize?: number } = {}, port = 0): Promise<Socket> {
  const socket = createSocket({ type: 'udp4', ...options })
  socket.bind(port, '127.0.0.1')
  await once(socket, 'listening')
  return socket
}

/** The outcome of sending: `ok`, or the code of the error. */
function send(socket: Socket, data: Uint8Array | Uint8Array[], port?: number, host = '127.0.0.1'): Promise<string> {
  return new Promise((resolve) => {
    const done = (error: Error | null): void => resolve((error as NodeJS.ErrnoException | null)?.code ?? 'ok')
    if (port === undefined) socket.send(data, done)
    else socket.send(data as Uint8Array, port, host, done)
  })
}

async function sizes(): Promise<void> {
  const [here, there] = [await bound(), await bound()]
  const { port } = there.address()
  const lengths: number[] = []
  there.on('message', (datagram) => lengths.push(datagram.length))
  await send(here, Buffer.from('abc'), port)
  await send(here, Buffer.alloc(0), port)
  for (const length of [65_507, 65_508]) {
    console.log(`a datagram of ${length} bytes: ${await send(here, Buffer.alloc(length), port)}`)
  }
  await sleep(50)
  console.log(`received datagrams of ${lengths.join(', ')} bytes`)
  here.close()
  there.close()
}

/** The receiver sleeps while the sender sends. */
async function burst(recvBufferSize?: number): Promise<void> {
  const [here, there] = [await bound(), await bound({ recvBufferSize })]
  let received = 0
  there.on('message', () => received++)
  const outcomes = Array.from({ length: 20_000 }, () => send(here, Buffer.alloc(64), there.address().port))
  const sent = (await Promise.all(outcomes)).filter((outcome) => outcome === 'ok').length
  await sleep(100)
  console.log(`${sent} of 20000 "sent", ${received} received, with a buffer of ${there.getRecvBufferSize()} bytes`)
  here.close()
  there.close()
}

async function closedPort(): Promise<void> {
  const gone = await bound()
  const { port } = gone.address()
  gone.close()
  await once(gone, 'close')

  const unconnected = await bound()
  console.log(`nobody listens, unconnected: ${await send(unconnected, Buffer.from('x'), port)}`)
  unconnected.close()

  const connected = createSocket('udp4')
  connected.connect(port, '127.0.0.1')
  await once(connected, 'connect')
  const outcomes: string[] = []
  for (let i = 0; i < 4; i++) outcomes.push(await send(connected, Buffer.from('x')))
  console.log(`nobody listens, connected: ${outcomes.join(', ')}`)
  connected.on('error', () => {}) // the refusal of the last datagram, of which we have heard already
  connected.close()
}

/** What a connected socket sends where, and what it hears. */
async function onePeer(): Promise<void> {
  const [there, stranger] = [await bound(), await bound()]
  const heard = { peer: [] as string[], stranger: [] as string[] }
  there.on('message', (datagram) => heard.peer.push(String(datagram)))
  stranger.on('message', (datagram) => heard.stranger.push(String(datagram)))
  const here = createSocket('udp4')
  here.connect(there.address().port, '127.0.0.1')
  await once(here, 'connect')
  const received: string[] = []
  here.on('message', (datagram) => received.push(String(datagram)))

  await send(here, [Buffer.from('in two '), Buffer.from('pieces')])
  here.send(Buffer.from('to the stranger'), stranger.address().port, '127.0.0.1')
  await send(stranger, Buffer.from('psst'), here.address().port)
  await send(there, Buffer.from('hello'), here.address().port)
  await sleep(50)
  console.log(`a connected socket: its peer got ${shown(heard.peer)}; the stranger ${shown(heard.stranger)}`)
  console.log(`  the peer sent hello, the stranger psst; it heard ${shown(received)}`)
  const everybody = await send(stranger, Buffer.from('x'), 9, '255.255.255.255')
  console.log(`to 255.255.255.255, without setBroadcast(true): ${everybody}`)
  for (const socket of [here, there, stranger]) socket.close()
}

function shown(texts: string[]): string {
  return texts.map((text) => JSON.stringify(text)).join(', ') || 'nothing'
}

/** Two servers, and one datagram to the second whose source is the first: what a forger would send. */
async function twoServers(what: string, create: () => Socket): Promise<void> {
  const [first, second] = [create(), create()]
  for (const socket of [first, second]) {
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
  }
  let received = 0
  for (const socket of [first, second]) socket.on('message', () => received++)
  await send(first, Buffer.from('five bytes and more'), second.address().port)
  await sleep(2000)
  console.log(`two ${what}: ${received} datagrams in 2 s`)
  first.close()
  second.close()
}

/** A server that answers whatever comes. */
function echo(): Socket {
  const socket = createSocket('udp4')
  socket.on('message', (datagram, from) => socket.send(datagram, from.port, from.address))
  return socket
}

/** SO_REUSEADDR, as in the seed: two programs, one port. */
async function twoOwners(): Promise<void> {
  const first = await bound({ reuseAddr: true })
  const { port } = first.address()
  const second = await bound({ reuseAddr: true }, port)
  const counts = { first: 0, second: 0 }
  first.on('message', () => counts.first++)
  second.on('message', () => counts.second++)
  const here = await bound()
  for (let i = 0; i < 10; i++) await send(here, Buffer.from('x'), port)
  await sleep(50)
  console.log(`two owners of one port, 10 datagrams: the first got ${counts.first}, the second ${counts.second}`)
  second.close()
  const without = await bound({}, port).catch((error: NodeJS.ErrnoException) => error.code)
  console.log(`without the option: ${without}`)
  first.close()
  here.close()
}

if (isMain(import.meta.url)) {
  await sizes()
  await burst()
  await burst(4096)
  await closedPort()
  await onePeer()
  await twoOwners()
  await twoServers('echo servers', echo)
  await twoServers('ack servers', createAckServer)
}
