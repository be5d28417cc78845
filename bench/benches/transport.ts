import { createSocket, type Socket as Datagrams } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import { Worker } from 'node:worker_threads'
import { measure } from '../../solutions/02-tcp-vs-udp/nagle.ts'
import { createTcpEcho } from '../../solutions/02-tcp-vs-udp/tcp-echo.ts'
import { createUdpEcho } from '../../solutions/02-tcp-vs-udp/udp-echo.ts'
import type { Bench, Contender } from '../bench.ts'
import { inChild } from '../contender.ts'
import { median, timed } from '../measure.ts'

// What chapter 02 says of TCP and UDP: what costs is waiting and looking up names, not the protocol.

export const contenders = {
  /** Requests that are answered when all of their 64 bytes are there, on a fresh connection in each round. */
  requests({ writes, noDelay }: { writes: number; noDelay: boolean }): Contender {
    return {
      name: `${writes === 1 ? 'one write' : `${writes} writes`}${noDelay ? ', noDelay' : ''}`,
      async round() {
        const wall = median(await measure(9, writes, noDelay)) * 1e6
        return { cost: wall, wall }
      },
    }
  },

  /** 64 bytes to the TCP echo and back, 1000 times. */
  async tcp(): Promise<Contender> {
    const server = createTcpEcho().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const client = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', noDelay: true })
    await once(client, 'connect')
    return {
      name: 'TCP, noDelay',
      round: pingPong(
        (echoed) => client.on('data', ({ length }) => echoed(length)),
        () => client.write(bytes),
      ),
      close: () => client.destroy(),
    }
  },

  /** The same by UDP. */
  async udp(): Promise<Contender> {
    const server = createUdpEcho().bind(0, '127.0.0.1')
    await once(server, 'listening')
    const client = createSocket('udp4')
    client.connect(server.address().port, '127.0.0.1')
    await once(client, 'connect')
    let sent = 0
    return {
      name: 'UDP',
      round: pingPong(
        (echoed) => client.on('message', ({ length }) => echoed(length)),
        () => {
          // Another datagram each time: the echo does not answer the same one for ever.
          const datagram = Buffer.from(bytes)
          datagram.writeUInt32BE(sent++ >>> 0)
          client.send(datagram)
        },
      ),
      close: () => client.close(),
    }
  },

  /** Sends datagrams to a program that never reads: what is measured is sending. */
  async sender({ kind }: { kind: keyof typeof sends }): Promise<Contender> {
    const port = await deaf()
    const socket = createSocket('udp4')
    if (kind === 'connected') {
      socket.connect(port, '127.0.0.1')
      await once(socket, 'connect')
    }
    const send = sends[kind]
    return { name: kind, round: () => timed(2000, () => sendAll(socket, port, send)) }
  },
}

const text = 'm'.repeat(64)
const bytes = Buffer.from(text)

type Send = (socket: Datagrams, port: number, done: () => void) => void

const sends = {
  'a text to localhost': (socket, port, done) => socket.send(text, port, 'localhost', done),
  'bytes to 127.0.0.1': (socket, port, done) => socket.send(bytes, port, '127.0.0.1', done),
  connected: (socket, _port, done) => socket.send(bytes, done),
} satisfies Record<string, Send>

const requests = (writes: number, noDelay: boolean) => inChild(import.meta.url, 'requests', { writes, noDelay })
const sender = (kind: keyof typeof sends) => inChild(import.meta.url, 'sender', { kind })

export default {
  title: '64 bytes, there and back over TCP and UDP, and one way over UDP',
  unit: 'ns: time per request with one or two writes, else CPU',
  comparisons: [
    // Nagle's algorithm and delayed acknowledgements wait for each other, for 40 ms on Linux.
    {
      name: 'one write instead of two',
      own: requests(1, false),
      peer: requests(2, false),
      gate: { cheaper: 50 },
      rounds: 3,
      skip: () =>
        process.platform === 'linux' ? undefined : 'how long an acknowledgement is delayed differs by system',
    },
    { name: 'two writes, noDelay', own: requests(2, true), peer: requests(1, false) },
    { name: 'there and back', own: inChild(import.meta.url, 'udp', null), peer: inChild(import.meta.url, 'tcp', null) },
    {
      name: 'one way by UDP',
      own: sender('bytes to 127.0.0.1'),
      peer: sender('a text to localhost'),
      gate: { cheaper: 3 },
    },
    { name: 'one way by UDP', own: sender('connected'), peer: sender('bytes to 127.0.0.1') },
  ],
} satisfies Bench

/** 1000 round trips, one after the other; the CPU time of both ends. @param listen is told how many bytes came back */
function pingPong(listen: (echoed: (length: number) => void) => unknown, send: () => unknown): Contender['round'] {
  let missing = 0
  let reached = () => {}
  listen((length) => {
    missing -= length
    if (missing === 0) reached()
  })
  return () =>
    timed(1000, async () => {
      for (let i = 0; i < 1000; i++) {
        const echo = new Promise<void>((resolve) => {
          reached = resolve
        })
        missing = bytes.length
        send()
        await echo
      }
    })
}

async function sendAll(socket: Datagrams, port: number, send: Send): Promise<void> {
  // A hundred at a time: with all of them at once, the queue of Node would be measured.
  for (let sent = 0; sent < 2000; sent += 100) {
    await Promise.all(Array.from({ length: 100 }, () => new Promise<void>((done) => send(socket, port, done))))
  }
}

/** A port that a sleeping thread has bound: the kernel drops what does not fit into its buffer. */
async function deaf(): Promise<number> {
  const worker = new Worker(
    `const { parentPort } = require('node:worker_threads')
    const socket = require('node:dgram').createSocket('udp4').bind(0, '127.0.0.1', () => {
      parentPort.postMessage(socket.address().port)
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
    })`,
    { eval: true },
  )
  const [port] = await once(worker, 'message')
  return port
}
