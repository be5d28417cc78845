import { type Mode, plain } from '../stream/reader.ts'
import { checkEarlyAnswer, checkRequest, checkResponse, extensions, wantsWebSocket } from '../websocket/handshake.ts'
import { ChunkedBody } from './chunked.ts'
import { type Head, hasToken, headerValue, type RequestHead, type ResponseHead } from './head.ts'

/** What a response means for the bytes after it. */
interface Next {
  server: Mode
  /** how a client that waits for the answer goes on; none after an interim response */
  client?: Mode
}

/** Requests whose answer is still to come, at most; a tap need not remember more. */
const maxWaiting = 256

/** The HTTP part of a connection: pairs requests with responses, and says what follows each head. */
export class Exchange {
  /** of the WebSocket handshake */
  request: RequestHead | undefined
  response: ResponseHead | undefined
  /** how the client's bytes are to be read between two messages: its next request, or what an upgrade led to */
  client: Mode = { name: 'detect' }
  readonly #waiting: RequestHead[] = []

  /** Adds its problems to the head. @returns how the client's bytes after it are to be read */
  onRequest(head: RequestHead): Mode {
    this.#waiting.push(head)
    if (this.#waiting.length > maxWaiting) this.#waiting.shift()
    if (!wantsWebSocket(head)) return bodyMode(head, 0) ?? this.client
    head.problems.push(...checkRequest(head))
    this.request = head
    if (!this.response) return { name: 'wait' }
    head.problems.push(...checkEarlyAnswer(head, this.response))
    return this.client
  }

  onResponse(head: ResponseHead): Next {
    const interim = head.status >= 100 && head.status < 200 && head.status !== 101
    if (interim) return { server: { name: 'detect' } }
    const request = this.#waiting.shift()
    const asked = request !== undefined && wantsWebSocket(request)
    if (asked) head.problems.push(...checkResponse(head, request))
    if (head.status === 101) return this.#onUpgrade(head, asked)
    const empty = request?.method === 'HEAD' || head.status === 204 || head.status === 304
    const server = empty ? undefined : bodyMode(head, Number.POSITIVE_INFINITY)
    return { server: server ?? { name: 'detect' }, client: this.client }
  }

  #onUpgrade(head: ResponseHead, asked: boolean): Next {
    if (!asked && !hasToken(head, 'upgrade', 'websocket')) this.client = plain('after an upgrade to another protocol')
    else {
      this.response = head
      const deflate = extensions(head).some(({ name }) => name === 'permessage-deflate')
      this.client = { name: 'frames', deflate }
    }
    return { server: this.client, client: this.client }
  }
}

/** @param unknown length of the content when no header says it, in bytes @returns `undefined` when there is none */
function bodyMode(head: Head, unknown: number): Mode | undefined {
  if (hasToken(head, 'transfer-encoding', 'chunked')) return { name: 'chunked', body: new ChunkedBody() }
  const value = headerValue(head, 'content-length')
  const length = value !== undefined && /^\d{1,15}$/.test(value) ? Number(value) : unknown
  return length === 0 ? undefined : { name: 'body', length }
}
