import type { Chunk } from '../model/chunk.ts'

/** Bytes before the chunk's own: flags, connection, sequence, time, length. */
export const mirrorHeaderLength = 21

const s2cFlag = 0x01
const finFlag = 0x02
const rstFlag = 0x04

/**
 * One chunk as a binary message of the mirror, all numbers in network byte order:
 *
 * | offset | bytes | field |
 * | --- | --- | --- |
 * | 0 | 1 | flags: 0x01 server to client, 0x02 fin, 0x04 rst |
 * | 1 | 4 | connection |
 * | 5 | 4 | sequence |
 * | 9 | 8 | time, float64, milliseconds |
 * | 17 | 4 | length of the bytes that follow |
 *
 * The bytes are copied, so the caller's buffer may change afterwards (`ws` unmasks in the buffer it is given).
 *
 * @param allocate gives the message's memory, which need not be zero: every byte of it is written
 */
export function encodeMirrorChunk(chunk: Chunk, allocate = (length: number) => new Uint8Array(length)): Uint8Array {
  const message = allocate(mirrorHeaderLength + chunk.bytes.length)
  const view = new DataView(message.buffer, message.byteOffset)
  view.setUint8(
    0,
    (chunk.direction === 's2c' ? s2cFlag : 0) | (chunk.end === 'fin' ? finFlag : chunk.end === 'rst' ? rstFlag : 0),
  )
  view.setUint32(1, chunk.connection)
  view.setUint32(5, chunk.sequence)
  view.setFloat64(9, chunk.time)
  view.setUint32(17, chunk.bytes.length)
  message.set(chunk.bytes, mirrorHeaderLength)
  return message
}

/**
 * The chunk of one message; its `bytes` are a view into the message.
 *
 * @throws {RangeError} when the message is shorter than its header, or its length field does not match
 */
export function decodeMirrorChunk(message: Uint8Array): Chunk {
  if (message.length < mirrorHeaderLength) {
    throw new RangeError(`mirror chunk: expected at least ${mirrorHeaderLength} bytes, received ${message.length}`)
  }
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength)
  const length = view.getUint32(17)
  if (mirrorHeaderLength + length !== message.length) {
    throw new RangeError(`mirror chunk: expected ${mirrorHeaderLength + length} bytes, received ${message.length}`)
  }

  const flags = view.getUint8(0)
  const chunk: Chunk = {
    connection: view.getUint32(1),
    direction: flags & s2cFlag ? 's2c' : 'c2s',
    sequence: view.getUint32(5),
    time: view.getFloat64(9),
    bytes: message.subarray(mirrorHeaderLength),
  }
  if (flags & finFlag) chunk.end = 'fin'
  if (flags & rstFlag) chunk.end = 'rst'
  return chunk
}
