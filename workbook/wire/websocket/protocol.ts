import { untilTruncated } from '../bytes/bits.ts'
import type { Protocol } from '../model/protocol.ts'
import { frameBrief } from './brief.ts'
import { explain } from './explanations.ts'
import { frameFields } from './fields.ts'
import { frameLayers } from './layers.ts'
import { openFrames } from './reader.ts'
import type { FrameUnit } from './unit.ts'

/** WebSocket (RFC 6455). A handshake leads to it: its bytes alone are never taken for it. */
export const websocket: Protocol<FrameUnit> = {
  name: 'websocket',
  kinds: ['frame'],
  open: () => openFrames(),
  title: () => 'Frame',
  fields: (unit) => untilTruncated(frameFields(unit.bytes, unit.problems)),
  brief: frameBrief,
  layers: frameLayers,
  explain,
}
