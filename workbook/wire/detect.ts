import { latin1 } from './http.ts'

/** No request line of a browser is longer; a stream that looks like one up to here is not HTTP. */
const longestLine = 16 * 1024

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH']
const starts = [...methods.map((method) => `${method} `), 'HTTP/1.']
const longestMethod = Math.max(...starts.map(({ length }) => length))
const requestLine = /^[A-Z]+ \S+ HTTP\/1\.\d\r?\n/
const statusLine = /^HTTP\/1\.\d \d{3}[^\n]*\n/

/**
 * Says what the first bytes of a stream, or the bytes after a message, begin.
 *
 * @returns `more` while they fit a first line of HTTP that has not ended
 */
export function detect(bytes: Uint8Array): 'http' | 'bytes' | 'more' {
  const first = latin1(bytes.subarray(0, longestMethod))
  if (!starts.some((start) => first.startsWith(start) || start.startsWith(first))) return 'bytes'
  const end = bytes.indexOf(0x0a)
  if (end < 0) return bytes.length < longestLine ? 'more' : 'bytes'
  const text = latin1(bytes.subarray(0, end + 1))
  return requestLine.test(text) || statusLine.test(text) ? 'http' : 'bytes'
}
