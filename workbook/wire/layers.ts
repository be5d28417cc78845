import { showControls } from './bytes/text.ts'
import { engineFields } from './engineio/engine-packet.ts'
import { joinChunked } from './http/chunked.ts'
import type { Layer } from './model/layer.ts'
import { type Sentence, sentence, type Words } from './model/sentence.ts'
import type { Unit } from './model/unit.ts'
import { protocolOf } from './protocols.ts'
import type { Packet } from './socketio/packet-reader.ts'
import type { SocketPacket } from './socketio/socket-packet.ts'
import { carriedBy } from './websocket/layers.ts'

/** The most packets of one polling body that become layers. */
const maxPackets = 8

/**
 * The layers of a unit, lowest first: chunk, what its protocol makes of it, and the packets that it carries.
 *
 * @param inflated the message, when it is compressed
 * @param packets what a `PacketReader` made of the unit
 */
export function layers(
  unit: Unit,
  { inflated, packets = [] }: { inflated?: Uint8Array; packets?: Packet[] } = {},
): Layer[] {
  const { bytes } = unit
  const found: Layer[] = [{ name: 'TCP chunk', text: chunkText(unit), bytes, own: none, fields: [] }]
  found.push(...ownLayers(unit, inflated))
  const last = found.at(-1)!
  if (unit.kind === 'body' && packets.length > 1)
    last.text = sentence('layers.content-packets', { length: unit.length, packets: packets.length })
  const carried = inflated ?? payloadOf(unit)
  for (const [i, packet] of packets.slice(0, maxPackets).entries()) {
    const { start, length } = packet.part ?? { start: 0, length: carried.length }
    found.push(...packetLayers(packet, carried.subarray(start, start + length), i === 0 ? '' : ` ${i + 1}`))
  }
  return found
}

const none = { start: 0, length: 0 }

function ownLayers(unit: Unit, inflated: Uint8Array | undefined): Layer[] {
  const protocol = protocolOf(unit)
  if (protocol.layers) return protocol.layers(unit, inflated)
  const { bytes } = unit
  const text = protocol.brief?.(unit).preview ?? protocol.title(unit)
  return [
    { name: protocol.title(unit), text, bytes, own: { start: 0, length: bytes.length }, fields: protocol.fields(unit) },
  ]
}

/** @param number ` 2` for the second packet of a body */
function packetLayers({ engine, socket, belongsTo, answers }: Packet, bytes: Uint8Array, number: string): Layer[] {
  const isText = typeof engine.data === 'string'
  const found: Layer[] = [
    {
      name: `Engine.IO${number}`,
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
    name: `Socket.IO${number}`,
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
  return unit.kind === 'frame' ? carriedBy(unit) : unit.bytes
}

function chunkText({ pieces, length }: Unit): Sentence {
  return pieces.length > 1
    ? sentence('layers.chunks', { length, count: pieces.length })
    : sentence('layers.chunk', { length, chunk: pieces[0]?.sequence })
}
