/** Which request was asked, and how much the answer may hold. */
export interface ParserOptions {
  /** method of the request: the answer to HEAD has the headers of a body, and no body (RFC 9110 §9.3.2) */
  method?: 'GET' | 'HEAD'
  /** longest head, and longest single line of a chunked body, in bytes. Default 16 KiB */
  maxHead?: number
  /** longest body in bytes. Default 16 MiB */
  maxBody?: number
}

type State = 'head' | 'counted' | 'chunk size' | 'chunk data' | 'chunk end' | 'trailer' | 'until close'

/**
 * Reads one HTTP/1.1 response from chunks that are cut anywhere (RFC 9112). Bytes after the response are ignored.
 *
 * @throws {Error} from `push` and `end`, with a sentence that says what was expected and what came
 */
export class ResponseParser {
  status = 0
  headers = new Headers()
  complete = false

  readonly #options: Required<ParserOptions>
  /** the body so far, and room for more: a Buffer for each chunk of one byte would take a hundred times as much */
  #body = Buffer.alloc(0)
  #bodyLength = 0
  #state: State = 'head'
  /** the line that is still arriving; one character for one byte */
  #line = ''
  #headLength = 0
  /** bytes that are still to come of a counted body, or of the current chunk */
  #missing = 0

  // An option that is given as undefined has its default, too: `{ ...defaults, ...options }` would lose a limit here.
  constructor({ method = 'GET', maxHead = 16 * 1024, maxBody = 16 * 1024 * 1024 }: ParserOptions = {}) {
    this.#options = { method, maxHead, maxBody }
  }

  /** what has arrived of the body */
  get body(): Buffer {
    return this.#body.subarray(0, this.#bodyLength)
  }

