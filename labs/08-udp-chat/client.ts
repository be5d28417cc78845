import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { isMain, openTerminal, portNumber, stop } from '../run.ts'
import { decodeNotice, encode, maxText, type Notice, type Request, textLength, type WithoutSeq } from './datagram.ts'
import { createResend } from './resend.ts'

/** Where the server is, who joins, and what is to be told. */
export interface UdpChatClientOptions {
  port: number
  host?: string
  name: string
  /** called for each notice of the server, once, in the order of arrival */
  onNotice: (notice: Notice) => void
  /** called when the server does not answer any more, or says no. The client is closed then */
  onGone: (reason: string) => void
  /** milliseconds between two beats. Default 5000 */
  beatEvery?: number
  /** milliseconds before a datagram is repeated for the first time. Default 200 */
  firstDelay?: number
}

/** A member, as its own program sees it. */
export interface UdpChatClient {
  /** Says a text to the others. @throws {RangeError} when it is too long for one datagram */
  say(text: string): void
  /** Says LEAVE, waits for its answer at most a second, and closes */
  leave(): Promise<void>
  socket: Socket
}

/** Joins and keeps the place by a beat every five seconds. @throws {Error} when the server refuses or does not answer */
export async function joinUdpChat(options: UdpChatClientOptions): Promise<UdpChatClient> {
  const { port, host = '127.0.0.1', name, onNotice, onGone, beatEvery = 5000, firstDelay = 200 } = options
  const socket = createSocket('udp4')
  const resend = createResend({ firstDelay })
  const waiting = new Map<number, (refusal: string | undefined) => void>()
  const seen = new Set<number>()
  let seq = Date.now()
  let beats: NodeJS.Timeout | undefined
  let closed = false

  socket.connect(port, host)
  await once(socket, 'connect').catch((error: Error) => {
    socket.close()
    throw error
  })
  socket.on('message', receive)
  // A connected UDP socket hears ICMP's "port unreachable". The repetitions decide whether the server is really gone.
  socket.on('error', () => {})
  socket.on('close', stop)

  function stop(): void {
    closed = true
    clearInterval(beats)
    beats = undefined
    resend.close()
  }

  function hangUp(): void {
    if (!closed) socket.close()
    stop()
  }

  function receive(bytes: Buffer): void {
    const datagram = decodeNotice(bytes)
    if (datagram === undefined) return
    if (datagram.type === 'ACK' || datagram.type === 'ERR') {
      if (!resend.answered(datagram.seq)) return
      waiting.get(datagram.seq)?.(
        datagram.type === 'ERR' ? (datagram.reason ?? 'the server does not know us') : undefined,
      )
      waiting.delete(datagram.seq)
      return
    }
    transmit(encode({ type: 'ACK', seq: datagram.seq }))
    if (seen.has(datagram.seq)) return
    seen.add(datagram.seq)
    // Repetitions come within seconds, so old numbers need not be kept.
    if (seen.size > 1024) seen.delete(Math.min(...seen))
    onNotice(datagram)
  }

  /** @returns the refusal, or undefined when it was acknowledged */
  function request(datagram: WithoutSeq<Request>): Promise<string | undefined> {
    const mine = seq++
    const bytes = encode({ ...datagram, seq: mine })
    return new Promise((resolve) => {
      waiting.set(mine, resolve)
      resend.send(
        mine,
        () => transmit(bytes),
        () => resolve('the server does not answer'),
      )
    })
  }

  function transmit(bytes: Buffer): void {
    if (!closed) socket.send(bytes, () => {}) // an error is a lost datagram, see above
  }

  function gone(reason: string | undefined): void {
    if (reason === undefined || beats === undefined) return
    hangUp()
    onGone(reason)
  }

  const refusal = await request({ type: 'JOIN', name, pad: ' '.repeat(64) })
  if (refusal !== undefined) {
    hangUp()
    throw new Error(refusal)
  }
  beats = setInterval(() => void request({ type: 'BEAT' }).then(gone), beatEvery)

  return {
    socket,
    say(text) {
      const length = textLength(text)
      if (length > maxText)
        throw new RangeError(`message: expected at most ${maxText} bytes as JSON, received ${length}`)
      void request({ type: 'MSG', text }).then(gone)
    },
    async leave() {
      if (beats === undefined) return
      clearInterval(beats)
      beats = undefined
      await Promise.race([request({ type: 'LEAVE' }), setTimeout(1000, undefined, { ref: false })])
      hangUp()
    },
  }
}

/** `client.ts NAME [port] [host]`: lines in, lines out. Ctrl-C and Ctrl-D leave. */
async function main(): Promise<void> {
  const [name = 'guest', port = '7008', host = '127.0.0.1'] = process.argv.slice(2)
  const terminal = openTerminal()
  const client = await joinUdpChat({
    port: portNumber(port),
    host,
    name,
    onNotice: (notice) => terminal.print(line(notice)),
    onGone: (reason) => {
      process.exitCode = 1
      terminal.close()
      terminal.print(`the chat is over: ${reason}.`)
    },
  })
  terminal.print(`you are ${name}. Type and press Enter; Ctrl-D leaves.`)
  for await (const text of terminal.lines) {
    try {
      if (text !== '') client.say(text)
    } catch (error) {
      terminal.print((error as Error).message)
    }
  }
  await client.leave()
}

function line(notice: Notice): string {
  if (notice.type === 'MSG') return `${notice.name}: ${notice.text}`
  return `* ${notice.name} ${notice.type === 'JOINED' ? 'joined' : 'left'}`
}

if (isMain(import.meta.url)) {
  await main().catch((error: Error) => stop(`could not join: ${error.message}.`))
}
