import type { Unit } from '../wire/model/unit.ts'
import { type Packet, PacketReader } from '../wire/socketio/packet-reader.ts'
import { deflateAgreement, type Inflated, Inflater } from '../wire/websocket/deflate.ts'
import { extensions } from '../wire/websocket/handshake.ts'
import { HandshakeLog } from '../wire/websocket/handshake-log.ts'
import { readInflated } from '../wire/websocket/message.ts'
import type { FrameUnit } from '../wire/websocket/unit.ts'

/** What a unit carries one layer up. */
export interface Payload {
  /** the message that the unit completes, when it was compressed */
  inflated?: Inflated
  /** Engine.IO packets, with Socket.IO inside */
  packets: Packet[]
}

/** Reads what the units of one connection carry, in order. Inflating takes time, so the rest waits for it in a line. */
export class PayloadReader {
  readonly handshake = new HandshakeLog()
  readonly #found = new Map<number, Payload>()
  readonly #packets = new PacketReader()
  readonly #inflaters: Partial<Record<Unit['direction'], Inflater>> = {}
  readonly #changed: () => void
  #before: Promise<void> | undefined

  /** @param changed called when something became known later than `push` */
  constructor(changed: () => void) {
    this.#changed = changed
  }

  push(unit: Unit): void {
    if (unit.kind === 'head') this.handshake.note(unit.head)
    const packed = unit.kind === 'frame' && unit.message?.complete && unit.message.compressed
    if (!packed && !this.#before) return this.#read(unit)
    const turn = (this.#before ?? Promise.resolve()).then(async () => {
      this.#read(unit, packed ? await this.#inflate(unit) : undefined)
      this.#changed()
      if (this.#before === turn) this.#before = undefined
    })
    this.#before = turn
  }

  of(unit: Unit): Payload | undefined {
    return this.#found.get(unit.index)
  }

  forget(unit: Unit): void {
    this.#found.delete(unit.index)
  }

  #read(unit: Unit, inflated?: Inflated): void {
    const bytes = inflated && 'bytes' in inflated ? inflated.bytes : undefined
    if (bytes && unit.kind === 'frame') checkInflated(unit, bytes)
    const packets = this.#packets.push(unit, bytes)
    if (inflated || packets.length > 0) this.#found.set(unit.index, { inflated, packets })
  }

  #inflate(unit: Unit & { kind: 'frame' }): Promise<Inflated> {
    const { response } = this.handshake
    const agreed = response && deflateAgreement(extensions(response))
    this.#inflaters[unit.direction] ??= new Inflater(agreed?.[unit.direction].contextTakeover ?? true)
    return this.#inflaters[unit.direction]!.inflate(unit.message!.payload)
  }
}

/** What RFC 6455 §8.1 asks of text can be told of a compressed message only now. */
function checkInflated(unit: FrameUnit, bytes: Uint8Array): void {
  unit.problems.push(...readInflated(unit.message!, bytes).problems)
}
