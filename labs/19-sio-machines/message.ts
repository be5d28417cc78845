import { deserialize, serialize } from 'node:v8'
import { type ClusterMessage, type ClusterResponse, MessageType } from 'socket.io-adapter'

/** What one node says to the others, or answers to one of them; `uid` is who says it, `nsp` the namespace. */
export type BusMessage = ClusterMessage | ClusterResponse

/**
 * A message as the bytes of one frame.
 *
 * @throws {Error} when it holds what has no bytes, such as a function
 */
export function encodeMessage(message: BusMessage): Buffer {
  // TODO 2: Return bytes from which `decodeMessage` makes the same message, with a Buffer in it still a Buffer. JSON
  // cannot do that; `serialize` of node:v8 can.
  return Buffer.from(JSON.stringify(message))
}

/**
 * The message of a frame, or undefined when the bytes are none.
 *
 * This keeps accidents out: another program on the port, a node of another version. It is no guard against malice, since
 * a well-formed message may ask for anything. Whoever can write to the bus is one of the servers.
 */
export function decodeMessage(frame: Uint8Array): BusMessage | undefined {
  // TODO 2: Undo `encodeMessage`. Return undefined, and do not throw, for bytes that are no value and for a value that
  // `isMessage` does not know.
  return JSON.parse(Buffer.from(frame).toString()) as BusMessage
}

/** Whether a value has all that the adapter will read of it; the adapter itself does not look, and would throw. */
export function isMessage(value: unknown): value is BusMessage {
  if (!isRecord(value) || typeof value.uid !== 'string' || typeof value.nsp !== 'string') return false
  const { type, data } = value
  if (type === MessageType.INITIAL_HEARTBEAT || type === MessageType.HEARTBEAT || type === MessageType.ADAPTER_CLOSE) {
    return true
  }
  if (!isRecord(data)) return false
  switch (type) {
    case MessageType.BROADCAST:
      return hasReceivers(data) && isRecord(data.packet)
    case MessageType.SOCKETS_JOIN:
    case MessageType.SOCKETS_LEAVE:
      return hasReceivers(data) && isTexts(data.rooms)
    case MessageType.DISCONNECT_SOCKETS:
      return hasReceivers(data)
    case MessageType.FETCH_SOCKETS:
      return hasReceivers(data) && typeof data.requestId === 'string'
    case MessageType.SERVER_SIDE_EMIT:
      return Array.isArray(data.packet)
    case MessageType.FETCH_SOCKETS_RESPONSE:
      return typeof data.requestId === 'string' && Array.isArray(data.sockets)
    case MessageType.BROADCAST_CLIENT_COUNT:
      return typeof data.requestId === 'string' && typeof data.clientCount === 'number'
    case MessageType.BROADCAST_ACK:
    case MessageType.SERVER_SIDE_EMIT_RESPONSE:
      return typeof data.requestId === 'string'
    default:
      return false
  }
}

function hasReceivers({ opts }: Record<string, unknown>): boolean {
  return isRecord(opts) && isTexts(opts.rooms) && isTexts(opts.except)
}

function isTexts(value: unknown): boolean {
  // A length is a claim: an array of a hundred million holes is a few bytes on the wire, and `every` skips them.
  return (
    Array.isArray(value) &&
    Object.keys(value).length === value.length &&
    value.every((entry) => typeof entry === 'string')
  )
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
