import { concat } from '../bytes/bytes.ts'
import type { Chunk, Direction } from '../model/chunk.ts'

/** An address of the synthetic packets. */
interface Endpoint {
  /** four numbers */
  address: [number, number, number, number]
  port: number
}

interface PcapOptions {
  /** when time 0 of the chunks was, in milliseconds since the epoch */
  start?: number
  client?: Endpoint
  server?: Endpoint
}

/** LINKTYPE_RAW: packets begin with the IP header (https://www.tcpdump.org/linktypes.html). */
const linkTypeRaw = 101
/** The largest payload of one segment: 65,535 bytes of IPv4 packet less two headers of 20. */
const mss = 65_495
const flags = { fin: 0x01, syn: 0x02, rst: 0x04, psh: 0x08, ack: 0x10 }

/**
 * Writes the chunks of one connection as a pcap file that Wireshark opens. The TCP around them is made up, since a tap
 * sees a stream and no packets: a handshake, one segment a chunk with right numbers and checksums, and the ends.
 */
export function writePcap(chunks: Chunk[], options: PcapOptions = {}): Uint8Array {
  const {
    start = 0,
    client = { address: [127, 0, 0, 1], port: 50_000 },
    server = { address: [127, 0, 0, 1], port: 80 },
  } = options
  const ends: Record<Direction, Side> = { c2s: { ...client, next: 1000 }, s2c: { ...server, next: 5000 } }
  const packets: Uint8Array[] = []
  const send = (direction: Direction, flag: number, time: number, payload = new Uint8Array()): void => {
    const from = ends[direction]
    const to = ends[direction === 'c2s' ? 's2c' : 'c2s']
    const first = packets.length === 0
    packets.push(record(start + time, packet(from, to, flag, first ? 0 : to.next, payload)))
    const counted = payload.length + (flag & (flags.syn | flags.fin) ? 1 : 0)
    from.next = (from.next + counted) % 2 ** 32
  }
  const opened = chunks[0]?.time ?? 0
  send('c2s', flags.syn, opened)
  send('s2c', flags.syn | flags.ack, opened)
  send('c2s', flags.ack, opened)
  for (const { direction, time, bytes, end } of chunks) {
    for (let at = 0; at < bytes.length; at += mss)
      send(direction, flags.psh | flags.ack, time, bytes.slice(at, at + mss))
    if (end === 'fin') send(direction, flags.fin | flags.ack, time)
    if (end === 'rst') send(direction, flags.rst | flags.ack, time)
  }
  return concat([fileHeader(), ...packets])
}

interface Side extends Endpoint {
  /** sequence number of its next byte */
  next: number
}

function fileHeader(): Uint8Array {
  const view = new DataView(new ArrayBuffer(24))
  view.setUint32(0, 0xa1b2c3d4) // big-endian, microseconds
  view.setUint16(4, 2)
  view.setUint16(6, 4)
  view.setUint32(16, 65_535) // the most that is kept of a packet
  view.setUint32(20, linkTypeRaw)
  return new Uint8Array(view.buffer)
}

/** @param time in milliseconds since the epoch */
function record(time: number, data: Uint8Array): Uint8Array {
  const view = new DataView(new ArrayBuffer(16))
  const microseconds = Math.round(time * 1000)
  view.setUint32(0, Math.floor(microseconds / 1e6))
  view.setUint32(4, microseconds % 1e6)
  view.setUint32(8, data.length)
  view.setUint32(12, data.length)
  return concat([new Uint8Array(view.buffer), data])
}

/** An IPv4 packet (RFC 791 §3.1) with one TCP segment (RFC 9293 §3.1). */
function packet(from: Side, to: Side, flag: number, acknowledged: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(40 + payload.length)
  const view = new DataView(bytes.buffer)
  view.setUint8(0, 0x45) // version 4, header of 5 words
  view.setUint16(2, bytes.length)
  view.setUint16(6, 0x4000) // do not fragment
  view.setUint8(8, 64) // time to live
  view.setUint8(9, 6) // TCP
  bytes.set(from.address, 12)
  bytes.set(to.address, 16)
  view.setUint16(10, checksum(bytes.subarray(0, 20)))

  view.setUint16(20, from.port)
  view.setUint16(22, to.port)
  view.setUint32(24, from.next)
  view.setUint32(28, acknowledged)
  view.setUint8(32, 0x50) // header of 5 words
  view.setUint8(33, flag)
  view.setUint16(34, 0xffff) // window
  bytes.set(payload, 40)
  // The addresses, the protocol and the length are part of the sum (RFC 9293 §3.1, pseudo-header).
  const pseudo = Uint8Array.of(
    ...from.address,
    ...to.address,
    0,
    6,
    (bytes.length - 20) >> 8,
    (bytes.length - 20) & 0xff,
  )
  view.setUint16(36, checksum(concat([pseudo, bytes.subarray(20)])))
  return bytes
}

/** The ones' complement of the ones' complement sum of 16-bit words (RFC 1071). */
function checksum(bytes: Uint8Array): number {
  let sum = 0
  for (let i = 0; i < bytes.length; i += 2) sum += bytes[i]! * 256 + (bytes[i + 1] ?? 0)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return ~sum & 0xffff
}
