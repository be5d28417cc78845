/** The head of an HTTP/1.1 request, as far as the guard needs it (RFC 9112 §2, §3). */
export interface RequestHead {
  method: string
  target: string
  /** names and values in turn, as in `rawHeaders` of Node */
  headers: string[]
}

const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+"
const requestLine = new RegExp(`^(${token}) (\\S+) HTTP/1\\.[01]$`)
const headerLine = new RegExp(`^(${token}):[ \\t]*(.*?)[ \\t]*$`)
// `.` would stop at a lone CR, and let it through as no HTTP.
const wholeLine = new RegExp(`^${token} [^]*HTTP/\\d`)
const lineSoFar = new RegExp(`^${token}( ([/*h][^]*)?)?$`)

/**
 * Whether a connection that begins with these bytes speaks HTTP: `maybe` while the first line could still become a
 * request line. `hello world` is a `no` at the `w`, and `hello` a `maybe`.
 */
export function speaksHttp(bytes: Buffer): 'yes' | 'no' | 'maybe' {
  const end = bytes.indexOf('\n')
  if (end >= 0) return wholeLine.test(bytes.toString('latin1', 0, end)) ? 'yes' : 'no'
  return lineSoFar.test(bytes.toString('latin1')) ? 'maybe' : 'no'
}

/** Where the head ends, the empty line included; `undefined` while it is still arriving. */
export function headEnd(bytes: Buffer): number | undefined {
  const found = /\r?\n\r?\n/.exec(bytes.toString('latin1'))
  return found ? found.index + found[0].length : undefined
}

/** @returns `undefined` for anything but a clean head: no folded line, no blank before a colon */
export function parseHead(bytes: Buffer): RequestHead | undefined {
  const [first = '', ...lines] = bytes.toString('latin1').trimEnd().split(/\r?\n/)
  const request = requestLine.exec(first)
  if (!request) return
  const headers: string[] = []
  for (const line of lines) {
    const header = headerLine.exec(line)
    if (!header) return
    headers.push(header[1]!, header[2]!)
  }
  return { method: request[1]!, target: request[2]!, headers }
}

/** An answer of one sentence that ends the connection. No CORS header: no other page is meant to read it. */
export function plainAnswer(status: number, sentence: string): string {
  const body = `${sentence}\n`
  return [
    `HTTP/1.1 ${status} ${reasons[status] ?? 'Error'}`,
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'X-Content-Type-Options: nosniff',
    'Cache-Control: no-store',
    'Connection: close',
    '',
    body,
  ].join('\r\n')
}

const reasons: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  408: 'Request Timeout',
  411: 'Length Required',
  426: 'Upgrade Required',
  431: 'Request Header Fields Too Large',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
}
