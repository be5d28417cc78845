import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect as connectTls } from 'node:tls'
import type { Script } from './scripts.ts'

/** What has not happened after so many milliseconds never will. */
const deadlineMs = 20_000

/** After so many milliseconds without an answer a datagram is taken for lost. */
const askAgainMs = 20

/** A client's connection. */
export interface Client {
  socket: Socket
  /** what it writes to and reads from: the socket, or TLS above it */
  stream: Duplex
  /** settles when the server has ended its side, or the connection is gone */
  over: Promise<unknown>
}

/** Connects, with a handshake where the transport has one. */
export async function open(port: number, { transport }: Script): Promise<Client> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true })
  socket.on('error', () => {}) // a server may reset whoever is rude
  await within(once(socket, 'connect'), 'a connection')
  if (transport !== 'tls') return { socket, stream: socket, over: overFor(socket) }
  // Nobody checks a certificate here.
  const stream = connectTls({ socket, rejectUnauthorized: false, ALPNProtocols: ['echo', 'http/1.1'] })
  stream.on('error', () => {})
  await within(once(stream, 'secureConnect'), 'a TLS handshake')
  return { socket, stream, over: overFor(stream) }
}

function overFor(stream: Duplex): Promise<unknown> {
  return new Promise((resolve) => stream.once('end', resolve).once('close', resolve))
}

let clientsSoFar = 0

/** Says a client's first words, each when the one before it was answered. @throws {Error} when one is not */
export async function greet({ stream }: Client, { hello }: Script): Promise<void> {
  clientsSoFar += 1
  for (const words of hello(clientsSoFar)) {
    stream.write(words)
    await within(firstAnswer(stream), `an answer to ${JSON.stringify(String(words.subarray(0, 40)))}`)
  }
}

/** Waits for an answer, and reads no more than its first chunk. @throws {Error} when the connection ends instead */
export async function firstAnswer(stream: Duplex): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const closed = () => reject(new Error('the connection was closed instead of an answer'))
    stream.once('close', closed)
    stream.once('data', () => {
      stream.off('close', closed)
      // What follows waits, for whoever reads next.
      stream.pause()
      resolve()
    })
    stream.resume()
  })
}

/** Comes, is served, and leaves as one should. @throws {Error} when it is not served */
export async function served(port: number, script: Script): Promise<void> {
  if (script.transport === 'udp') return answered(port, script)
  const client = await open(port, script)
  await greet(client, script)
  client.stream.resume().end()
  // Who keeps its side open is not waited for.
  client.socket.destroySoon()
  if (!client.socket.closed) await within(once(client.socket, 'close'), 'the connection to close')
}

async function answered(port: number, { hello }: Script): Promise<void> {
  const socket = createSocket('udp4')
  clientsSoFar += 1
  const [words = Buffer.alloc(0)] = hello(clientsSoFar)
  const ask = () => socket.send(words, port, '127.0.0.1')
  ask()
  const asking = setInterval(ask, askAgainMs)
  try {
    await within(once(socket, 'message'), 'an answer to a datagram')
  } finally {
    clearInterval(asking)
    socket.close()
  }
}

/** Writes, and waits until it is on its way; a connection that is over takes it in silence. */
export function write({ stream }: Client, data: Buffer): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed) return resolve()
    const done = () => resolve()
    stream.once('close', done)
    stream.write(data, () => {
      stream.off('close', done)
      resolve()
    })
  })
}

/** @throws {Error} that names what was waited for */
export async function within<T>(promise: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${deadlineMs / 1000} s for ${what}`)), deadlineMs)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
