import { groupedCount } from '../sentences/en/grammar.ts'
import { say } from '../sentences/say.ts'
import type { Direction } from '../wire/model/chunk.ts'
import type { Unit } from '../wire/model/unit.ts'
import { briefOf } from '../wire/protocols.ts'
import type { FrameUnit } from '../wire/websocket/unit.ts'
import type { Payload } from './payload-reader.ts'

// A unit in a few words: for the list, for titles, for screen readers.

export const arrow = (direction: Direction) => (direction === 'c2s' ? '▲' : '▼')
export const way = (direction: Direction) => (direction === 'c2s' ? 'client to server' : 'server to client')

/** `text`, `ping`, `request`, `FIN`; a fragment that is not the last ends in `…`. */
export function kindOf(unit: Unit): string {
  return briefOf(unit).kind
}

/** `EVENT`, `open`, `CONNECT, EVENT`: the packets that a unit carries, each by its innermost name. */
export function packetsOf(carried?: Payload): string {
  return (carried?.packets ?? [])
    .map(({ engine, socket, belongsTo }) => socket?.name ?? (belongsTo === undefined ? engine.name : 'attachment'))
    .join(', ')
}

/** What the list shows beside the kind. */
export function previewOf(unit: Unit, carried?: Payload): string {
  const inflated = carried?.inflated && 'bytes' in carried.inflated ? carried.inflated.bytes : undefined
  return say(briefOf(unit, inflated).preview)
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
