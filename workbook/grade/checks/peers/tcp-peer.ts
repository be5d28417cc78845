import { once } from 'node:events'
import type { Socket } from 'node:net'
import { cleanup, timedOut, withTimeout } from '../lifetime.ts'
import { show, split, Timeline } from '../timeline.ts'

type Data = Uint8Array | string

/** How the lab ended its side of the connection. */
type End = 'fin' | 'rst'

/** What a peer is called, and how long it waits. */
export interface PeerOptions {
  /** its name in the messages of a check with several peers: `Ada` */
  name?: string
  /** deadline of every wait, in milliseconds. Default 2000 */
  timeout?: number
}

/**
 * The other side of a lab's byte stream, TCP or TLS over it. It records who sent what; every wait has a deadline, and
 * throws a {@link CheckFailure} with the time line. Bytes that were read are consumed.
 */
export class TcpPeer {
  readonly socket: Socket
  /** settles when the lab has ended its side, or the connection is gone */
  readonly closed: Promise<End>
  readonly timeline: Timeline
  readonly #timeout: number
  /** what was not read yet, as it came: joined at each chunk, a lot of it would be copied again and again */
  #chunks: Buffer[] = []
  #length = 0
  #ended: End | undefined
  #changed: (() => void)[] = []
  #settleClosed: (end: End) => void = () => {}

