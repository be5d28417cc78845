import { closeMeaning } from './close.ts'
import { engineFields } from './engineio.ts'
import type { Field } from './field.ts'
import { opcodeName } from './opcode.ts'
import type { Packet } from './packets.ts'
import { showControls } from './text.ts'
import { framePayload, type Unit, unitFields } from './unit.ts'

/** One way to look at a unit: as it came, or as what it carries. */
export interface Layer {
  name:
    | 'TCP chunk'
    | 'HTTP'
    | 'TLS record'
    | 'WebSocket frame'
    | 'Message'
    | 'permessage-deflate'
    | 'Engine.IO'
    | 'Socket.IO'
  /** one line in words */
  text: string
  /** what the fields are counted in */
  bytes: Uint8Array
  fields: Field[]
}

/**
 * The layers of a unit, lowest first: chunk, frame, message, and what the message carries.
 *
 * @param inflated the message, when it is compressed
 * @param packet what a `PacketReader` made of the unit
 */
export function layers(unit: Unit, { inflated, packet }: { inflated?: Uint8Array; packet?: Packet } = {}): Layer[] {
  const found: Layer[] = [{ name: 'TCP chunk', text: chunkText(unit), bytes: unit.bytes, fields: [] }]
  if (unit.kind === 'head' || unit.kind === 'body')
    found.push({ name: 'HTTP', text: httpText(unit), bytes: unit.bytes, fields: unitFields(unit) })
  if (unit.kind === 'record')
    found.push({ name: 'TLS record', text: unit.record.name, bytes: unit.bytes, fields: unitFields(unit) })
  if (unit.kind === 'frame') found.push(...frameLayers(unit, inflated))
  if (packet) found.push(...packetLayers(packet, inflated ?? payloadOf(unit)))
  return found
}

function frameLayers(unit: Unit & { kind: 'frame' }, inflated: Uint8Array | undefined): Layer[] {
  const { header, message } = unit
  const text = header ? `${opcodeName(header.opcode)}, ${header.payloadLength} bytes` : 'a header that has not ended'
  const found: Layer[] = [{ name: 'WebSocket frame', text, bytes: unit.bytes, fields: unitFields(unit) }]
  if (!message) return found
  const parts = message.frames.length === 1 ? '1 frame' : `${message.frames.length} frames`
  const state = message.complete ? parts : `${parts} so far`
  const close = message.close ? `, ${message.close.code ?? 1005}: ${closeMeaning(message.close.code ?? 1005)}` : ''
  found.push({
    name: 'Message',
    text: `${opcodeName(message.opcode)} in ${state}${close}`,
    bytes: payloadOf(unit),
    fields: [],
  })
  if (message.compressed && inflated) {
    const packed = message.length
    found.push({
      name: 'permessage-deflate',
      text: `${packed} bytes become ${inflated.length}`,
      bytes: inflated,
      fields: [],
    })
  }
  return found
}

function packetLayers({ engine, socket, belongsTo, answers }: Packet, bytes: Uint8Array): Layer[] {
  const whole = typeof engine.data === 'string' ? [...engineFields(bytes, engine)] : []
  const belongs = belongsTo === undefined ? '' : `, a binary part of the packet in unit ${belongsTo}`
  const found: Layer[] = [{ name: 'Engine.IO', text: `${engine.name}${belongs}`, bytes, fields: whole }]
  if (!socket) return found
  const event =
    Array.isArray(socket.data) && typeof socket.data[0] === 'string' && socket.type !== 3 ? socket.data[0] : ''
  const parts = [
    socket.name,
    event && `“${showControls(event)}”`,
    socket.namespace !== '/' && `in ${showControls(socket.namespace)}`,
    socket.id !== undefined && `id ${socket.id}`,
    answers !== undefined && `answers unit ${answers}`,
    socket.attachments > 0 && `${socket.attachments} binary`,
  ]
  found.push({ name: 'Socket.IO', text: parts.filter(Boolean).join(' '), bytes, fields: socket.fields })
  return found
}

function payloadOf(unit: Unit): Uint8Array {
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
