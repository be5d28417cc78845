import type { Right } from '../../../workbook/grade/labs/edited-programs.ts'

export default [
  {
    name: 'header by a loop',
    edits: [
      {
        file: 'response.ts',
        find: `    const colon = line.indexOf(':')
    const name = line.slice(0, Math.max(0, colon))
    // A CR that ends no line means different things to different programs, too (RFC 9112 §2.2).
    if (!/^[!#$%&'*+.^_\`|~0-9A-Za-z-]+$/.test(name) || line.includes('\\r')) {
      throw new Error(\`header: expected NAME: VALUE, received \${JSON.stringify(line.slice(0, 60))}\`)
    }
    this.headers.append(name, trimBlanks(line.slice(colon + 1)))`,
        replace: `    let colon = 0
    const separators = '"(),/:;<=>?@[\\\\]{} \\t'
    while (colon < line.length && line[colon] !== ':') {
      const character = line[colon]!
      if (separators.includes(character) || character <= ' ' || character > '~') throw new SyntaxError(line)
      colon++
    }
    if (colon === 0 || colon === line.length) throw new SyntaxError(line)
    for (const character of line) if (character === '\\r') throw new SyntaxError(line)
    let from = colon + 1
    let to = line.length
    for (; from < to && (line[from] === ' ' || line[from] === '\\t'); from++);
    for (; to > from && (line[to - 1] === ' ' || line[to - 1] === '\\t'); to--);
    this.headers.append(line.substring(0, colon), line.substring(from, to))`,
      },
      {
        file: 'response.ts',
        find: `    const lengths = new Set(contentLength.split(',').map(trimBlanks))
    const [length = ''] = lengths
    if (lengths.size !== 1 || !/^\\d{1,15}$/.test(length)) {
      throw new Error(\`Content-Length: expected one number, received \${JSON.stringify(contentLength)}\`)
    }
    this.#state = 'counted'
    this.#missing = Number(length)
    this.#checkLimit(this.#missing)
    this.complete = this.#missing === 0`,
        replace: `    let only: number | undefined
    for (const part of contentLength.split(',')) {
      const text = trimBlanks(part)
      let value = 0
      if (text === '') throw new Error('Content-Length without digits')
      for (const digit of text) {
        if (digit < '0' || digit > '9') throw new Error('Content-Length with something else than digits')
        value = value * 10 + Number(digit)
      }
      if (only !== undefined && only !== value) throw new Error('two lengths')
      only = value
    }
    if (only === 0) this.complete = true
    if (only! > this.#options.maxBody) throw new RangeError(\`\${only} is more than \${this.#options.maxBody}\`)
    this.#missing = only!
    this.#state = 'counted'`,
      },
      {
        file: 'response.ts',
        find: `    const size = /^([0-9a-f]{1,8})[ \\t]*(?:;.*)?$/i.exec(line)?.[1]
    if (size === undefined)
      throw new Error(\`chunk size: expected 1 to 8 hex digits, received \${JSON.stringify(line.slice(0, 60))}\`)
    this.#missing = Number.parseInt(size, 16)
    this.#checkLimit(this.#bodyLength + this.#missing)
    this.#state = this.#missing === 0 ? 'trailer' : 'chunk data'`,
        replace: `    const [digits = ''] = line.split(';', 1)
    const size = trimBlanks(digits)
    if (size.length === 0) throw new Error('no size')
    let value = 0
    for (const digit of size.toLowerCase()) {
      const at = '0123456789abcdef'.indexOf(digit)
      if (at === -1) throw new Error('chunk size is not hex')
      value = value * 16 + at
      this.#checkLimit(this.#bodyLength + value)
    }
    this.#missing = value
    if (value === 0) this.#state = 'trailer'
    else this.#state = 'chunk data'`,
      },
      {
        file: 'response.ts',
        find: `    if (this.#state === 'until close') {
      this.complete = true
    } else if (this.#state === 'head') {
      throw new Error('head: expected an empty line at its end, but the server closed the connection first')
    } else {
      const announced =
        this.#state === 'counted' ? \`\${this.#bodyLength + this.#missing} bytes\` : 'a last chunk of size 0'
      throw new Error(\`body: expected \${announced}, received \${this.#bodyLength} bytes and the end\`)
    }`,
        replace: `    switch (this.#state) {
      case 'until close':
        this.complete = true
        return
      case 'head':
        throw new Error(\`the head is not over after \${this.#headLength + this.#line.length} bytes\`)
      case 'counted':
        throw new Error(\`only \${this.#bodyLength} of \${this.#bodyLength + this.#missing} bytes came\`)
      case 'chunk data':
        throw new Error(\`\${this.#bodyLength} bytes came, \${this.#bodyLength + this.#missing} were announced so far\`)
      default:
        throw new Error(\`\${this.#bodyLength} bytes came, and no last chunk\`)
    }`,
      },
    ],
  },
  {
    name: 'redirect with a set and its own error',
    file: 'get.ts',
    find: `    const location = response.headers.get('location')
    if (![301, 302, 303, 307, 308].includes(response.status) || location === null) return response
    if (redirects === maxRedirects)
      throw new Error(\`redirects: expected at most \${maxRedirects}, received one more, to \${location}\`)
    at = new URL(location, at)`,
    replace: `    switch (response.status) {
      case 301: case 302: case 303: case 307: case 308: break
      default: return response
    }
    const location = response.headers.get('location')
    if (!location) return response
    const next = new URL(location, response.url)
    if (next.protocol !== 'http:' && next.protocol !== 'https:') throw new TypeError('neither http nor https: ' + next.href)
    if (redirects >= maxRedirects) throw new RangeError('gave up after ' + maxRedirects + ' redirects')
    at = next`,
  },
  {
    name: 'get with async iteration',
    file: 'get.ts',
    find: `  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      socket.destroy()
      reject(error)
    }
    const abort = () => fail(signal.reason instanceof Error ? inWords(signal.reason, url) : new Error('aborted'))
    const step = (advance: () => void) => {
      try {
        advance()
        if (parser.complete) resolve(answer(url, parser))
        if (parser.complete) socket.destroy()
      } catch (error) {
        fail(error as Error)
      }
    }
    if (signal.aborted) return abort()
    signal.addEventListener('abort', abort)
    socket.on('close', () => signal.removeEventListener('abort', abort))

    socket.on('data', (chunk) => step(() => parser.push(chunk)))
    socket.on('end', () => step(() => parser.end()))
    socket.on('error', (error) => fail(inWords(error, url)))
    socket.write(requestHead(url, method))
  })`,
    replace: `  return (async () => {
    const abort = () => void socket.destroy(signal.reason instanceof Error ? signal.reason : new Error('aborted'))
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort)
    try {
      if (!socket.destroyed) socket.write(requestHead(url, method))
      for await (const chunk of socket) {
        parser.push(chunk)
        if (parser.complete) break
      }
      parser.end()
      return answer(url, parser)
    } catch (error) {
      throw signal.aborted || (error as NodeJS.ErrnoException).code ? inWords(error as Error, url) : error
    } finally {
      signal.removeEventListener('abort', abort)
      socket.destroy()
    }
  })()`,
  },
  {
    name: 'whole parser by a generator',
    file: 'response.ts',
    text: `/** Which request was asked, and how much the answer may hold. */
export interface ParserOptions {
  method?: 'GET' | 'HEAD'
  maxHead?: number
  maxBody?: number
}

type Wanted = 'line' | 'rest' | number

/** Reads one answer: a generator asks for a line, for n bytes or for whatever there is. */
export class ResponseParser {
  status = 0
  headers = new Headers()
  complete = false
  #maxHead: number
  #maxBody: number
  #method: string
  #pending = Buffer.alloc(0)
  #parts: Buffer[] = []
  #taken = 0
  #announced: number | undefined
  #headBytes = 0
  #steps: Generator<Wanted, void, Buffer>
  #wanted: Wanted | undefined

  constructor(options: ParserOptions = {}) {
    this.#maxHead = options.maxHead ?? 16384
    this.#maxBody = options.maxBody ?? 1 << 24
    this.#method = options.method ?? 'GET'
    this.#steps = this.#read()
    this.#wanted = this.#steps.next().value ?? undefined
  }

  get body(): Buffer {
    return Buffer.concat(this.#parts)
  }

  push(chunk: Uint8Array): void {
    if (this.complete) return
    this.#pending = Buffer.concat([this.#pending, chunk])
    while (!this.complete && this.#wanted !== undefined) {
      const piece = this.#piece(this.#wanted)
      if (piece === undefined) return
      this.#pending = this.#pending.subarray(piece.length)
      this.#advance(piece)
    }
  }

  end(): void {
    if (this.complete) return
    if (this.#wanted === 'rest') {
      this.complete = true
      return
    }
    if (this.#announced !== undefined) throw new Error(\`\${this.#announced} bytes were announced, \${this.#taken} came\`)
    throw new Error(\`the connection ended early, after \${this.#taken} bytes of body\`)
  }

  #piece(wanted: Wanted): Buffer | undefined {
    if (wanted === 'line') {
      const at = this.#pending.indexOf(10)
      if (this.#headBytes + (at === -1 ? this.#pending.length : at) > this.#maxHead) throw new RangeError('head too long: more than ' + this.#maxHead)
      return at === -1 ? undefined : this.#pending.subarray(0, at + 1)
    }
    if (this.#pending.length === 0) return undefined
    return wanted === 'rest' ? this.#pending : this.#pending.subarray(0, wanted)
  }

  #advance(piece: Buffer): void {
    const step = this.#steps.next(piece)
    if (step.done) {
      this.complete = true
      this.#wanted = undefined
    } else this.#wanted = step.value
  }

  *#line(counts: boolean): Generator<Wanted, string, Buffer> {
    const bytes = yield 'line'
    if (counts) this.#headBytes += bytes.length
    const text = bytes.toString('latin1').slice(0, -1)
    return text.endsWith('\\r') ? text.slice(0, -1) : text
  }

  #keep(piece: Buffer): void {
    this.#taken += piece.length
    this.#limit(this.#taken)
    this.#parts.push(piece)
  }

  #limit(length: number): void {
    if (length > this.#maxBody) throw new RangeError(\`\${length} bytes of body, at most \${this.#maxBody} are taken\`)
  }

  *#count(length: number): Generator<Wanted, void, Buffer> {
    for (let left = length; left > 0; ) {
      const piece = yield left
      left -= piece.length
      this.#keep(piece)
    }
  }

  *#read(): Generator<Wanted, void, Buffer> {
    do {
      this.headers = new Headers()
      this.status = 0
      const first = yield* this.#line(true)
      const match = /^HTTP\\/1\\.[01] ([1-5][0-9]{2})( |$)/.exec(first)
      if (match === null) throw new Error('no status line: ' + JSON.stringify(first.slice(0, 40)))
      this.status = Number(match[1])
      for (let line = yield* this.#line(true); line !== ''; line = yield* this.#line(true)) {
        const colon = line.indexOf(':')
        if (colon < 1 || /[^!#$%&'*+.^_\`|~0-9A-Za-z-]/.test(line.slice(0, colon)) || line.indexOf('\\r') >= 0)
          throw new Error('bad header ' + JSON.stringify(line.slice(0, 40)))
        this.headers.append(line.slice(0, colon), line.slice(colon + 1).replace(/^[ \\t]+/, '').split('').reverse().join('').replace(/^[ \\t]+/, '').split('').reverse().join(''))
      }
    } while (this.status < 200 && this.status !== 101)
    if (this.#method === 'HEAD' || [101, 204, 304].includes(this.status)) return
    const coding = this.headers.get('Transfer-Encoding')
    const length = this.headers.get('Content-Length')
    if (coding !== null) {
      if (length !== null) throw new Error('both lengths')
      if (coding.toLowerCase() !== 'chunked') throw new Error('coding ' + coding)
      for (;;) {
        const line = yield* this.#line(false)
        const semicolon = line.indexOf(';')
        const size = (semicolon === -1 ? line : line.slice(0, semicolon)).trimEnd()
        if (!/^[0-9a-f]{1,12}$/i.test(size)) throw new Error('chunk size ' + JSON.stringify(line.slice(0, 40)))
        const bytes = Number('0x' + size)
        if (bytes === 0) break
        this.#limit(this.#taken + bytes)
        yield* this.#count(bytes)
        if ((yield* this.#line(false)) !== '') throw new Error('no CRLF behind a chunk')
      }
      while ((yield* this.#line(true)) !== '');
    } else if (length !== null) {
      const parts = length.split(',').map((part) => part.replaceAll('\\t', ' ').trim())
      if (!parts.every((part) => part === parts[0] && /^[0-9]{1,15}$/.test(part))) throw new Error('length ' + length)
      this.#announced = Number(parts[0])
      this.#limit(this.#announced)
      yield* this.#count(this.#announced)
    } else {
      for (;;) this.#keep(yield 'rest')
    }
  }
}
`,
  },
] satisfies Right[]
