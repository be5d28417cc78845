import { latin1, parseHead } from '../http/head.ts'
import type { Direction } from '../model/chunk.ts'
import { isRecord } from '../tls/record.ts'

/** No request line of a browser is longer, in bytes; a stream that looks like one up to here is not HTTP. */
export const longestLine = 16 * 1024

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH']
const starts: Record<Direction, string[]> = { c2s: methods.map((method) => `${method} `), s2c: ['HTTP/1.'] }

/**
 * Says what the first bytes of a stream, or the bytes after a message, begin.
 *
 * @returns `more` while they fit a first line of HTTP, or a TLS record, that has not ended
 */
export function detect(bytes: Uint8Array, direction: Direction): 'http' | 'tls' | 'bytes' | 'more' {
  if (isHello(bytes, direction)) return bytes.length < 3 ? 'more' : 'tls'
  const first = latin1(bytes.subarray(0, 'OPTIONS '.length))
  if (!starts[direction].some((start) => first.startsWith(start) || start.startsWith(first))) return 'bytes'
  const end = bytes.indexOf(0x0a)
  if (end < 0) return bytes.length < longestLine ? 'more' : 'bytes'
  return parseHead(bytes.subarray(0, end + 1)) ? 'http' : 'bytes'
}

/** A client begins TLS with a handshake record; a server may also answer with an alert at once. */
function isHello(bytes: Uint8Array, direction: Direction): boolean {
  return isRecord(bytes) && (bytes[0] === 0x16 || (direction === 's2c' && bytes[0] === 0x15)) && (bytes[2] ?? 0) <= 4
}
