import { decodeText } from '../bytes/text.ts'
import { binaryPacket, type EnginePacket, readEnginePacket, readPayload, separator } from '../engineio/engine-packet.ts'
import { joinChunked } from '../http/chunked.ts'
import { headerValue } from '../http/head.ts'
import type { Direction } from '../model/chunk.ts'
import type { Problem } from '../model/problem.ts'
import { type Sentence, sentence } from '../model/sentence.ts'
import type { Unit } from '../model/unit.ts'
import { Opcode } from '../websocket/opcode.ts'
import type { FrameUnit } from '../websocket/unit.ts'
import { maxAttachments, placeholders, readSocketPacket, type SocketPacket } from './socket-packet.ts'

/** A packet of Engine.IO, and the one of Socket.IO inside when it is a message. */
export interface Packet {
  direction: Direction
  /** `index` of the unit that completed it: the last frame of its message, or the body of a polling request */
  unit: number
  engine: EnginePacket
  socket?: SocketPacket
  /** the bytes of a polling body that are this packet, when the body holds several */
  part?: { start: number; length: number }
  /** the binary frames that came for a header packet; `undefined` for a packet that waits for none */
  attachments?: Uint8Array[]
  /** the unit of the packet that announced this binary frame */
  belongsTo?: number
  /** the unit of the packet that asked for this acknowledgement */
  answers?: number
}

/** Reads Engine.IO 4 and Socket.IO 5 above the units of one connection; of any other connection it yields nothing. */
export class PacketReader {
  #active = false
  /** methods of the requests whose answers are still to come */
  readonly #requests: string[] = []
  #answering: { method: string | undefined; status: number } | undefined
  readonly #namespaces = new Map<string, 'asked' | 'joined'>()
  readonly #waiting: Partial<Record<Direction, Packet>> = {}
  readonly #asked: Record<Direction, Map<string, number>> = { c2s: new Map(), s2c: new Map() }

  /** @param inflated the payload of the message that the unit completes, when it was compressed */
  push(unit: Unit, inflated?: Uint8Array): Packet[] {
    if (unit.kind === 'head') this.#head(unit)
    if (!this.#active) return []
    if (unit.kind === 'body') {
      const content = unit.chunked ? joinChunked(unit.bytes) : unit.bytes
      return this.#body(unit.direction, unit.index, decodeText(content))
    }
    if (unit.kind === 'frame') return this.#frame(unit, inflated)
    return []
  }

  #head({ head }: Unit & { kind: 'head' }): void {
    if (head.type === 'request') {
      this.#active = /[?&]EIO=4(?:&|$)/.test(head.target)
      this.#requests.push(head.method)
      if (this.#requests.length > 64) this.#requests.shift()
    } else if (head.status === 101 || head.status >= 200) {
      const type = headerValue(head, 'content-type') ?? ''
      this.#answering = {
        method: this.#requests.shift(),
        status: type.startsWith('application/json') ? 400 : head.status,
      }
    }
  }

  /** A polling body. The answer to a POST is only `ok`, and an error is no packet. */
  #body(direction: Direction, unit: number, text: string): Packet[] {
    if (direction === 's2c' && (this.#answering?.method !== 'GET' || this.#answering.status !== 200)) return []
    const packets = readPayload(text, direction).map((engine) => this.#packet(direction, unit, engine, true))
    if (packets.length > 1) markParts(packets, text)
    return packets
  }

  #frame({ direction, index, header, message }: FrameUnit, inflated: Uint8Array | undefined): Packet[] {
    if (!message?.complete || !header?.fin || header.opcode >= Opcode.close) return []
    if (message.compressed && !inflated) return []
    const payload = inflated ?? message.payload
    const engine =
      message.opcode === Opcode.binary ? binaryPacket(payload) : readEnginePacket(decodeText(payload), direction)
    return [this.#packet(direction, index, engine, false)]
  }

  #packet(direction: Direction, unit: number, engine: EnginePacket, polling: boolean): Packet {
    const packet: Packet = { direction, unit, engine }
    if (engine.data instanceof Uint8Array) {
      this.#attach(packet, engine.data)
      return packet
    }
    if (engine.type !== 4) return packet
    packet.socket = readSocketPacket(engine.data, direction)
    const before = this.#waiting[direction]
    if (before) {
      engine.problems.push(broken('data', sentence('socketio.still-waits', { unit: before.unit })))
      delete this.#waiting[direction]
    }
    this.#follow(packet, packet.socket, polling)
    return packet
  }

  /** A binary frame belongs to the packet before it that still waits for one. */
  #attach(packet: Packet, bytes: Uint8Array): void {
    const header = this.#waiting[packet.direction]
    if (!header) {
      packet.engine.problems.push(broken('data', sentence('socketio.unannounced')))
      return
    }
    packet.belongsTo = header.unit
    header.attachments!.push(bytes)
    if (header.attachments!.length === header.socket!.attachments) delete this.#waiting[packet.direction]
  }

  /** Keeps track of namespaces, announced binary frames and ids that wait for an answer. */
  #follow(packet: Packet, socket: SocketPacket, polling: boolean): void {
    const { direction, unit } = packet
    const { type, namespace, id, attachments, problems } = socket
    if (type === 0) this.#connect(direction, socket)
    // A session that began on another connection, by polling, has joined its namespaces there.
    else if (this.#namespaces.size > 0 && !polling && !this.#namespaces.has(namespace) && type !== 4)
      problems.push(broken('namespace', sentence('socketio.not-connected', { namespace })))
    if (type === 1 || type === 4) this.#namespaces.delete(namespace)
    if (attachments > 0) {
      const out = placeholders(socket.data).find((num) => !(num >= 0 && num < attachments))
      if (out !== undefined) problems.push(broken('data', sentence('socketio.placeholder', { number: out })))
      packet.attachments = []
      if (attachments <= maxAttachments) this.#waiting[direction] = packet
    }
    if (id === undefined) return
    const key = `${namespace} ${id}`
    const other = direction === 'c2s' ? 's2c' : 'c2s'
    if (type === 2 || type === 5) remember(this.#asked[direction], key, unit)
    else {
      packet.answers = this.#asked[other].get(key)
      this.#asked[other].delete(key)
    }
  }

  #connect(direction: Direction, { namespace, problems }: SocketPacket): void {
    const state = this.#namespaces.get(namespace)
    if (direction === 'c2s' && state)
      problems.push(broken('namespace', sentence('socketio.connected-already', { namespace })))
    if (this.#namespaces.size < 1000)
      this.#namespaces.set(namespace, direction === 's2c' ? 'joined' : (state ?? 'asked'))
  }
}

/** The separator between two packets is one byte. */
function markParts(packets: Packet[], body: string): void {
  let start = 0
  for (const [i, text] of body.split(separator).entries()) {
    const { length } = new TextEncoder().encode(text)
    packets[i]!.part = { start, length }
    start += length + 1
  }
}

/** Ids that wait for an answer that never comes are forgotten after a while. */
function remember(map: Map<string, number>, key: string, unit: number): void {
  map.set(key, unit)
  if (map.size > 1000) map.delete(map.keys().next().value!)
}

function broken(field: string, text: Sentence): Problem {
  return { field, text, rfc: 'Socket.IO protocol 5', severity: 'broken' }
}
