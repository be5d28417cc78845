// Given: what data may be, whoever sends them.

/** Events that have a meaning of their own on both sides; nobody may send them. */
export const reserved = ['connect', 'connect_error', 'disconnect', 'disconnecting', 'newListener', 'removeListener']

/** @throws {Error} for a reserved name: a client that receives one takes it for a broken packet, and ends the connection */
export function checkName(event: string): void {
  if (reserved.includes(event)) throw new Error(`emit: expected a name that is not reserved, received ${event}`)
}

/** Most arrays and objects inside one another, far more than people nest. */
const maxDepth = 500

/**
 * Reads JSON that a stranger wrote. `JSON.parse` itself takes any depth; whatever walks through the data afterwards calls
 * itself for each level, and 12 kB of nothing but brackets would be more calls than fit on the stack.
 *
 * @throws {Error} for what is no JSON, and for more than 500 levels
 */
export function parseData(json: string): unknown {
  const data: unknown = JSON.parse(json)
  if (json.length > 2 * maxDepth && depthOf(data) > maxDepth)
    throw new Error(`data: expected at most ${maxDepth} arrays and objects inside one another, received more`)
  return data
}

/** Level by level, without calling itself; it stops counting behind `maxDepth`. */
function depthOf(data: unknown): number {
  let depth = 0
  let level = [data].filter(isContainer)
  while (level.length > 0 && depth <= maxDepth) {
    depth++
    level = level.flatMap((container) => Object.values(container).filter(isContainer))
  }
  return depth
}

function isContainer(data: unknown): data is object {
  return typeof data === 'object' && data !== null
}
