import { showControls } from './bytes/text.ts'
import { engineFields } from './engineio/engine-packet.ts'
import { joinChunked } from './http/chunked.ts'
import type { Head } from './http/head.ts'
import type { Field } from './model/field.ts'
import { type Sentence, sentence, type Words } from './model/sentence.ts'
import type { Unit } from './model/unit.ts'
import { unitFields } from './protocols.ts'
import type { Packet } from './socketio/packet-reader.ts'
import type { SocketPacket } from './socketio/socket-packet.ts'
import { closeMeaning } from './websocket/close.ts'
import type { Message } from './websocket/message.ts'
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
  /** one line */
  text: Words
  /** what the fields are counted in */
  bytes: Uint8Array
  /** which of the bytes this layer adds, in front of what it carries */
  own: { start: number; length: number }
  fields: Field[]
}

type PacketLayer = 'Engine.IO' | 'Socket.IO'

/** The most packets of one polling body that become layers. */
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
    found.push({ name: 'HTTP', text: headText(unit.head), bytes, own: all, fields: unitFields(unit) })
  if (unit.kind === 'body') {
    const text = bodyText(unit.length, packets.length)
    found.push({ name: 'HTTP', text, bytes, own: none, fields: unitFields(unit) })
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
  const text = header
    ? sentence('layers.frame', { opcode: opcodeName(header.opcode), length: header.payloadLength })
    : sentence('layers.half-header')
  const own = { start: 0, length: Math.min(header?.headerLength ?? 0, unit.bytes.length) }
  const found: Layer[] = [{ name: 'WebSocket frame', text, bytes: unit.bytes, own, fields: unitFields(unit) }]
  if (!message) return found
  found.push({ name: 'Message', text: messageText(message), bytes: payloadOf(unit), own: none, fields: [] })
  if (message.compressed && inflated) {
    const text = sentence('layers.inflated', { packed: message.length, length: inflated.length })
    found.push({ name: 'permessage-deflate', text, bytes: inflated, own: none, fields: [] })
  }
  return found
}

function messageText({ opcode, frames, complete, close }: Message): Sentence {
  const name = opcodeName(opcode)
  const count = frames.length
  if (!complete) return sentence('layers.message-so-far', { name, count })
  if (!close) return sentence('layers.message', { name, count })
  const code = close.code ?? 1005
  return sentence('layers.close', { name, count, code, meaning: closeMeaning(code) })
}

/** @param number ` 2` for the second packet of a body */
function packetLayers({ engine, socket, belongsTo, answers }: Packet, bytes: Uint8Array, number: string): Layer[] {
  const isText = typeof engine.data === 'string'
  const found: Layer[] = [
    {
      name: `Engine.IO${number}` as Layer['name'],
      text:
        belongsTo === undefined ? engine.name : sentence('layers.binary-part', { name: engine.name, unit: belongsTo }),
      bytes,
      own: { start: 0, length: isText ? Math.min(1, bytes.length) : 0 },
      fields: isText ? [...engineFields(bytes, engine)] : [],
    },
  ]
  if (!socket) return found
  const data = socket.fields.find(({ name }) => name === 'data')
  const end = data ? data.start / 8 : bytes.length
  found.push({
    name: `Socket.IO${number}` as Layer['name'],
    text: socketText(socket, answers),
    bytes,
    own: { start: 1, length: end - 1 },
    fields: socket.fields,
  })
  return found
}

/** @param answers the unit that asked for this acknowledgement */
function socketText({ name, type, data, namespace, id, attachments }: SocketPacket, answers?: number): Words {
  const event = Array.isArray(data) && typeof data[0] === 'string' && type !== 3 ? data[0] : ''
  return sentence('layers.socket', {
    name,
    event: event === '' ? undefined : showControls(event),
    namespace: namespace === '/' ? undefined : showControls(namespace),
    id,
    answers,
    attachments,
  })
}

function payloadOf(unit: Unit): Uint8Array {
  if (unit.kind === 'body' && unit.chunked) return joinChunked(unit.bytes)
  if (unit.kind !== 'frame') return unit.bytes
  return unit.message?.complete ? unit.message.payload : framePayload(unit)
}

function chunkText({ pieces, length }: Unit): Sentence {
  return pieces.length > 1
    ? sentence('layers.chunks', { length, count: pieces.length })
    : sentence('layers.chunk', { length, chunk: pieces[0]?.sequence })
}

function bodyText(length: number, packets: number): Sentence {
  return packets > 1 ? sentence('layers.content-packets', { length, packets }) : sentence('layers.content', { length })
}

function headText(head: Head): string {
  return showControls(head.type === 'request' ? `${head.method} ${head.target}` : `${head.status} ${head.reason}`)
}
