import { groupedCount } from '../sentences/en/grammar.ts'
import { spacedHex } from '../wire/bytes/hex.ts'
import type { Field } from '../wire/model/field.ts'

/** The five hues of the palette, and none for what belongs to no group. */
export type Hue = 'flags' | 'opcode' | 'length' | 'masking' | 'payload'

const hues: Record<string, Hue> = {
  fin: 'flags',
  rsv1: 'flags',
  rsv2: 'flags',
  rsv3: 'flags',
  opcode: 'opcode',
  mask: 'masking',
  payloadLength: 'length',
  extendedPayloadLength: 'length',
  maskingKey: 'masking',
  payloadData: 'payload',
  // of Engine.IO and Socket.IO
  packetType: 'opcode',
  type: 'opcode',
  attachments: 'length',
  namespace: 'flags',
  id: 'masking',
}

/** The hue of a field; the same field has the same hue in every view. */
export function hueOf(key: string): Hue {
  return hues[key.split('/')[0]!] ?? 'payload'
}

// The RFC's own spelling, where it is not the camelCase name with spaces.
const labels: Record<string, string> = {
  fin: 'FIN',
  rsv1: 'RSV1',
  rsv2: 'RSV2',
  rsv3: 'RSV3',
  mask: 'MASK',
  opcode: 'opcode',
  payloadLength: 'Payload len',
  extendedPayloadLength: 'Extended payload length',
  maskingKey: 'Masking key',
  payloadData: 'Payload data',
}

/** A field's name as the RFC's diagram spells it; a header's name as it was sent. */
export function labelOf(field: Pick<Field, 'name'>): string {
  const known = labels[field.name]
  if (known) return known
  if (/^[A-Z]|-/.test(field.name)) return field.name
  const words = field.name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase()
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** At most this many bytes of a value are written out. */
const maxBytesShown = 16

/** A field's value as a line of text: `0x1`, `300`, `37 fa 21 3d`, `5 bytes`. */
export function valueText({ name, value }: Pick<Field, 'name' | 'value'>): string {
  if (name === 'opcode') return `0x${value.toString(16).toUpperCase()}`
  if (typeof value !== 'object') return String(value)
  if (name === 'payloadData' || value.length > maxBytesShown) return groupedCount(value.length, 'byte')
  return spacedHex(value)
}
