import type { Conversation } from '../../../workbook/wire/conversation.ts'
import { deflateAgreement, type Inflated, Inflater } from '../../../workbook/wire/deflate.ts'
import { extensions } from '../../../workbook/wire/handshake.ts'
import { type Packet, PacketReader } from '../../../workbook/wire/packets.ts'
import type { Unit } from '../../../workbook/wire/unit.ts'

/** What a unit carries one layer up. */
export interface Carried {
  /** the message that the unit completes, when it was compressed */
  inflated?: Inflated
  /** Engine.IO packets, with Socket.IO inside */
  packets: Packet[]
}

/** Reads what the units of one connection carry, in order. Inflating takes time, so the rest waits for it in a line. */
export class CarriedReader {
  private readonly found = new Map<number, Carried>()
  private readonly packets = new PacketReader()
  private readonly inflaters: Partial<Record<Unit['direction'], Inflater>> = {}
  private readonly conversation: Conversation
  private readonly changed: () => void
  private before: Promise<void> | undefined

  /** @param changed called when something became known later than `push` */
  constructor(conversation: Conversation, changed: () => void) {
    this.conversation = conversation
    this.changed = changed
  }

  push(unit: Unit): void {
    const packed = unit.kind === 'frame' && unit.message?.complete && unit.message.compressed
    if (!packed && !this.before) return this.read(unit)
    const turn = (this.before ?? Promise.resolve()).then(async () => {
      this.read(unit, packed ? await this.inflate(unit) : undefined)
      this.changed()
      if (this.before === turn) this.before = undefined
    })
    this.before = turn
  }

  of(unit: Unit): Carried | undefined {
    return this.found.get(unit.index)
  }

  forget(unit: Unit): void {
    this.found.delete(unit.index)
  }

  private read(unit: Unit, inflated?: Inflated): void {
    const bytes = inflated && 'bytes' in inflated ? inflated.bytes : undefined
    const packets = this.packets.push(unit, bytes)
    if (inflated || packets.length > 0) this.found.set(unit.index, { inflated, packets })
  }

  private inflate(unit: Unit & { kind: 'frame' }): Promise<Inflated> {
    const { response } = this.conversation
    const agreed = response && deflateAgreement(extensions(response))
    this.inflaters[unit.direction] ??= new Inflater(agreed?.[unit.direction].contextTakeover ?? true)
    return this.inflaters[unit.direction]!.inflate(unit.message!.payload)
  }
}
