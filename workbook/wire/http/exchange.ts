import type { Direction } from '../model/chunk.ts'
import type { Dialogue, Opening } from '../model/protocol.ts'
import { type Sentence, sentence } from '../model/sentence.ts'
import { BytesReader } from '../plain/reader.ts'
import type { Reader } from '../stream/reader.ts'
import { checkEarlyAnswer, checkRequest, checkResponse, extensions, wantsWebSocket } from '../websocket/handshake.ts'
import { openFrames } from '../websocket/reader.ts'
import { BodyReader } from './body-reader.ts'
import { ChunkedReader } from './chunked-reader.ts'
import { type Head, hasToken, headerValue, type RequestHead, type ResponseHead } from './head.ts'
import { HeadReader } from './head-reader.ts'
import { WaitReader } from './wait-reader.ts'

/** The most requests whose answer is still to come; a tap need not remember more. */
const maxWaiting = 256

/** The HTTP part of a connection: pairs requests with responses, and says who reads what follows each head. */
export class Exchange implements Dialogue {
  readonly c2s: Reader = new HeadReader(this, 'request')
  readonly s2c: Reader = new HeadReader(this, 'response')
  /** how many responses came that were not interim */
  answers = 0
  readonly #opening: Opening
  readonly #waiting: RequestHead[] = []
  /** the response that opened a WebSocket */
  #accepted: ResponseHead | undefined
  /** what an upgrade led to */
  #upgraded: Dialogue | undefined

  constructor(opening: Opening) {
    this.#opening = opening
  }

  /** A client that has said nothing when its connection is upgraded may have asked elsewhere. */
  follow(direction: Direction): Reader | undefined {
    return direction === 'c2s' ? this.#upgraded?.c2s : undefined
  }

  /** Adds what is wrong to the head. @returns who reads what follows it in its direction */
  onHead(head: Head): Reader {
    return head.type === 'request' ? this.#onRequest(head) : this.#onResponse(head)
  }

  /** Who reads after a message: its next one, or what an upgrade led to. */
  next(direction: Direction): Reader {
    return this.#upgraded?.[direction] ?? this.#opening.detect(direction)
  }

  /** Why a client that waits for an answer in HTTP will get none; `undefined` while it may. */
  get noAnswer(): Sentence | undefined {
    const spoken = this.#opening.spoken('s2c') ?? 'http'
    if (spoken !== 'http') return sentence('http.other-answer')
    return this.#opening.hasEnded('s2c') ? sentence('http.no-answer') : undefined
  }

  #onRequest(head: RequestHead): Reader {
    this.#waiting.push(head)
    if (this.#waiting.length > maxWaiting) this.#waiting.shift()
    if (!wantsWebSocket(head)) return this.#bodyReader(head, 'c2s', 0) ?? this.next('c2s')
    head.problems.push(...checkRequest(head))
    if (!this.#accepted) return new WaitReader(this)
    head.problems.push(...checkEarlyAnswer(head, this.#accepted))
    return this.next('c2s')
  }

  #onResponse(head: ResponseHead): Reader {
    const isInterim = head.status >= 100 && head.status < 200 && head.status !== 101
    if (isInterim) return this.#opening.detect('s2c')
    this.answers++
    const request = this.#waiting.shift()
    const isAsked = request !== undefined && wantsWebSocket(request)
    if (isAsked) head.problems.push(...checkResponse(head, request))
    if (head.status === 101) return this.#onUpgrade(head, isAsked)
    const isEmpty = request?.method === 'HEAD' || head.status === 204 || head.status === 304
    const reader = isEmpty ? undefined : this.#bodyReader(head, 's2c', Number.POSITIVE_INFINITY)
    return reader ?? this.#opening.detect('s2c')
  }

  #onUpgrade(head: ResponseHead, isAsked: boolean): Reader {
    if (isAsked || hasToken(head, 'upgrade', 'websocket')) {
      this.#accepted = head
      const deflate = extensions(head).some(({ name }) => name === 'permessage-deflate')
      this.#upgraded = openFrames({ deflate })
    } else {
      const unknown = new BytesReader(sentence('http.other-upgrade'))
      this.#upgraded = { c2s: unknown, s2c: unknown }
    }
    return this.#upgraded.s2c
  }

  /** @param unknown length of the content when no header says it, in bytes @returns `undefined` when there is none */
  #bodyReader(head: Head, direction: Direction, unknown: number): Reader | undefined {
    const next = () => (direction === 'c2s' ? this.next('c2s') : this.#opening.detect('s2c'))
    if (hasToken(head, 'transfer-encoding', 'chunked')) return new ChunkedReader(next)
    const value = headerValue(head, 'content-length')
    const length = value !== undefined && /^\d{1,15}$/.test(value) ? Number(value) : unknown
    return length === 0 ? undefined : new BodyReader(length, next)
  }
}
