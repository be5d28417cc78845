// Given: how a frame looks on the wire, in both directions.
//
//   1 byte         length of the name, n
//   n bytes        name in UTF-8: the receiver's on the way in, the sender's on the way out
//   4 bytes        length of the data, big-endian
//   the data
//
// A frame with an empty name comes from the relay itself; its data is a sentence.

/** A frame for the wire. @throws {RangeError} when the name has more than 255 bytes in UTF-8 */
export function encodeFrame(name: string, data: Uint8Array): Buffer {
  const nameLength = Buffer.byteLength(name)
  if (nameLength > 255) throw new RangeError(`name: expected at most 255 bytes in UTF-8, received ${nameLength}`)
  const frame = Buffer.allocUnsafe(1 + nameLength + 4 + data.length)
  frame[0] = nameLength
  frame.write(name, 1)
  frame.writeUInt32BE(data.length, 1 + nameLength)
  frame.set(data, 1 + nameLength + 4)
  return frame
}
