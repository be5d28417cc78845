import { createHash } from 'node:crypto'
import type { RemoteInfo, Socket } from 'node:dgram'

/** Answers to one datagram of one sender that are given at once. */
const atOnce = 64
/** Answers to it that are given in a second, once those are used up. */
const perSecond = 2
/** Datagrams that are remembered. A loop of more does not fit into a socket's receive buffer. */
const maxRemembered = 4096

/**
 * A judge of datagrams that may go round between two echo servers. An echo is equal to its request, so no bit tells them
 * apart; but whatever goes round comes back soon, unchanged, from the same address and port.
 *
 * @returns whether to answer a datagram; `now` is in milliseconds
 */
export function createLoopGuard(): (data: Uint8Array, from: RemoteInfo, now: number) => boolean {
  /** answers that count for each datagram and sender, fewer as time passes; the longest unseen comes first */
  const remembered = new Map<string, { answers: number; at: number }>()

  return (data, { address, port }, now) => {
    const key = `${address} ${port} ${createHash('sha256').update(data).digest('base64')}`
    const { answers, at } = remembered.get(key) ?? { answers: 0, at: now }
    const left = Math.max(0, answers - ((now - at) / 1000) * perSecond)
    const isAnswered = left + 1 <= atOnce
    remembered.delete(key)
    remembered.set(key, { answers: isAnswered ? left + 1 : left, at: now })
    if (remembered.size > maxRemembered) remembered.delete(remembered.keys().next().value!)
    return isAnswered
  }
}

/** Keeps datagrams that go round from the socket's listeners. @returns the same socket */
export function withoutLoops(socket: Socket): Socket {
  const isAnswered = createLoopGuard()
  const emit = socket.emit as (event: string, ...args: unknown[]) => boolean
  // The listeners are the reader's, so what they must not see is held back before they are called.
  socket.emit = (event: string, ...args: unknown[]): boolean => {
    if (event === 'message' && !isAnswered(args[0] as Buffer, args[1] as RemoteInfo, performance.now())) return false
    return emit.call(socket, event, ...args)
  }
  return socket
}