  /**
   * Takes the next bytes of the connection.
   *
   * @throws {Error} when they break a rule of HTTP or one of the limits
   */
  push(chunk: Uint8Array): void {
    let rest = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)
    while (rest.length > 0 && !this.complete) {
      const inBody = this.#state === 'counted' || this.#state === 'chunk data' || this.#state === 'until close'
      rest = inBody ? this.#takeBody(rest) : this.#takeLine(rest)
    }
  }

  /** Takes the server's FIN. @throws {Error} when something is still missing */
  end(): void {
    if (this.complete) return
    // #region end
    // TODO 4: A FIN completes a body that has no length. Every other body that is not complete is an
    // error that names the bytes that came and the bytes that were announced (RFC 9112 §8). In chunks nobody has
    // announced them all: there the bytes that came are named, and that the last chunk is missing.
    // starter: this.complete = true

    if (this.#state === 'until close') {
      this.complete = true
    } else if (this.#state === 'head') {
      throw new Error('head: expected an empty line at its end, but the server closed the connection first')
    } else {
      const announced =
        this.#state === 'counted' ? `${this.#bodyLength + this.#missing} bytes` : 'a last chunk of size 0'
      throw new Error(`body: expected ${announced}, received ${this.#bodyLength} bytes and the end`)
    }
    // #endregion
  }

  #takeLine(bytes: Buffer): Buffer {
    const lineFeed = bytes.indexOf(0x0a)
    this.#line += bytes.toString('latin1', 0, lineFeed === -1 ? bytes.length : lineFeed)
    if (this.#headLength + this.#line.length > this.#options.maxHead) {
      throw new Error(`head: expected at most ${this.#options.maxHead} bytes, received more`)
    }
    if (lineFeed === -1) return bytes.subarray(bytes.length)

    // A line ends with CR LF; a recipient may take a lone LF, too (RFC 9112 §2.2).
    const line = this.#line.replace(/\r$/, '')
    this.#headLength += this.#state === 'head' || this.#state === 'trailer' ? this.#line.length + 1 : 0
    this.#line = ''
    this.#readLine(line)
    return bytes.subarray(lineFeed + 1)
  }

  #readLine(line: string): void {
    if (this.#state === 'chunk size') this.#readChunkSize(line)
    else if (this.#state === 'chunk end') this.#readChunkEnd(line)
    else if (this.#state === 'trailer') this.complete = line === ''
    else if (this.status === 0) this.#readStatus(line)
    else if (line !== '') this.#readHeader(line)
    else this.#endHead()
  }

  #readStatus(line: string): void {
    const status = /^HTTP\/1\.[01] ([1-5]\d\d)(?: |$)/.exec(line)?.[1]
    if (status === undefined)
      throw new Error(`status line: expected HTTP/1.1 and three digits, received ${JSON.stringify(line.slice(0, 60))}`)
    this.status = Number(status)
  }

  #readHeader(line: string): void {
    // #region header
    // TODO 1: Add the header to `this.headers`: the name ends at the first colon, blanks around the value
    // do not belong to it. Refuse a line without a colon, or with a blank before it (RFC 9112 §5.1).
    // starter: void line

    const colon = line.indexOf(':')
    const name = line.slice(0, Math.max(0, colon))
    // A CR that ends no line means different things to different programs, too (RFC 9112 §2.2).
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name) || line.includes('\r')) {
      throw new Error(`header: expected NAME: VALUE, received ${JSON.stringify(line.slice(0, 60))}`)
    }
    this.headers.append(name, trimBlanks(line.slice(colon + 1)))
    // #endregion
  }

  /** Decides how the end of the body is known (RFC 9112 §6.3). */
  #endHead(): void {
    const { status } = this
    if (status < 200 && status !== 101) return this.#startAgain() // 100 Continue and the like: the answer is still to come
    const transferEncoding = this.headers.get('transfer-encoding')?.toLowerCase()
    const contentLength = this.headers.get('content-length')

    if (this.#options.method === 'HEAD' || status === 101 || status === 204 || status === 304) {
      this.complete = true
    } else if (transferEncoding !== undefined) {
      if (contentLength !== null) throw new Error('head: expected Transfer-Encoding or Content-Length, received both')
      if (transferEncoding !== 'chunked')
        throw new Error(`Transfer-Encoding: expected chunked, received ${transferEncoding}`)
      this.#state = 'chunk size'
    } else if (contentLength !== null) {
      this.#startCounted(contentLength)
    } else {
      this.#state = 'until close'
    }
  }

  #startAgain(): void {
    this.status = 0
    this.headers = new Headers()
  }

  #startCounted(contentLength: string): void {
    // #region length
    // TODO 2: The body has `contentLength` bytes: set the state to 'counted' and `#missing`, or complete at
    // once for 0. The same number twice ("5, 5") is that number; two numbers, or no number, are an error.
    // starter: this.#state = 'until close'

    const lengths = new Set(contentLength.split(',').map(trimBlanks))
    const [length = ''] = lengths
    if (lengths.size !== 1 || !/^\d{1,15}$/.test(length)) {
      throw new Error(`Content-Length: expected one number, received ${JSON.stringify(contentLength)}`)
    }
    this.#state = 'counted'
    this.#missing = Number(length)
    this.#checkLimit(this.#missing)
    this.complete = this.#missing === 0
    // #endregion
  }

  #readChunkSize(line: string): void {
    // #region chunk
    // TODO 3: The line is the size of the next chunk in hex, perhaps with an extension after `;`. Size 0
    // is the last: what follows are trailer lines up to an empty one (RFC 9112 §7.1).
    // starter: this.#state = 'until close'

    const size = /^([0-9a-f]{1,8})[ \t]*(?:;.*)?$/i.exec(line)?.[1]
    if (size === undefined)
      throw new Error(`chunk size: expected 1 to 8 hex digits, received ${JSON.stringify(line.slice(0, 60))}`)
    this.#missing = Number.parseInt(size, 16)
    this.#checkLimit(this.#bodyLength + this.#missing)
    this.#state = this.#missing === 0 ? 'trailer' : 'chunk data'
    // #endregion
  }

  #readChunkEnd(line: string): void {
    if (line !== '')
      throw new Error(`chunk: expected CR LF after its data, received ${JSON.stringify(line.slice(0, 60))}`)
    this.#state = 'chunk size'
  }

  #takeBody(bytes: Buffer): Buffer {
    const taken = this.#state === 'until close' ? bytes : bytes.subarray(0, this.#missing)
    this.#checkLimit(this.#bodyLength + taken.length)
    this.#keep(taken)
    if (this.#state !== 'until close') {
      this.#missing -= taken.length
      if (this.#missing === 0 && this.#state === 'counted') this.complete = true
      if (this.#missing === 0 && this.#state === 'chunk data') this.#state = 'chunk end'
    }
    return bytes.subarray(taken.length)
  }

  /** Copies bytes behind the body, in a store twice as large when it is full: so growing costs little on average. */
  #keep(bytes: Buffer): void {
    const length = this.#bodyLength + bytes.length
    if (length > this.#body.length) {
      const store = Buffer.alloc(Math.max(1024, length * 2))
      store.set(this.body)
      this.#body = store
    }
    this.#body.set(bytes, this.#bodyLength)
    this.#bodyLength = length
  }

  #checkLimit(length: number): void {
    if (length > this.#options.maxBody)
      throw new Error(`body: expected at most ${this.#options.maxBody} bytes, received ${length} or more`)
  }
}

/** The text without the blanks and tabs at its ends. `trim()` takes line breaks and no-break spaces for blanks, too. */
function trimBlanks(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && isBlank(text[start])) start++
  while (end > start && isBlank(text[end - 1])) end--
  return text.slice(start, end)
}

/** Whether HTTP takes the character for a blank (RFC 9110 §5.6.3). */
function isBlank(character: string | undefined): boolean {
  return character === ' ' || character === '\t'
}
