import { untilTruncated } from '../bytes/bits.ts'
import type { Protocol } from '../model/protocol.ts'
import { frameFields } from './fields.ts'
import { openFrames } from './reader.ts'
import type { FrameUnit } from './unit.ts'

/** WebSocket (RFC 6455). A handshake leads to it: its bytes alone are never taken for it. */
export const websocket: Protocol<FrameUnit> = {
  name: 'websocket',
  kinds: ['frame'],
  open: () => openFrames(),
  fields: (unit) => untilTruncated(frameFields(unit.bytes, unit.problems)),
}
