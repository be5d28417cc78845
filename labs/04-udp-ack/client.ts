import { randomInt } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import { inputLines, isMain, onSignal, stop } from '../run.ts'
import { portOf } from './services.ts'
import { encodeRequest, replyTo } from './wire.ts'

export { portOf }

/** Where the server is, and how long to try. */
export interface AckClientOptions {
  /** address or name of the server */
  host: string
  port: number
  /** milliseconds that the first attempt waits for its reply; each further one waits twice as long. Default 100 */
  timeout?: number
  /** how often a request is sent again. Default 3: four attempts, and 1.5 s in all */
  retries?: number
}

/** The acknowledgement of one request. */
export interface Ack {
  /** the id as the reply carries it, its first bit set */
  id: number
  /** how often the request was sent */
  attempts: number
  /** milliseconds from the first attempt to the reply */
  time: number
}

/** What a client can do. */
export interface AckClient {
  /**
   * Sends data until it is acknowledged. Requests may overlap.
   *
   * @param data bytes, or text to go as UTF-8, at most 65,503 bytes: a datagram has room for 65,507
   * @throws {Error} with the code ETIMEDOUT, or ECONNREFUSED when nobody listens there; EMSGSIZE when it is too long
   */
  send(data: Uint8Array | string): Promise<Ack>
  /** Fails the requests that wait, and frees the port. */
  close(): void
}

interface Pending {
  request: Buffer
  /** the only reply that counts */
  reply: string
  attempts: number
  start: number
  timer?: NodeJS.Timeout
  resolve(ack: Ack): void
  reject(error: Error): void
}

/** A client of one server, which repeats each request until it is acknowledged. */
export function createAckClient({ host, port, timeout = 100, retries = 3 }: AckClientOptions): AckClient {
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4')
  /** requests that wait, by the id in their reply */
  const pending = new Map<number, Pending>()
  // A client that starts again on the same port must not continue the ids of the one before.
  let nextId = randomInt(2 ** 31)
  let refused: NodeJS.ErrnoException | undefined
  let closed = false

  // A connected socket sends nowhere else, hears of a port where nobody listens, and drops what strangers send.
  const connected = new Promise<void>((resolve, reject) => {
    socket.once('close', () => reject(new Error('the client was closed')))
    socket.connect(port, host, (error?: Error) => (error ? reject(error) : resolve()))
  })
  connected.catch(() => {}) // told by every send
  // On a connected socket this is ECONNREFUSED: the other machine has no such port open.
  socket.on('error', (error: NodeJS.ErrnoException) => {
    refused = error
  })
  socket.on('message', (reply) => acknowledge(reply))

  function attempt(id: number, waiting: Pending): void {
    waiting.attempts++
    socket.send(waiting.request, (error) => {
      if (!error || closed) return
      // The refusal of the datagram before is told by the next send, which then sends nothing; the next attempt will.
      if ((error as NodeJS.ErrnoException).code === 'ECONNREFUSED') refused = error
      else settle(id, error)
    })
    // TODO 4: Without an answer after `timeout` milliseconds call attempt again, and wait twice as long each time. When
    // the last attempt has waited in vain, settle with unanswered().
  }

  function acknowledge(reply: Buffer): void {
    // TODO 3: Find the request by the id in the reply, and settle it when the whole reply is the expected one. Ignore
    // whatever else comes: too short, an old id, a wrong digest, a reply that came twice.
    const [id, waiting] = [...pending][0] ?? []
    if (id !== undefined && reply.length > 0) settle(id, { id, attempts: waiting!.attempts, time: 0 })
  }

  function unanswered(attempts: number): Error {
    const why = refused ? 'nobody listens there' : 'no acknowledgement'
    const error = new Error(`${host}:${port}: ${why}, after ${attempts} attempts`)
    return Object.assign(error, { code: refused ? 'ECONNREFUSED' : 'ETIMEDOUT' })
  }

  function settle(id: number, outcome: Ack | Error): void {
    const waiting = pending.get(id)
    if (waiting === undefined) return
    pending.delete(id)
    clearTimeout(waiting.timer)
    if (outcome instanceof Error) waiting.reject(outcome)
    else waiting.resolve(outcome)
  }

  return {
    async send(data) {
      await connected
      if (closed) throw new Error('the client was closed')
      const request = encodeRequest(nextId, Buffer.from(data as string))
      nextId = (nextId + 1) % 2 ** 31
      const expected = replyTo(request)!
      const [id, reply] = [expected.readUInt32BE(0), expected.toString('hex')]
      return new Promise((resolve, reject) => {
        const waiting = { request, reply, attempts: 0, start: performance.now(), resolve, reject }
        pending.set(id, waiting)
        attempt(id, waiting)
      })
    },
    close() {
      if (closed) return
      closed = true
      for (const id of [...pending.keys()]) settle(id, new Error('the client was closed'))
      socket.close()
    },
  }
}

if (isMain(import.meta.url)) {
  const [service = '7004', host = '127.0.0.1'] = process.argv.slice(2)
  const client = createAckClient({ host, port: port(service) })
  onSignal(() => process.exit())
  console.log(`each line goes to ${host}:${port(service)} as one datagram; Ctrl-D ends`)
  for await (const line of inputLines()) {
    try {
      const { attempts, time } = await client.send(line)
      console.log(`acknowledged after ${time.toFixed(1)} ms, ${attempts === 1 ? 'at once' : `${attempts} attempts`}`)
    } catch (error) {
      console.log((error as Error).message)
    }
  }
  client.close()
}

function port(service: string): number {
  try {
    return portOf(service, 'udp')
  } catch (error) {
    return stop((error as Error).message)
  }
}
