// Given: what travels.
//
//   request   4 bytes  id, big-endian
//             the data
//   reply     4 bytes  the id of the request
//             4 bytes  the first bytes of SHA-256(data)
//
// A reply is cut to the length of its request, so that nobody can use the server to make a small forged datagram larger.
import { createHash } from 'node:crypto'

/** The request with this id, from 0 to 2^32 - 1. */
export function encodeRequest(id: number, data: Uint8Array): Buffer {
  const request = Buffer.allocUnsafe(4 + data.length)
  request.writeUInt32BE(id, 0)
  request.set(data, 4)
  return request
}

/** The reply to a request; undefined when the datagram is too short to be one. */
export function replyTo(request: Uint8Array): Buffer | undefined {
  if (request.length < 4) return undefined
  const digest = createHash('sha256').update(request.subarray(4)).digest()
  return Buffer.concat([request.subarray(0, 4), digest.subarray(0, 4)]).subarray(0, request.length)
}