  constructor(socket: Socket, { name, timeout = 2000 }: PeerOptions = {}, timeline = new Timeline(name)) {
    this.socket = socket
    this.timeline = timeline
    this.#timeout = timeout
    this.closed = new Promise((resolve) => {
      this.#settleClosed = resolve
    })
    socket.on('data', (chunk: Buffer) => {
      this.timeline.add('you', show(chunk))
      this.#chunks.push(chunk)
      this.#length += chunk.length
      this.#wake()
    })
    socket.on('end', () => this.#over('fin', 'FIN'))
    socket.on('error', (error: NodeJS.ErrnoException) =>
      this.#over('rst', error.code === 'ECONNRESET' ? 'RST' : error.message),
    )
    socket.on('close', () => this.#over('rst', 'connection closed'))
    cleanup(() => socket.destroy())
  }

  /** Bytes that have arrived and were not read yet. */
  get unread(): Buffer {
    if (this.#chunks.length !== 1) this.#chunks = [Buffer.concat(this.#chunks)]
    return this.#chunks[0]!
  }

  /** Sends each chunk in a write of its own, and lets the lab see it before the next one goes. */
  async send(data: Data | Data[]): Promise<void> {
    const chunks = [data].flat().map((chunk) => Buffer.from(chunk as Uint8Array))
    this.timeline.add('we', show(Buffer.concat(chunks)) + split(chunks))
    for (const [i, chunk] of chunks.entries()) {
      if (i > 0) await turn()
      await this.#write(chunk)
    }
  }

  /** Reads exactly `length` bytes. */
  read(length: number): Promise<Buffer> {
    const wanted = length === 1 ? '1 byte' : `${length} bytes`
    return this.#take(wanted, () => (this.#length >= length ? length : undefined))
  }

  /** Reads up to and including `text`, as UTF-8. */
  async readUntil(text: string): Promise<string> {
    const bytes = await this.#take(JSON.stringify(text), () => {
      const at = this.unread.indexOf(text)
      return at < 0 ? undefined : at + Buffer.byteLength(text)
    })
    return bytes.toString()
  }

  /** Reads a line, and gives it without LF or CRLF. */
  async readLine(): Promise<string> {
    const bytes = await this.#take('a line', () => {
      const at = this.unread.indexOf('\n')
      return at < 0 ? undefined : at + 1
    })
    return bytes.toString().replace(/\r?\n$/, '')
  }

  /** Reads everything up to FIN. */
  async readAll(): Promise<Buffer> {
    await this.#wait('FIN', () => this.#ended !== undefined)
    if (this.#ended !== 'fin') this.#fail('FIN', this.#ended ? 'reset (RST) instead of FIN' : this.#noFin())
    return this.#consume(this.#length)
  }

  /** Waits for FIN, with nothing before it. @param orReset a reset is as good, as after data that the lab left unread */
  async expectEnd({ orReset = false } = {}): Promise<void> {
    await this.#wait('FIN', () => this.#length > 0 || this.#ended !== undefined)
    if (this.#length > 0) this.#fail('FIN', `extra bytes before FIN: ${show(this.unread)}`)
    if (this.#ended === undefined) this.#fail('FIN', this.#noFin())
    if (this.#ended === 'rst' && !orReset) this.#fail('FIN', 'reset (RST) instead of FIN')
  }

  /** Nothing may arrive, and the connection stays, until `event` has happened. */
  async expectSilence(event: PromiseLike<unknown>): Promise<void> {
    await withTimeout(event, this.#timeout, 'silence to be over')
    await turn()
    if (this.#length > 0) this.#fail('silence', `nothing was to come, got ${show(this.unread)}`)
    if (this.#ended)
      this.#fail('silence', `the connection was to stay, got ${this.#ended === 'fin' ? 'FIN' : 'a reset (RST)'}`)
  }

  /** Sends FIN. Reading goes on. */
  async end(): Promise<void> {
    this.timeline.add('we', 'FIN')
    if (this.socket.destroyed) return
    await withTimeout(new Promise<void>((resolve) => this.socket.end(resolve)), this.#timeout, 'FIN to be sent')
  }

  /** Sends RST, as a program that was killed. */
  async reset(): Promise<void> {
    this.timeline.add('we', 'RST')
    if (this.socket.destroyed) return
    // Inside the callback of a write, Node 20 closes with FIN instead.
    await turn()
    if (this.socket.closed) return
    const closed = once(this.socket, 'close')
    this.socket.resetAndDestroy()
    await closed
  }

  /** Stops reading: the lab's bytes pile up in the kernel, and then in its own memory. */
  pause(): void {
    this.timeline.add('we', 'stop reading')
    this.socket.pause()
  }

  resume(): void {
    this.timeline.add('we', 'read again')
    this.socket.resume()
  }

  async #take(wanted: string, find: () => number | undefined): Promise<Buffer> {
    await this.#wait(wanted, () => find() !== undefined || this.#ended !== undefined)
    const length = find()
    return length === undefined ? this.#fail(wanted, this.#missing(wanted)) : this.#consume(length)
  }

  #missing(wanted: string): string {
    const arrived = this.#length === 0 ? '' : ` after ${show(this.unread)}`
    if (this.#ended === 'fin') return `FIN${arrived || ' instead of a reply'}: waited for ${wanted}`
    if (this.#ended === 'rst') return `reset (RST)${arrived}: waited for ${wanted}`
    if (arrived) return `nothing more within ${this.#timeout} ms${arrived}: waited for ${wanted}`
    return `no reply within ${this.#timeout} ms: waited for ${wanted}`
  }

  #noFin(): string {
    return `no FIN within ${this.#timeout} ms`
  }

  #fail(wanted: string, summary: string): never {
    return this.timeline.fail(`waited for ${wanted}`, summary)
  }

  #consume(length: number): Buffer {
    const bytes = this.unread
    this.#chunks = [bytes.subarray(length)]
    this.#length -= length
    return bytes.subarray(0, length)
  }

  async #wait(what: string, ready: () => boolean): Promise<void> {
    const reached = new Promise<void>((resolve) => {
      const look = () => (ready() ? resolve() : this.#changed.push(look))
      look()
    })
    if ((await withTimeout(reached, this.#timeout, what)) === timedOut) this.#changed = []
  }

  #wake(): void {
    for (const look of this.#changed.splice(0)) look()
  }

  #over(end: End, shown: string): void {
    if (this.#ended) return
    this.#ended = end
    this.timeline.add('you', shown)
    this.#settleClosed(end)
    this.#wake()
  }

  async #write(chunk: Buffer): Promise<void> {
    if (this.socket.destroyed || this.socket.writableEnded) return
    const written = new Promise<void>((resolve) => this.socket.write(chunk, () => resolve()))
    if ((await withTimeout(written, this.#timeout, 'you to read')) === timedOut) {
      this.#fail('you to read', `you do not read: ${chunk.length} bytes still wait after ${this.#timeout} ms`)
    }
  }
}

/** Two rounds of the event loop, so that a lab in the same process has accepted, or read what was written. */
export async function turn(): Promise<void> {
  for (let i = 0; i < 2; i++) await new Promise((resolve) => setImmediate(resolve))
}
