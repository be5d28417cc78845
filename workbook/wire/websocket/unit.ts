import type { UnitParts } from '../model/unit.ts'
import { type FrameHeader, unmaskInPlace } from './frame-header.ts'
import type { Message } from './message.ts'

/** A WebSocket frame. `header` is undefined while not even that has arrived. */
export type FrameUnit = UnitParts & { kind: 'frame'; header?: FrameHeader; message?: Message }

declare module '../model/unit.ts' {
  interface UnitKinds {
    frame: FrameUnit
  }
}

/** The payload of a frame as the application sees it: what was kept of it, unmasked. */
export function framePayload(unit: Pick<FrameUnit, 'header' | 'bytes'>): Uint8Array {
  if (!unit.header) return new Uint8Array()
  return unmaskInPlace(unit.bytes.slice(unit.header.headerLength), unit.header.maskingKey)
}
