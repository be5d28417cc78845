// The relay of chapter 06. Each side begins with a line, `JOIN name`, and `OK` or `ERR reason`. After OK come frames:
//
//   1 byte         length of the name, n
//   n bytes        name in UTF-8: the receiver's on the way in, the sender's on the way out
//   4 bytes        length of the data, big-endian
//   the data

/** The bytes of a frame. @throws {RangeError} when the name has more than 255 bytes in UTF-8 */
export function encodeRelayFrame(name: string, data: Uint8Array): Uint8Array<ArrayBuffer> {
  const nameBytes = new TextEncoder().encode(name)
  if (nameBytes.length > 255) throw new RangeError(`name: expected at most 255 bytes, received ${nameBytes.length}`)
  const frame = new Uint8Array(1 + nameBytes.length + 4 + data.length)
  frame[0] = nameBytes.length
  frame.set(nameBytes, 1)
  new DataView(frame.buffer).setUint32(1 + nameBytes.length, data.length)
  frame.set(data, 1 + nameBytes.length + 4)
  return frame
}

/** How long a frame is before its data, in bytes. @param nameLength its first byte */
export function headerBytes(nameLength: number): number {
  return 1 + nameLength + 4
}
