import { isReadable, parseHead } from '../wire/http/head.ts'
import { FirstLine, HeadEnd } from '../wire/http/head-stream.ts'
import { guard, type Rules, valuesOf } from './guard.ts'

interface FilterRefusal {
  status: 400 | 401 | 403 | 408 | 411 | 431
  why: string
}

/** What to do with the bytes: send these on, as they came; nothing yet; or refuse. */
export type FilterResult = { pass: Buffer[] } | { refused: FilterRefusal }

/**
 * Stands between a client and a tapped server. Holds bytes back until it is known that they are no HTTP request, or
 * until the guard has seen the whole head; and again for each further request of a connection that is kept alive.
 * What it passes is what came, in the same pieces.
 */
export class RequestFilter {
  readonly #rules: Rules
  readonly #maxHeadBytes: number
  #state: 'first' | 'head' | 'open' = 'first'
  /** the pieces that wait for what the guard says, as they came */
  #held: Buffer[] = []
  readonly #firstLine = new FirstLine()
  /** the head that is arriving */
  #head: Buffer[] = []
  #headLength = 0
  #headEnd = new HeadEnd()
  #http = false
  /** bytes of a request's body that are still to come */
  #body = 0

  /** @param maxHeadBytes the longest head that is let through, in bytes */
  constructor(rules: Rules, maxHeadBytes: number) {
    this.#rules = rules
    this.#maxHeadBytes = maxHeadBytes
  }

  /** Whether the bytes so far may or may not be HTTP; none came, or less than a line. */
  get undecided(): boolean {
    return this.#state === 'first'
  }

  /** Whether bytes are held back. */
  get holding(): boolean {
    return this.#held.length > 0
  }

  /** Whether a whole request was let through. */
  get http(): boolean {
    return this.#http
  }

  /** Takes the next bytes of the client. Each is looked at once, however they are cut. */
  push(chunk: Buffer): FilterResult {
    this.#held.push(chunk)
    let rest = chunk
    while (!this.#isOpen()) {
      const body = Math.min(this.#body, rest.length)
      this.#body -= body
      rest = rest.subarray(body)
      if (rest.length === 0) break

      const end = this.#headEnd.push(rest)
      if (this.#state === 'first') {
        const speaks = this.#firstLine.push(rest)
        if (speaks === 'no') return this.open()
        if (speaks === 'yes') this.#state = 'head'
      }
      const part = rest.subarray(0, end)
      this.#head.push(part)
      this.#headLength += part.length
      if (this.#headLength > this.#maxHeadBytes) {
        return { refused: { status: 431, why: `Head: expected at most ${this.#maxHeadBytes} bytes.` } }
      }
      if (end === undefined) return { pass: [] }
      const refused = this.#read(this.#takeHead())
      if (refused) return { refused }
      rest = rest.subarray(end)
    }
    return this.#release()
  }

  /** From now on everything passes. */
  open(): FilterResult {
    this.#state = 'open'
    this.#head = []
    return this.#release()
  }

  #isOpen(): boolean {
    return this.#state === 'open'
  }

  /** The bytes of the head that has ended; the next one begins. */
  #takeHead(): Buffer {
    const bytes = Buffer.concat(this.#head)
    this.#head = []
    this.#headLength = 0
    this.#headEnd = new HeadEnd()
    return bytes
  }

  /** Looks at one whole head. @returns why it is refused, or nothing when it may pass */
  #read(bytes: Buffer): FilterRefusal | undefined {
    const head = parseHead(bytes)
    if (head?.type !== 'request' || !/^HTTP\/1\.[01]$/.test(head.version) || !isReadable(head)) {
      return { status: 400, why: 'Head: expected a request line and headers (RFC 9112 §2.1).' }
    }
    const headers = head.headers.flatMap(({ name, value }) => [name, value])
    const refused = guard(headers, this.#rules, 'data')
    if (refused) return refused
    this.#http = true

    if (valuesOf(headers, 'upgrade').length > 0) this.#state = 'open'
    if (valuesOf(headers, 'transfer-encoding').length > 0) {
      // Browsers always send a length, so what follows cannot hide a request of a foreign page.
      if (valuesOf(headers, 'origin').length > 0) return { status: 411, why: 'Body: expected a Content-Length.' }
      this.#state = 'open'
    }
    const lengths = valuesOf(headers, 'content-length')
    if (lengths.length > 1 || !/^\d{0,15}$/.test(lengths[0] ?? '')) {
      return { status: 400, why: 'Content-Length: expected one number (RFC 9112 §6.3).' }
    }
    this.#body = Number(lengths[0] ?? 0)
  }

  #release(): FilterResult {
    const pass = this.#held
    this.#held = []
    return { pass }
  }
}
