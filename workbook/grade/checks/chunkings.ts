/** One way to cut the bytes of a stream. */
interface Chunking {
  /** how the bytes are cut: `byte by byte` */
  name: string
  chunks: Buffer[]
}

/**
 * The cuts that a byte stream must survive: whole, byte by byte, in two halves, and inside a character where there is one.
 * Several units are also fed one by one; whole means all of them glued together.
 *
 * @param data one unit or several, as bytes or text
 * @param cutInsideCharacter `false` leaves that feed out
 */
export function chunkings(data: Uint8Array | string | (Uint8Array | string)[], cutInsideCharacter = true): Chunking[] {
  const units = (Array.isArray(data) ? data : [data]).map((unit) => Buffer.from(unit as Uint8Array))
  const all = Buffer.concat(units)
  const list: Chunking[] = [
    { name: units.length > 1 ? 'all glued together' : 'whole', chunks: [all] },
    { name: 'byte by byte', chunks: cut(all, ...Array.from(all, (_, i) => i)) },
  ]
  if (units.length > 1) list.push({ name: 'one by one', chunks: units })
  if (all.length > 1) list.push({ name: 'in two halves', chunks: cut(all, all.length >> 1) })
  // A byte 10xxxxxx continues a character of UTF-8 (RFC 3629 §3).
  const inside = all.findIndex((byte) => (byte & 0xc0) === 0x80)
  if (cutInsideCharacter && inside > 0) list.push({ name: 'cut inside a character', chunks: cut(all, inside) })
  return list
}

/** Cuts before each of the offsets, which rise. */
function cut(bytes: Buffer, ...offsets: number[]): Buffer[] {
  const starts = [0, ...offsets.filter((offset) => offset > 0)]
  return starts.map((start, i) => bytes.subarray(start, starts[i + 1])).filter((chunk) => chunk.length > 0)
}
