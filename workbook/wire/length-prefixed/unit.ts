import type { UnitParts } from '../model/unit.ts'

/** A message behind its length. */
export type PrefixedUnit = UnitParts & { kind: 'prefixed' }

declare module '../model/unit.ts' {
  interface UnitKinds {
    prefixed: PrefixedUnit
  }
}

/** The length of the prefix, in bytes: a number, the most significant byte first. */
export const prefixBytes = 4
