import { fromBase64, toBase64 } from '../bytes/base64.ts'
import { concat } from '../bytes/bytes.ts'
import type { Chunk } from '../model/chunk.ts'
import { inflateRaw } from '../websocket/deflate.ts'

/** The longest text that is put into an address or taken from one, in characters. */
export const maxLink = 8 * 1024
/** The most that a text from an address may become, in bytes. */
const maxInflated = 1024 * 1024
const maxChunks = 2000

/**
 * Packs the chunks of one connection into text for the part of an address behind `#`, which never leaves the browser.
 *
 * @returns `undefined` when the text would be longer than `maxLink`; then a file is the way
 */
export async function packLink(chunks: Chunk[]): Promise<string | undefined> {
  const plain = concat(chunks.map(writeChunk))
  if (chunks.length > maxChunks || plain.length > maxInflated) return undefined
  const packed = await deflateRaw(plain)
  const text = toBase64(packed).replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, '')
  return text.length > maxLink ? undefined : text
}

/** Unpacks what `packLink` made. The text may come from anybody. @returns `undefined` when it is not as it should be */
export async function unpackLink(text: string): Promise<Chunk[] | undefined> {
  if (text.length > maxLink || !/^[A-Za-z0-9_-]*$/.test(text)) return undefined
  const padded = text
    .replace(/-/g, '+')
    .replace(/_/g, '/')
    .padEnd(Math.ceil(text.length / 4) * 4, '=')
  const packed = fromBase64(padded)
  if (!packed) return undefined
  const plain = await inflateRaw(packed, maxInflated)
  return 'error' in plain ? undefined : readChunks(plain.bytes)
}

// A chunk is 9 bytes and its contents: what it is, its time in microseconds, and its length. All links begin with the
// first chunk, so its first byte also tells a later format from this one.
const header = 9
const kinds = ['c2s', 's2c', 'c2s fin', 's2c fin', 'c2s rst', 's2c rst']

function writeChunk({ direction, time, bytes, end }: Chunk): Uint8Array {
  const view = new DataView(new ArrayBuffer(header))
  view.setUint8(0, kinds.indexOf(end ? `${direction} ${end}` : direction))
  view.setUint32(1, Math.min(0xffffffff, Math.round(time * 1000)))
  view.setUint32(5, bytes.length)
  return concat([new Uint8Array(view.buffer), bytes])
}

function readChunks(bytes: Uint8Array): Chunk[] | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const chunks: Chunk[] = []
  for (let at = 0; at < bytes.length; ) {
    const kind = kinds[bytes[at]!]
    if (kind === undefined || at + header > bytes.length || chunks.length === maxChunks) return undefined
    const [direction, end] = kind.split(' ') as [Chunk['direction'], Chunk['end']]
    const from = at + header
    const length = view.getUint32(at + 5)
    if (length > bytes.length - from) return undefined
    const time = view.getUint32(at + 1) / 1000
    const contents = bytes.slice(from, from + length)
    chunks.push({ connection: 1, direction, sequence: chunks.length, time, bytes: contents, ...(end ? { end } : {}) })
    at = from + length
  }
  return chunks
}

async function deflateRaw(bytes: Uint8Array): Promise<Uint8Array> {
  const stream = new CompressionStream('deflate-raw')
  const writer = stream.writable.getWriter()
  const written = Promise.all([writer.write(bytes.slice()), writer.close()])
  const parts: Uint8Array[] = []
  const reader = stream.readable.getReader()
  for (let next = await reader.read(); !next.done; next = await reader.read()) parts.push(next.value)
  await written
  return concat(parts)
}
