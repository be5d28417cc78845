import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { ResponseParser } from './response.ts'

/** How long to wait, how much to take, and whom to trust. */
export interface GetOptions {
  /** milliseconds for everything, redirects included. Default 10,000 */
  timeout?: number
  /** signal that gives up, with its reason */
  signal?: AbortSignal
  /** redirects to follow before giving up. Default 5 */
  maxRedirects?: number
  /** longest body in bytes. Default 16 MiB */
  maxBody?: number
  /** certificate authorities to trust for https, in PEM. Default: those of Node */
  ca?: string
  method?: 'GET' | 'HEAD'
}

/** A whole answer. */
export interface HttpResponse {
  /** where the answer came from, after the redirects */
  url: URL
  status: number
  headers: Headers
  body: Buffer
  /** the body in the charset that Content-Type names, UTF-8 otherwise */
  text(): string
}

/**
 * Fetches a page over `net` or `tls`, by hand.
 *
 * @throws {Error} with a sentence: no connection, timed out, a broken or too large answer, too many redirects
 */
export async function get(url: string | URL, options: GetOptions = {}): Promise<HttpResponse> {
  const { maxRedirects = 5, timeout = 10_000 } = options
  const late = AbortSignal.timeout(timeout)
  const signal = options.signal ? AbortSignal.any([options.signal, late]) : late
  let at = new URL(url)
  for (let redirects = 0; ; redirects++) {
    const response = await request(at, { ...options, signal })
    // TODO 5: Follow 301, 302, 303, 307 and 308 to the Location, which may be relative to `at`, at most
    // `maxRedirects` times. More than that is an error that names this limit. A Location that is not http or
    // https is an error, too.
    return response
  }
}

function request(url: URL, options: GetOptions & { signal: AbortSignal }): Promise<HttpResponse> {
  const { signal, method = 'GET' } = options
  const parser = new ResponseParser({ method, maxBody: options.maxBody })
  const socket = open(url, options.ca)

  return new Promise((resolve, reject) => {
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
  })
}

/** `URL` has already percent-encoded blanks, CR and LF in path and query, so nothing can break out of its line. */
function requestHead(url: URL, method: string): string {
  return [
    `${method} ${url.pathname}${url.search} HTTP/1.1`,
    `Host: ${url.host}`,
    'Accept: */*',
    'Connection: close',
    '',
    '',
  ].join('\r\n')
}

function open(url: URL, ca?: string): Socket {
  // In a URL an IPv6 address stands in brackets; a socket wants it without.
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  if (url.protocol === 'http:') return connect({ host, port: Number(url.port || 80) })
  if (url.protocol === 'https:')
    return connectTls({ host, port: Number(url.port || 443), servername: /^[\d.]+$|:/.test(host) ? '' : host, ca })
  throw new Error(`URL: expected http: or https:, received ${url.protocol}`)
}

function answer(url: URL, { status, headers, body }: ResponseParser): HttpResponse {
  const charset = /charset="?([\w-]+)/i.exec(headers.get('content-type') ?? '')?.[1] ?? 'utf-8'
  return { url, status, headers, body, text: () => decoder(charset).decode(body) }
}

function decoder(charset: string): TextDecoder {
  try {
    return new TextDecoder(charset)
  } catch {
    return new TextDecoder() // a charset nobody knows: UTF-8 shows most of it
  }
}

function inWords(error: NodeJS.ErrnoException, url: URL): Error {
  const sentences: Record<string, string> = {
    ECONNREFUSED: `nobody listens on ${url.host}`,
    ECONNRESET: `${url.host} reset the connection`,
    ENOTFOUND: `there is no host ${url.hostname}`,
    TimeoutError: `${url.host} did not answer in time`,
  }
  return new Error(sentences[error.code ?? ''] ?? sentences[error.name] ?? error.message, { cause: error })
}
