import { latin1 } from '../bytes/latin1.ts'
import type { Direction } from '../model/chunk.ts'
import type { Protocol, Recognition } from '../model/protocol.ts'
import { httpBrief, httpLayers } from './brief.ts'
import { Exchange } from './exchange.ts'
import { parseHead } from './head.ts'
import { type BodyUnit, type HeadUnit, httpFields } from './unit.ts'

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH']
const starts: Record<Direction, string[]> = { c2s: methods.map((method) => `${method} `), s2c: ['HTTP/1.'] }

/** HTTP/1.1 (RFC 9112), and what an upgrade leads to. */
export const http: Protocol<HeadUnit | BodyUnit> = {
  name: 'http',
  kinds: ['head', 'body'],
  recognise: recogniseHttp,
  open: (opening) => new Exchange(opening),
  title: ({ kind }) => (kind === 'head' ? 'HTTP head' : 'HTTP body'),
  fields: httpFields,
  brief: httpBrief,
  layers: httpLayers,
}

/** A first line that is a request line or a status line. */
function recogniseHttp(bytes: Uint8Array, direction: Direction): Recognition {
  const first = latin1(bytes.subarray(0, 'OPTIONS '.length))
  if (!starts[direction].some((start) => first.startsWith(start) || start.startsWith(first))) return 'no'
  const end = bytes.indexOf(0x0a)
  if (end < 0) return 'more'
  return parseHead(bytes.subarray(0, end + 1)) ? 'yes' : 'no'
}
