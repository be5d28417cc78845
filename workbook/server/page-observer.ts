import type { Channel } from '../wire/formats/channel.ts'
import type { MirrorEvent } from '../wire/formats/mirror-messages.ts'
import type { Observer } from './event-log.ts'
import type { Limits } from './limits.ts'

/**
 * Tells a page what it watches. A page that stalls costs bounded memory: past the backlog chunks are left out, and
 * counted; it is told the count when it reads again.
 */
export class PageObserver implements Observer {
  readonly #channel: Channel
  readonly #limits: Limits
  readonly #watched = new Set<string>()
  readonly #dropped = new Map<string, { chunks: number; bytes: number }>()

  constructor(channel: Channel, limits: Limits) {
    this.#channel = channel
    this.#limits = limits
  }

  /** From now on the page is told of this target. */
  watch(target: string): void {
    this.#watched.add(target)
  }

  unwatch(target: string): void {
    this.#watched.delete(target)
  }

  /** Sends what concerns all pages, or a target that this one watches. */
  event(event: MirrorEvent): void {
    const concerns = 'target' in event && event.target !== undefined && event.type !== 'watching'
    if (!concerns || this.#watched.has(event.target!)) this.send(event)
  }

  /** Sends an event, or ends the channel of a page that has long stopped reading. */
  send(event: MirrorEvent): void {
    // Events are small; a page with twice the backlog of them has long stopped reading.
    if (this.#channel.bufferedAmount > 2 * this.#limits.backlogBytes) this.#channel.end()
    else this.#channel.send(JSON.stringify(event), this.#sent)
  }

  chunk(target: string, encoded: Uint8Array): void {
    if (!this.#watched.has(target)) return
    if (this.#channel.bufferedAmount <= this.#limits.backlogBytes) return this.#channel.send(encoded, this.#sent)
    const dropped = this.#dropped.get(target) ?? { chunks: 0, bytes: 0 }
    this.#dropped.set(target, { chunks: dropped.chunks + 1, bytes: dropped.bytes + encoded.length })
  }

  #sent = (): void => {
    if (this.#dropped.size === 0 || this.#channel.bufferedAmount > this.#limits.backlogBytes / 2) return
    const dropped = [...this.#dropped]
    this.#dropped.clear()
    for (const [target, { chunks, bytes }] of dropped) this.send({ type: 'dropped', target, chunks, bytes })
  }
}
