import type { Socket } from 'node:net'
import { ByteQueue } from './queue.ts'

/** When a read is to be given up. */
export interface ReadOptions {
  /** signal that gives up the read, with its reason */
  signal?: AbortSignal
  /** milliseconds from the call, 0 or more; then the read is given up with a `TimeoutError`. Default: none */
  timeout?: number
}

/** The stream ended, and fewer bytes came than were asked for. They stay in the reader, for `recv`. */
export class EndOfStream extends Error {
  /** bytes that were there */
  readonly received: number

  constructor(wanted: string, received: number) {
    super(`expected ${wanted}, but the stream ended after ${received}`)
    this.name = 'EndOfStream'
    this.received = received
  }
}

/** A read that waits for its turn or for its bytes. */
interface Waiting {
  /** Settles the read, if its bytes are there or no more will come; otherwise it goes on waiting */
  settled(): boolean
  /** Rejects it, and takes it out of the queue */
  giveUp(reason: unknown): void
}

/**
 * Pulls bytes out of a socket, instead of having them pushed by 'data'. Reads that overlap are served in the order
 * of their calls; bytes that a read leaves behind are there for the next one. While nobody reads, the reader takes nothing from
 * the socket, so the other side is slowed down instead of filling our memory.
 *
 * A read that fails (timeout, signal, end) takes no bytes. An error of the socket fails the reads that wait, once
 * the bytes before it are used up. The socket needs no other 'error' listener.
 */
export class SocketReader {
  readonly #socket: Socket
  readonly #bytes = new ByteQueue()
  readonly #waiting: Waiting[] = []
  /** no more bytes will come */
  #over = false
  #failure: Error | undefined

