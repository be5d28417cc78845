import type { UnitParts } from '../model/unit.ts'

/** One value of RESP with all that is in it: a command, a reply, a push; or a command typed as a line. */
export type RespUnit = UnitParts & { kind: 'resp' }

declare module '../model/unit.ts' {
  interface UnitKinds {
    resp: RespUnit
  }
}
