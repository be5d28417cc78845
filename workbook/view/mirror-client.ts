import { decodeMirrorChunk } from '../wire/formats/mirror-chunk.ts'
import { type MirrorCommand, type MirrorEvent, mirrorVersion, type Target } from '../wire/formats/mirror-messages.ts'
import type { Chunk } from '../wire/model/chunk.ts'
import { LabChannel, type LabDoor } from './lab-channel.ts'

interface MirrorListener {
  chunk(chunk: Chunk): void
  event(event: MirrorEvent): void
  /** The channel, the targets or the version are not what they were. */
  changed(): void
}

/** A command without the number that its answer is told by. */
export type MirrorRequest = MirrorCommand extends infer Command
  ? Command extends unknown
    ? Omit<Command, 'id'>
    : never
  : never

interface Answer {
  done(connection?: number): void
  failed(error: Error): void
}

/** The taps of the lab server: chunks and events in, commands out. It opens with `channel.connect()`, not before. */
export class MirrorClient {
  readonly channel: LabChannel
  targets: Target[] = []
  /** The server speaks another version of the mirror than this page, which has to be loaded again. */
  outdated = false
  readonly #listener: MirrorListener
  readonly #waiting = new Map<number, Answer>()
  #commands = 0

  constructor(door: LabDoor, listener: MirrorListener) {
    this.#listener = listener
    this.channel = new LabChannel('/mirror', door, {
      message: (data) => this.#receive(data),
      changed: () => this.#channelChanged(),
    })
  }

  /**
   * Asks the lab server for something.
   *
   * @returns the connection, after `open`
   * @throws {Error} the server's sentence when it does not do it, or that it is gone
   */
  command(asked: MirrorRequest): Promise<number | undefined> {
    const id = ++this.#commands
    if (!this.channel.send(JSON.stringify({ id, ...asked })))
      return Promise.reject(new Error('The lab server is not connected.'))
    return new Promise((done, failed) => this.#waiting.set(id, { done, failed }))
  }

  /** @param id of a target, which may not be there yet */
  target(id: string): Target | undefined {
    return this.targets.find((target) => target.id === id)
  }

  #receive(data: unknown): void {
    if (data instanceof ArrayBuffer) this.#listener.chunk(decodeMirrorChunk(new Uint8Array(data)))
    else this.#hear(JSON.parse(data as string) as MirrorEvent)
  }

  #hear(event: MirrorEvent): void {
    if (event.type === 'hello') this.outdated = event.version !== mirrorVersion
    if (event.type === 'hello' || event.type === 'targets') {
      this.targets = event.targets
      this.#listener.changed()
    }
    if (event.type === 'done') this.#settle(event.id)?.done(event.connection)
    if (event.type === 'error' && event.id !== undefined) this.#settle(event.id)?.failed(new Error(event.message))
    this.#listener.event(event)
  }

  #settle(id: number): Answer | undefined {
    const answer = this.#waiting.get(id)
    this.#waiting.delete(id)
    return answer
  }

  #channelChanged(): void {
    if (this.channel.state !== 'live') {
      for (const { failed } of this.#waiting.values()) failed(new Error('The lab server is gone.'))
      this.#waiting.clear()
    }
    this.#listener.changed()
  }
}
