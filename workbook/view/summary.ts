import { groupedCount } from '../sentences/en/grammar.ts'
import { showText } from '../wire/bytes/text.ts'
import type { Direction } from '../wire/model/chunk.ts'
import type { Unit } from '../wire/model/unit.ts'
import { Opcode, opcodeName } from '../wire/websocket/opcode.ts'
import { type FrameUnit, framePayload } from '../wire/websocket/unit.ts'
import type { Payload } from './payload-reader.ts'

// A unit in a few words: for the list, for titles, for screen readers.

/** The first part of a payload that a list has room for, in bytes. */
const previewBytes = 80

export const arrow = (direction: Direction) => (direction === 'c2s' ? '▲' : '▼')
export const way = (direction: Direction) => (direction === 'c2s' ? 'client to server' : 'server to client')

/** `text`, `ping`, `request`, `FIN`; a fragment that is not the last ends in `…`. */
export function kindOf(unit: Unit): string {
  if (unit.kind === 'frame') {
    if (!unit.header) return 'frame'
    const name = unit.header.opcode === Opcode.continuation ? 'cont' : opcodeName(unit.header.opcode)
    return unit.header.fin ? name : `${name}…`
  }
  if (unit.kind === 'head') return unit.head.type
  if (unit.kind === 'record') return shortRecord[unit.record.name] ?? 'record'
  if (unit.kind === 'end') return unit.end.toUpperCase()
  return unit.kind
}

const shortRecord: Record<string, string> = {
  change_cipher_spec: 'cipher',
  application_data: 'data',
}

/** `EVENT`, `open`, `CONNECT, EVENT`: the packets that a unit carries, each by its innermost name. */
export function packetsOf(carried?: Payload): string {
  return (carried?.packets ?? [])
    .map(({ engine, socket, belongsTo }) => socket?.name ?? (belongsTo === undefined ? engine.name : 'attachment'))
    .join(', ')
}

/** What the list shows beside the kind. */
export function previewOf(unit: Unit, carried?: Payload): string {
  if (unit.kind === 'frame') return framePreview(unit, carried)
  if (unit.kind === 'record') return recordPreview(unit)
  if (unit.kind === 'head') {
    return unit.head.type === 'request'
      ? `${unit.head.method} ${unit.head.target}`
      : `${unit.head.status} ${unit.head.reason}`
  }
  if (unit.kind === 'end') {
    const who = unit.direction === 'c2s' ? 'the client' : 'the server'
    return unit.end === 'fin' ? `${who} has finished sending` : `${who} reset the connection`
  }
  return showText(unit.bytes.subarray(0, previewBytes))
}

function recordPreview({ record }: Unit & { kind: 'record' }): string {
  if (record.encrypted) return `encrypted, ${groupedCount(record.fragmentLength, 'byte')}`
  if (record.alert) return `${record.alert.level}: ${record.alert.description}`
  return record.messages.map(({ name }) => name).join(', ') || record.name
}

function framePreview(unit: FrameUnit, carried?: Payload): string {
  const { header, message } = unit
  if (!header) return 'half a header'
  if (unit.missing) return `${groupedCount(unit.missing, 'byte')} still to come`
  if (message?.close) return `${message.close.code ?? 'no code'} ${message.close.reason}`.trim()
  const inflated = carried?.inflated && 'bytes' in carried.inflated ? carried.inflated.bytes : undefined
  if (inflated && message?.opcode === 0x1) return showText(inflated.subarray(0, previewBytes))
  if (message?.compressed) return `compressed, ${groupedCount(header.payloadLength, 'byte')}`
  if (header.payloadLength === 0) return 'empty'
  if ((message?.opcode ?? header.opcode) === 0x2) return groupedCount(header.payloadLength, 'byte')
  return showText(framePayload({ ...unit, bytes: unit.bytes.subarray(0, header.headerLength + previewBytes) }))
}

/** `text, masked, 5 bytes of payload, 11 bytes on the wire`. */
export function describe(unit: Unit): string {
  if (unit.kind === 'frame' && unit.header) {
    const { mask, payloadLength } = unit.header
    const masked = mask ? 'masked' : 'unmasked'
    return `${kindOf(unit)}, ${masked}, ${groupedCount(payloadLength, 'byte')} of payload, ${groupedCount(unit.length, 'byte')} on the wire`
  }
  if (unit.kind === 'end') return previewOf(unit)
  return `${kindOf(unit)}, ${groupedCount(unit.length, 'byte')}`
}

/** `6 of 11 bytes are header`. */
export function overhead({ header, length }: FrameUnit): string {
  return header
    ? `${header.headerLength} of ${groupedCount(length, 'byte')} ${header.headerLength === 1 ? 'is' : 'are'} header`
    : ''
}

/** Milliseconds since the connection was opened, as the list writes them. */
export const at = (time: number) => `${time.toFixed(1)} ms`
