// Given: what travels.
//
//   request   4 bytes  id, big-endian; its first bit is 0
//             the data
//   reply     4 bytes  the id of the request; its first bit is 1
//             4 bytes  the first bytes of SHA-256(data)
//
// A reply is cut to the length of its request, so that nobody can use the server to make a small forged datagram larger.
// The first bit tells the two apart, so that no server answers a reply: two of them would answer each other for ever.
import { createHash } from 'node:crypto'

/** The first bit of a datagram, set in a reply. */
const replyBit = 0x80

/** The request with this id, from 0 to 2^31 - 1. */
export function encodeRequest(id: number, data: Uint8Array): Buffer {
  const request = Buffer.allocUnsafe(4 + data.length)
  request.writeUInt32BE(id, 0)
  request.set(data, 4)
  return request
}

/** The reply to a request; undefined when the datagram is too short to be one, or is a reply itself. */
export function replyTo(request: Uint8Array): Buffer | undefined {
  if (request.length < 4) return undefined
  if (request[0]! & replyBit) return undefined
  const digest = createHash('sha256').update(request.subarray(4)).digest()
  const reply = Buffer.concat([request.subarray(0, 4), digest.subarray(0, 4)]).subarray(0, request.length)
  reply[0]! |= replyBit
  return reply
}
