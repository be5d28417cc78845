import { guard, type Rules, valuesOf } from './guard.ts'
import { headEnd, parseHead, speaksHttp } from './head.ts'

export interface FilterRefusal {
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
  readonly #headBytes: number
  #state: 'first' | 'head' | 'open' = 'first'
  #held: Buffer[] = []
  /** what the guard has not looked at: the beginning of a head, or what follows one */
  #unread = Buffer.alloc(0)
  #http = false
  /** bytes of a request's body that are still to come */
  #body = 0

  constructor(rules: Rules, headBytes: number) {
    this.#rules = rules
    this.#headBytes = headBytes
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

  push(chunk: Buffer): FilterResult {
    this.#held.push(chunk)
    if (this.#isOpen()) return this.#release()
    this.#unread = Buffer.concat([this.#unread, chunk])

    for (;;) {
      const body = Math.min(this.#body, this.#unread.length)
      this.#unread = this.#unread.subarray(body)
      this.#body -= body
      if (this.#unread.length === 0) return this.#release()

      if (this.#state === 'first' && speaksHttp(this.#unread) === 'no') return this.open()
      const end = headEnd(this.#unread)
      if ((end ?? this.#unread.length) > this.#headBytes) {
        return refuse(431, `Head: expected at most ${this.#headBytes} bytes.`)
      }
      if (this.#state === 'first' && speaksHttp(this.#unread) === 'yes') this.#state = 'head'
      if (end === undefined) return { pass: [] }

      const refused = this.#read(this.#unread.subarray(0, end))
      if (refused) return { refused }
      this.#unread = this.#unread.subarray(end)
      if (this.#isOpen()) return this.open()
    }
  }

  /** From now on everything passes. */
  open(): FilterResult {
    this.#state = 'open'
    this.#unread = Buffer.alloc(0)
    return this.#release()
  }

  #isOpen(): boolean {
    return this.#state === 'open'
  }

  #read(bytes: Buffer): FilterRefusal | undefined {
    const head = parseHead(bytes)
    if (!head) return { status: 400, why: 'Head: expected a request line and headers (RFC 9112 §2.1).' }
    const refused = guard(head.headers, this.#rules)
    if (refused) return refused
    this.#http = true

    if (valuesOf(head.headers, 'upgrade').length > 0) this.#state = 'open'
    if (valuesOf(head.headers, 'transfer-encoding').length > 0) {
      // Browsers always send a length, so what follows cannot hide a request of a foreign page.
      if (valuesOf(head.headers, 'origin').length > 0) return { status: 411, why: 'Body: expected a Content-Length.' }
      this.#state = 'open'
    }
    const lengths = valuesOf(head.headers, 'content-length')
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

function refuse(status: FilterRefusal['status'], why: string): FilterResult {
  return { refused: { status, why } }
}