  constructor(socket: Socket) {
    this.#socket = socket
    if (socket.readableEnded) this.#finish()
    else if (socket.destroyed) this.#finish(socket.errored ?? new Error('the socket was closed'))
    socket.on('readable', () => this.#serve())
    socket.on('end', () => this.#finish())
    socket.on('error', (error) => this.#finish(error))
    socket.on('close', () => this.#finish(new Error('the socket was closed')))
  }

  /**
   * Waits for bytes, and returns what is there.
   *
   * @param max most bytes to return, at least 1; it is a maximum, and says nothing about messages
   * @returns 1 to `max` bytes, or null at the end of the stream
   */
  recv(max: number, options?: ReadOptions): Promise<Buffer | null> {
    // #region recv
    // TODO 1: Return at most `max` of the bytes that are there, or undefined when there are none yet. At the end, null.
    // starter: const all = () => (this.#bytes.length > 0 ? this.#bytes.take(this.#bytes.length) : undefined)
    // starter: return this.#read<Buffer | null>(options, all, () => null)

    return this.#read<Buffer | null>(
      options,
      () => (this.#bytes.length > 0 ? this.#bytes.take(max) : undefined),
      () => null,
    )
    // #endregion
  }

  /** Waits for exactly `length` bytes. @throws {EndOfStream} when the stream ends before */
  readExactly(length: number, options?: ReadOptions): Promise<Buffer> {
    // #region exactly
    // TODO 2: Return the bytes once all of them are there, and undefined before. At the end, an EndOfStream.
    // starter: const some = () => (this.#bytes.length > 0 ? this.#bytes.take(length) : undefined)
    // starter: return this.#read(options, some, () => Buffer.alloc(0))

    return this.#read(
      options,
      () => (this.#bytes.length >= length ? this.#bytes.take(length) : undefined),
      () => new EndOfStream(`${length} bytes`, this.#bytes.length),
    )
    // #endregion
  }

  /**
   * Waits for a delimiter, and returns everything up to and including it.
   *
   * @param delimiter text (as UTF-8) or bytes, at least one
   * @param max most bytes before the delimiter
   * @throws {RangeError} once more than `max` bytes have come without it
   * @throws {EndOfStream} when the stream ends before
   */
  readUntil(delimiter: string | Uint8Array, max: number, options?: ReadOptions): Promise<Buffer> {
    const wanted = Buffer.from(delimiter as string)
    // #region until
    // TODO 3: Find the delimiter, which may come in two chunks, and return the bytes with it. Fail with a RangeError as
    // soon as it can no longer begin within `max` bytes. What was searched once is not searched again.
    // starter: const some = () => (this.#bytes.length > 0 ? this.#bytes.take(max + wanted.length) : undefined)
    // starter: return this.#read(options, some, () => Buffer.alloc(0))

    let searched = 0
    return this.#read<Buffer>(
      options,
      () => {
        // Its first bytes may have been the last ones of the search before.
        const at = this.#bytes.indexOf(wanted, Math.max(0, searched - wanted.length + 1))
        searched = this.#bytes.length
        if (at > max || (at < 0 && searched >= max + wanted.length)) {
          return new RangeError(`expected ${JSON.stringify(String(wanted))} within ${max} bytes, received none`)
        }
        return at < 0 ? undefined : this.#bytes.take(at + wanted.length)
      },
      () => new EndOfStream(JSON.stringify(String(wanted)), this.#bytes.length),
    )
    // #endregion
  }

  /**
   * Waits for a line of UTF-8.
   *
   * @param max most bytes of the line, its end not counted. Default 64 KiB
   * @returns the line without LF or CRLF, or null when the stream ends before its first byte
   * @throws {RangeError} once more than `max` bytes have come without a line feed
   * @throws {EndOfStream} when the stream ends inside the line
   */
  async readLine(max = 64 * 1024, options?: ReadOptions): Promise<string | null> {
    try {
      const line = (await this.readUntil('\n', max, options)).toString()
      return line.replace(/\r?\n$/, '')
    } catch (error) {
      if (error instanceof EndOfStream && error.received === 0) return null
      throw error
    }
  }

  /**
   * Queues a read.
   *
   * @param take gives its bytes, or an error, or undefined as long as neither is certain
   * @param atEnd gives what the read resolves to, or fails with, when no more bytes will come
   */
  #read<T extends Buffer | null>(
    options: ReadOptions = {},
    take: () => T | Error | undefined,
    atEnd: () => T | Error,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      options.signal?.throwIfAborted()
      const settle = (outcome: T | Error): void => {
        stop()
        if (outcome instanceof Error) reject(outcome)
        else resolve(outcome)
      }
      const waiting: Waiting = {
        settled: () => {
          const outcome = take() ?? (this.#over ? (this.#failure ?? atEnd()) : undefined)
          if (outcome !== undefined) settle(outcome)
          return outcome !== undefined
        },
        giveUp: (reason) => {
          this.#waiting.splice(this.#waiting.indexOf(waiting), 1)
          stop()
          reject(reason)
          // The read behind it may have all that it needs.
          this.#serve()
        },
      }
      const stop = limit(waiting.giveUp, options)
      this.#waiting.push(waiting)
      this.#serve()
    })
  }

  /** Settles the reads that can be, first come, first served; takes from the socket only what they need. */
  #serve(): void {
    // #region serve
    // TODO 4: Settle the first read and take it out of the queue, then the next one. While the first cannot be settled,
    // this.#pull() more from the socket; stop when there is nothing. No read overtakes, and without a read nothing is pulled.
    // starter: do {
    // starter:   for (const read of [...this.#waiting]) {
    // starter:     if (read.settled()) this.#waiting.splice(this.#waiting.indexOf(read), 1)
    // starter:   }
    // starter: } while (this.#pull())

    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      if (first.settled()) this.#waiting.shift()
      else if (!this.#pull()) return
    }
    // #endregion
  }

  /** Takes what the socket has. @returns false when that is nothing */
  #pull(): boolean {
    const chunk: Buffer | null = this.#socket.read()
    if (chunk !== null) this.#bytes.push(chunk)
    return chunk !== null
  }

  #finish(error?: Error): void {
    if (this.#over) return
    this.#over = true
    this.#failure = error
    this.#serve()
  }
}

/**
 * Calls `giveUp` with the reason when the signal is aborted or the time is over.
 *
 * @returns what to call when the read is settled; it leaves no timer and no listener behind
 */
function limit(giveUp: (reason: unknown) => void, { signal, timeout }: ReadOptions): () => void {
  // #region limit
  // TODO 5: Give up after `timeout` milliseconds with a DOMException named TimeoutError, and with signal.reason as soon as
  // the signal is aborted. The function that is returned removes the timer and the listener.
  // starter: return () => {}

  const timer =
    timeout === undefined
      ? undefined
      : setTimeout(() => giveUp(new DOMException(`waited ${timeout} ms to read`, 'TimeoutError')), timeout)
  const abort = (): void => giveUp(signal?.reason)
  signal?.addEventListener('abort', abort)
  return () => {
    clearTimeout(timer)
    signal?.removeEventListener('abort', abort)
  }
  // #endregion
}
