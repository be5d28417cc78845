import type { Channel } from '../wire/formats/channel.ts'
import { type MirrorCommand, mirrorVersion, type RawBytes, type Target } from '../wire/formats/mirror-messages.ts'
import type { Direction } from '../wire/model/chunk.ts'
import type { Connection } from './connection.ts'
import type { EventLog } from './event-log.ts'
import type { Limits } from './limits.ts'
import { parseCommand, parseJson } from './mirror-commands.ts'
import { PageObserver } from './page-observer.ts'
import { piecesOf, sendPieces } from './raw-send.ts'
import type { Tap } from './tap.ts'

interface MirrorContext {
  /** the taps by id of their target */
  taps: ReadonlyMap<string, Tap>
  connections: ReadonlyMap<number, Connection>
  eventLog: EventLog
  limits: Limits
  targets(): Target[]
  /** Looks again which servers listen. */
  probe(): Promise<void>
}

/** Serves one page on the mirror: tells it what it watches, and does what it asks, until it leaves. */
export function serveMirror(channel: Channel, context: MirrorContext): void {
  const page = new Page(channel, context)
  channel.onMessage((text) => void page.receive(text))
  channel.onClose(() => page.leave())
  void page.welcome()
}

/** One page on the mirror, from its first command to its end. */
class Page {
  readonly #context: MirrorContext
  readonly #observer: PageObserver
  readonly #stopObserving: () => void
  readonly #left = new AbortController()
  /** the connections that this page has opened */
  readonly #own = new Set<Connection>()
  /** `open` commands under way: they count as connections already */
  #opening = 0
  /** the last `send` of each connection and direction: sends queue up behind it */
  readonly #sends = new Map<string, Promise<void>>()
  /** when the commands of the last second came */
  #recent: number[] = []

  constructor(channel: Channel, context: MirrorContext) {
    this.#context = context
    this.#observer = new PageObserver(channel, context.limits)
    this.#stopObserving = context.eventLog.observe(this.#observer)
  }

  async welcome(): Promise<void> {
    await this.#context.probe()
    this.#observer.send({ type: 'hello', version: mirrorVersion, targets: this.#context.targets() })
  }

  leave(): void {
    this.#stopObserving()
    this.#left.abort()
    for (const connection of this.#own) connection.destroy()
  }

  async receive(text: string | undefined): Promise<void> {
    let id: number | undefined
    try {
      if (text === undefined) throw new Error('Command: expected text, received a binary message.')
      const raw = parseJson(text)
      id = raw.id
      this.#countCommand()
      const result = await this.#carryOut(parseCommand(raw, this.#context.limits))
      this.#observer.send({ type: 'done', id, ...result })
    } catch (error) {
      if (this.#left.signal.aborted) return
      this.#observer.send({ type: 'error', message: (error as Error).message, ...(id === undefined ? {} : { id }) })
    }
  }

  async #carryOut(command: MirrorCommand): Promise<{ connection: number } | undefined> {
    switch (command.type) {
      case 'watch':
        this.#tap(command.target)
        this.#observer.watch(command.target)
        this.#context.eventLog.replay(command.target, this.#observer)
        return
      case 'unwatch':
        this.#tap(command.target)
        this.#observer.unwatch(command.target)
        return
      case 'targets':
        await (command.target === undefined ? this.#context.probe() : this.#tap(command.target).probe())
        this.#observer.send({ type: 'targets', targets: this.#context.targets() })
        return
      case 'open':
        return { connection: (await this.#open(this.#tap(command.target))).number }
      case 'send':
        return this.#send(command, 'c2s')
      case 'serverSend':
        return this.#send(command, 's2c')
      case 'cut':
        this.#other(command.connection, command.direction).end(command.direction)
        return
      case 'reset':
        this.#connection(command.connection).reset('c2s')
        return
    }
  }

  async #open(tap: Tap): Promise<Connection> {
    const { connectionsPerPage } = this.#context.limits
    for (const connection of this.#own) if (!this.#isOpen(connection)) this.#own.delete(connection)
    if (this.#own.size + this.#opening >= connectionsPerPage) {
      throw new Error(`open: expected at most ${connectionsPerPage} connections of one page: cut or reset one first.`)
    }
    this.#opening++
    try {
      const connection = await tap.openForPage()
      this.#own.add(connection)
      if (this.#left.signal.aborted) connection.destroy()
      return connection
    } finally {
      this.#opening--
    }
  }

  #send({ connection: number, data, cuts, delay }: RawBytes, direction: Direction): Promise<undefined> {
    const { limits } = this.#context
    const connection = this.#other(number, direction)
    const pieces = piecesOf(Buffer.from(data, 'base64'), cuts ?? [])
    const queue = `${number} ${direction}`
    const before = this.#sends.get(queue) ?? Promise.resolve()
    const sent = before.then(() => sendPieces(connection, direction, pieces, delay ?? 20, limits, this.#left.signal))
    const settled = sent.catch(() => {}) // whoever asked is told; the next send only waits for its turn
    this.#sends.set(queue, settled)
    void settled.then(() => {
      if (this.#sends.get(queue) === settled) this.#sends.delete(queue)
    })
    return sent.then(() => undefined)
  }

  #countCommand(): void {
    const { commandsPerSecond } = this.#context.limits
    const now = performance.now()
    this.#recent = this.#recent.filter((time) => now - time < 1000)
    if (this.#recent.length >= commandsPerSecond) {
      throw new Error(`Command: expected at most ${commandsPerSecond} in a second: send fewer.`)
    }
    this.#recent.push(now)
  }

  #tap(id: string): Tap {
    const tap = this.#context.taps.get(id)
    if (tap) return tap
    throw new Error(`target: expected one of ${[...this.#context.taps.keys()].join(', ')}.`)
  }

  #connection(number: number): Connection {
    const connection = this.#context.connections.get(number)
    if (connection) return connection
    throw new Error(`connection: expected an open one, but ${number} is not.`)
  }

  /** An open connection with another end in this direction. */
  #other(number: number, direction: Direction): Connection {
    const connection = this.#connection(number)
    if (direction === 'c2s' || !this.#own.has(connection)) return connection
    throw new Error(`connection: ${number} has this page as its client, so nobody is there to speak to as its server.`)
  }

  #isOpen(connection: Connection): boolean {
    return this.#context.connections.get(connection.number) === connection
  }
}
