import { decodeText } from '../bytes/text.ts'
import { lineOf, type Said, SaidReader, takeLine } from '../lines/reader.ts'
import type { Collector, Slice } from '../stream/collector.ts'

// The relay of chapter 06. Each side begins with a line, `JOIN name`, and `OK` or `ERR reason`. After OK come frames:
//
//   1 byte         length of the name, n
//   n bytes        name in UTF-8: the receiver's on the way in, the sender's on the way out
//   4 bytes        length of the data, big-endian
//   the data

/** @throws {RangeError} when the name has more than 255 bytes in UTF-8 */
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

/** Finds the line and the frames of one side. */
export class RelayReader extends SaidReader {
  #joined = false

  protected take(unit: Collector, slice: Slice): boolean {
    return this.#joined ? takeFrame(unit, slice) : takeLine(unit, slice)
  }

  protected read(bytes: Uint8Array): Omit<Said, 'chunks'> {
    if (this.#joined) return readFrame(bytes)
    const line = lineOf(bytes)
    this.#joined = /^(OK$|JOIN )/.test(decodeText(line))
    return { data: line }
  }
}

function takeFrame(unit: Collector, slice: Slice): boolean {
  let missing = frameLength(unit.peek()) - unit.length
  while (missing > 0 && slice.at < slice.bytes.length) {
    unit.take(slice, missing)
    missing = frameLength(unit.peek()) - unit.length
  }
  return missing === 0
}

/** How long the frame is, as far as its first bytes tell. @param bytes of one frame, from its first byte on */
function frameLength(bytes: Uint8Array): number {
  const head = 1 + (bytes[0] ?? 0) + 4
  if (bytes.length < head) return bytes.length === 0 ? 1 : head
  return head + dataLength(bytes, head)
}

function readFrame(bytes: Uint8Array): Omit<Said, 'chunks'> {
  const head = 1 + bytes[0]! + 4
  return { name: decodeText(bytes.subarray(1, head - 4)), data: bytes.subarray(head) }
}

function dataLength(bytes: Uint8Array, head: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(head - 4)
}
