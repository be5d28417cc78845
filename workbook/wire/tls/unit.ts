import type { UnitParts } from '../model/unit.ts'
import type { TlsRecord } from './record.ts'

/** A TLS record. */
export type RecordUnit = UnitParts & { kind: 'record'; record: TlsRecord }

declare module '../model/unit.ts' {
  interface UnitKinds {
    record: RecordUnit
  }
}
