import { showControls } from './bytes/text.ts'
import { engineFields } from './engineio/engine-packet.ts'
import { joinChunked } from './http/chunked.ts'
import type { Field } from './model/field.ts'
import type { Unit } from './model/unit.ts'
import { unitFields } from './protocols.ts'
import type { Packet } from './socketio/packet-reader.ts'
import { closeMeaning } from './websocket/close.ts'
import { opcodeName } from './websocket/opcode.ts'
import { framePayload } from './websocket/unit.ts'

/** One way to look at a unit: as it came, or as what it carries. */
export interface Layer {
  /** the packets of a polling body that holds several are numbered: `Engine.IO 2` */
  name:
    | 'TCP chunk'
    | 'HTTP'
    | 'TLS record'
    | 'WebSocket frame'
    | 'Message'
    | 'permessage-deflate'
    | PacketLayer
    | `${PacketLayer} ${number}`
  /** one line in words */
  text: string
  /** what the fields are counted in */
  bytes: Uint8Array
  /** which of the bytes this layer adds, in front of what it carries */
  own: { start: number; length: number }
  fields: Field[]
}

type PacketLayer = 'Engine.IO' | 'Socket.IO'

/** Of the packets in one polling body, so many become layers. */
const maxPackets = 8

/**
 * The layers of a unit, lowest first: chunk, frame, message, and what the message carries.
 *
 * @param inflated the message, when it is compressed
 * @param packets what a `PacketReader` made of the unit
 */
export function layers(
  unit: Unit,
  { inflated, packets = [] }: { inflated?: Uint8Array; packets?: Packet[] } = {},
): Layer[] {
  const { bytes } = unit
  const all = { start: 0, length: bytes.length }
  const found: Layer[] = [{ name: 'TCP chunk', text: chunkText(unit), bytes, own: none, fields: [] }]
  if (unit.kind === 'head')
    found.push({ name: 'HTTP', text: httpText(unit), bytes, own: all, fields: unitFields(unit) })
  if (unit.kind === 'body') {
    const several = packets.length > 1 ? `, ${packets.length} packets` : ''
    found.push({ name: 'HTTP', text: httpText(unit) + several, bytes, own: none, fields: unitFields(unit) })
  }
  if (unit.kind === 'record')
    found.push({ name: 'TLS record', text: unit.record.name, bytes, own: all, fields: unitFields(unit) })
  if (unit.kind === 'frame') found.push(...frameLayers(unit, inflated))
  const carried = inflated ?? payloadOf(unit)
  for (const [i, packet] of packets.slice(0, maxPackets).entries()) {
    const { start, length } = packet.part ?? { start: 0, length: carried.length }
    found.push(...packetLayers(packet, carried.subarray(start, start + length), i === 0 ? '' : ` ${i + 1}`))
  }
  return found
}

const none = { start: 0, length: 0 }

function frameLayers(unit: Unit & { kind: 'frame' }, inflated: Uint8Array | undefined): Layer[] {
  const { header, message } = unit
  const text = header ? `${opcodeName(header.opcode)}, ${header.payloadLength} bytes` : 'a header that has not ended'
  const own = { start: 0, length: Math.min(header?.headerLength ?? 0, unit.bytes.length) }
  const found: Layer[] = [{ name: 'WebSocket frame', text, bytes: unit.bytes, own, fields: unitFields(unit) }]
  if (!message) return found
  const parts = message.frames.length === 1 ? '1 frame' : `${message.frames.length} frames`
  const state = message.complete ? parts : `${parts} so far`
  const close = message.close ? `, ${message.close.code ?? 1005}: ${closeMeaning(message.close.code ?? 1005)}` : ''
  found.push({
    name: 'Message',
    text: `${opcodeName(message.opcode)} in ${state}${close}`,
    bytes: payloadOf(unit),
    own: none,
    fields: [],
  })
  if (message.compressed && inflated) {
    const packed = message.length
    found.push({
      name: 'permessage-deflate',
      text: `${packed} bytes become ${inflated.length}`,
      bytes: inflated,
      own: none,
      fields: [],
    })
  }
  return found
}

/** @param number ` 2` for the second packet of a body */
function packetLayers({ engine, socket, belongsTo, answers }: Packet, bytes: Uint8Array, number: string): Layer[] {
  const isText = typeof engine.data === 'string'
  const belongs = belongsTo === undefined ? '' : `, a binary part of the packet in unit ${belongsTo}`
  const found: Layer[] = [
    {
      name: `Engine.IO${number}` as Layer['name'],
      text: `${engine.name}${belongs}`,
      bytes,
      own: { start: 0, length: isText ? Math.min(1, bytes.length) : 0 },
      fields: isText ? [...engineFields(bytes, engine)] : [],
    },
  ]
  if (!socket) return found
  const event =
    Array.isArray(socket.data) && typeof socket.data[0] === 'string' && socket.type !== 3 ? socket.data[0] : ''
  const parts = [
    socket.name,
    event && `“${showControls(event)}”`,
    socket.namespace !== '/' && `in ${showControls(socket.namespace)}`,
    socket.id !== undefined && `id ${socket.id}`,
    answers !== undefined && `answers unit ${answers}`,
    socket.attachments > 0 && `with ${socket.attachments} attachment${socket.attachments === 1 ? '' : 's'}`,
  ]
  const data = socket.fields.find(({ name }) => name === 'data')
  const end = data ? data.start / 8 : bytes.length
  found.push({
    name: `Socket.IO${number}` as Layer['name'],
    text: parts.filter(Boolean).join(' '),
    bytes,
    own: { start: 1, length: end - 1 },
    fields: socket.fields,
  })
  return found
}

function payloadOf(unit: Unit): Uint8Array {
  if (unit.kind === 'body' && unit.chunked) return joinChunked(unit.bytes)
  if (unit.kind !== 'frame') return unit.bytes
  return unit.message?.complete ? unit.message.payload : framePayload(unit)
}

function chunkText({ pieces, length }: Unit): string {
  const numbers = pieces.map(({ sequence }) => sequence)
  const size = `${length} ${length === 1 ? 'byte' : 'bytes'}`
  return numbers.length > 1 ? `${size} from ${numbers.length} chunks` : `${size} of chunk ${numbers[0]}`
}

function httpText(unit: Unit & { kind: 'head' | 'body' }): string {
  if (unit.kind === 'body') return `content, ${unit.length} bytes`
  const { head } = unit
  return showControls(head.type === 'request' ? `${head.method} ${head.target}` : `${head.status} ${head.reason}`)
}
