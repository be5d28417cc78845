/** How a type of RESP goes on behind its first byte. */
export interface RespType {
  name: string
  /** `line`: its value ends the line; `blob`: so many bytes follow; the others: so many values, or pairs of them */
  shape: 'line' | 'blob' | 'list' | 'pairs'
  /** version of the protocol that brought it */
  version: 2 | 3
}

/** The types of RESP2 and RESP3 by their first byte (redis.io, "Redis serialization protocol specification"). */
export const respTypes: Readonly<Record<string, RespType>> = {
  '+': { name: 'simple string', shape: 'line', version: 2 },
  '-': { name: 'simple error', shape: 'line', version: 2 },
  ':': { name: 'integer', shape: 'line', version: 2 },
  $: { name: 'bulk string', shape: 'blob', version: 2 },
  '*': { name: 'array', shape: 'list', version: 2 },
  _: { name: 'null', shape: 'line', version: 3 },
  '#': { name: 'boolean', shape: 'line', version: 3 },
  ',': { name: 'double', shape: 'line', version: 3 },
  '(': { name: 'big number', shape: 'line', version: 3 },
  '!': { name: 'bulk error', shape: 'blob', version: 3 },
  '=': { name: 'verbatim string', shape: 'blob', version: 3 },
  '%': { name: 'map', shape: 'pairs', version: 3 },
  '|': { name: 'attribute', shape: 'pairs', version: 3 },
  '~': { name: 'set', shape: 'list', version: 3 },
  '>': { name: 'push', shape: 'list', version: 3 },
}

/** Where the specification stands that every field follows. */
export const specification = 'RESP specification'
