import { showText } from './bytes/text.ts'
import { http } from './http/protocol.ts'
import { lengthPrefixed } from './length-prefixed/protocol.ts'
import { lines } from './lines/protocol.ts'
import type { Direction } from './model/chunk.ts'
import type { Explanation } from './model/explanation.ts'
import type { Field } from './model/field.ts'
import { type Brief, type Protocol, previewBytes } from './model/protocol.ts'
import type { Unit } from './model/unit.ts'
import { plainBytes } from './plain/protocol.ts'
import { relay } from './relay/protocol.ts'
import { resp } from './resp/protocol.ts'
import { tls } from './tls/protocol.ts'
import { websocket } from './websocket/protocol.ts'

/** Every protocol that the workbook reads: one line each. */
export const protocols: readonly Protocol[] = [http, websocket, tls, lines, lengthPrefixed, relay, resp, plainBytes]

/**
 * The protocols that a connection may speak.
 *
 * @param start a name, several of which the first bytes tell, or `detect` for every protocol that they tell
 * @throws {RangeError} when there is no protocol of a name
 */
export function expected(start: string | readonly string[]): readonly Protocol[] {
  if (start === 'detect') return protocols.filter(isSelfEvident)
  return (typeof start === 'string' ? [start] : start).map((name) => {
    const protocol = protocols.find((one) => one.name === name)
    if (protocol) return protocol
    throw new RangeError(`start: expected one of ${protocols.map((one) => one.name).join(', ')}, received ${name}`)
  })
}

/** Whether the first bytes of a direction tell a protocol, or still may. */
export function isRecognised(bytes: Uint8Array, direction: Direction): boolean {
  return protocols.filter(isSelfEvident).some((protocol) => (protocol.recognise?.(bytes, direction) ?? 'no') !== 'no')
}

/** The protocol that a unit belongs to. */
export function protocolOf(unit: Unit): Protocol {
  return protocols.find(({ kinds }) => kinds.includes(unit.kind))!
}

/** A unit in a few words, for a row of the list. @param inflated its message, when that was compressed */
export function briefOf(unit: Unit, inflated?: Uint8Array): Brief {
  return (
    protocolOf(unit).brief?.(unit, inflated) ?? {
      kind: unit.kind,
      preview: showText(unit.bytes.subarray(0, previewBytes)),
    }
  )
}

/** What a field of a unit means; `undefined` where its protocol has nothing to say. */
export function explainField(field: Field, unit: Unit): Explanation | undefined {
  return protocolOf(unit).explain?.(field, unit)
}

/** The fields of a unit in wire order; what has not arrived or was not kept is not among them. */
export function unitFields(unit: Unit): Field[] {
  return protocolOf(unit).fields(unit)
}

function isSelfEvident({ recognise, onlyWhenNamed }: Protocol): boolean {
  return recognise !== undefined && !onlyWhenNamed
}
