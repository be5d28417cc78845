import { decodeText } from '../bytes/text.ts'
import type { UnitParts } from '../model/unit.ts'
import { headerBytes } from './frame.ts'

/** A frame of the relay: a name and data. */
export type RelayUnit = UnitParts & { kind: 'relayFrame' }

declare module '../model/unit.ts' {
  interface UnitKinds {
    relayFrame: RelayUnit
  }
}

/** Whom a whole frame names, and what it carries. */
export function relayContents({ bytes }: Pick<RelayUnit, 'bytes'>): { name: string; data: Uint8Array } {
  const header = headerBytes(bytes[0] ?? 0)
  return { name: decodeText(bytes.subarray(1, header - 4)), data: bytes.subarray(header) }
}
