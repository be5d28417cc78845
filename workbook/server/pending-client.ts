import type { Socket } from 'node:net'
import type { Connection } from './connection.ts'
import type { Limits } from './limits.ts'
import { plainAnswer } from './plain-answer.ts'
import type { FilterResult, RequestFilter } from './request-filter.ts'

interface PendingClientOptions {
  /** whether the client speaks first; false where a server may speak first: then it is connected at once, and a silent client is no fault */
  speaksFirst: boolean
  limits: Limits
  /** Connects the client to the server. @throws {Error} one sentence */
  open(): Promise<Connection>
  /** Hears that the client was answered in place of the server. */
  refused(status: number, why: string): void
}

/** A client of a tap, from its first byte on: what the filter passes goes to the server, which is connected only then. */
export class PendingClient {
  readonly #client: Socket
  readonly #filter: RequestFilter
  readonly #options: PendingClientOptions
  #connection: Connection | undefined
  #connecting = false
  /** the client sent FIN while its server was being connected */
  #finished = false
  /** we have answered in place of the server; what still comes is dropped */
  #answered = false
  #timer: NodeJS.Timeout | undefined
  #timerIsFor: 'word' | 'head' | undefined

  constructor(client: Socket, filter: RequestFilter, options: PendingClientOptions) {
    this.#client = client
    this.#filter = filter
    this.#options = options
    client.on('error', () => {}) // 'close' follows, and so does the connection's own listener
    client.on('close', () => clearTimeout(this.#timer))
    client.on('data', (bytes: Buffer) => {
      if (!this.#answered) this.#follow(filter.push(bytes))
    })
    client.on('end', () => this.#ended())
    if (options.speaksFirst) this.#setTimer()
    else void this.#connect([])
  }

  #follow(result: FilterResult): void {
    if ('refused' in result) return this.#refuse(result.refused.status, result.refused.why)
    this.#setTimer()
    if (this.#connection) this.#write(this.#connection, result.pass)
    else if (result.pass.length > 0) void this.#connect(result.pass)
  }

  async #connect(pieces: Buffer[]): Promise<void> {
    this.#connecting = true
    this.#client.pause()
    try {
      const connection = await this.#options.open()
      this.#connection = connection
      connection.whenDrained('c2s', () => this.#client.resume())
      this.#client.resume()
      this.#write(connection, pieces)
      if (this.#finished) connection.endOf(this.#client, 'c2s')
    } catch (error) {
      if (this.#filter.http) this.#answer(502, (error as Error).message)
      else this.#client.resetAndDestroy()
    }
  }

  #write(connection: Connection, pieces: Buffer[]): void {
    for (const bytes of pieces) {
      if (!connection.write('c2s', bytes)) this.#client.pause()
    }
  }

  #ended(): void {
    if (this.#answered) return
    if (this.#filter.holding) {
      if (!this.#filter.undecided) return this.#refuse(400, 'Head: expected an empty line at its end, received FIN.')
      this.#follow(this.#filter.open())
    }
    this.#finished = true
    if (this.#connection) this.#connection.endOf(this.#client, 'c2s')
    else if (!this.#connecting) this.#client.end()
  }

  #refuse(status: number, why: string): void {
    this.#options.refused(status, why)
    if (!this.#connection) return this.#answer(status, why)
    this.#client.write(plainAnswer(status, why))
    this.#connection.destroy(why)
  }

  /** Answers and leaves, but reads on for a moment: closing over unread bytes would reset the answer away. */
  #answer(status: number, sentence: string): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#client.destroy(), this.#options.limits.lingerTimeoutMs)
    this.#answered = true
    this.#client.resume()
    this.#client.end(plainAnswer(status, sentence))
  }

  /** Sees to it that bytes are not held for ever. */
  #setTimer(): void {
    const { undecided, holding } = this.#filter
    const { speaksFirst, limits } = this.#options
    const needed = undecided && !speaksFirst ? holding && 'word' : (holding || undecided) && 'head'
    if (needed === this.#timerIsFor) return
    clearTimeout(this.#timer)
    this.#timerIsFor = needed || undefined
    if (needed === 'word') this.#timer = setTimeout(() => this.#follow(this.#filter.open()), limits.wordTimeoutMs)
    if (needed === 'head') {
      const seconds = limits.headTimeoutMs / 1000
      this.#timer = setTimeout(
        () => this.#refuse(408, `Head: expected within ${seconds} seconds.`),
        limits.headTimeoutMs,
      )
    }
  }
}
