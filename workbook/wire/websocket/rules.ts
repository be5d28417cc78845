import type { Direction } from '../model/chunk.ts'
import type { Problem } from '../model/problem.ts'
import { type Sentence, sentence } from '../model/sentence.ts'
import { type FrameHeader, maxCountableBytes } from './frame-header.ts'
import { isControl, isReserved, Opcode, opcodeName } from './opcode.ts'

/** What was known when the frame began; whatever is left out is not held against the frame. */
export interface FrameContext {
  direction?: Direction
  /** permessage-deflate was negotiated (RFC 7692) */
  deflate?: boolean
  /** a message of this direction waits for its next fragment */
  messageOpen?: boolean
  /** a close frame was already sent in this direction */
  closed?: boolean
}

interface Rule {
  field: string
  rfc: string
  severity?: 'odd'
  isBroken(header: FrameHeader, context: FrameContext): boolean | undefined
  /** what is wrong; made once where nothing of the frame stands in it */
  text: Sentence | ((header: FrameHeader) => Sentence)
}

/** Every rule that the header of one frame can break, in the order of its fields. */
const rules: Rule[] = [
  {
    field: 'fin',
    rfc: 'RFC 6455 §5.5',
    isBroken: ({ fin, opcode }) => !fin && isControl(opcode),
    text: sentence('websocket.control-fragmented'),
  },
  {
    field: 'fin',
    rfc: 'RFC 6455 §5.4',
    severity: 'odd',
    isBroken: ({ fin, opcode, payloadLength }) => !fin && !isControl(opcode) && payloadLength === 0,
    text: sentence('websocket.empty-fragment'),
  },
  {
    field: 'rsv1',
    rfc: 'RFC 6455 §5.2',
    isBroken: ({ rsv1 }, { deflate }) => rsv1 && !deflate,
    text: sentence('websocket.rsv-set', { bit: 'RSV1' }),
  },
  {
    field: 'rsv1',
    rfc: 'RFC 7692 §6',
    isBroken: ({ rsv1, opcode }, { deflate }) =>
      rsv1 && deflate && (isControl(opcode) || opcode === Opcode.continuation),
    text: ({ opcode }) => sentence('websocket.compressed-later', { opcode: opcodeName(opcode) }),
  },
  {
    field: 'rsv2',
    rfc: 'RFC 6455 §5.2',
    isBroken: ({ rsv2 }) => rsv2,
    text: sentence('websocket.rsv-set', { bit: 'RSV2' }),
  },
  {
    field: 'rsv3',
    rfc: 'RFC 6455 §5.2',
    isBroken: ({ rsv3 }) => rsv3,
    text: sentence('websocket.rsv-set', { bit: 'RSV3' }),
  },
  {
    field: 'opcode',
    rfc: 'RFC 6455 §5.2',
    isBroken: ({ opcode }) => isReserved(opcode),
    text: ({ opcode }) => sentence('websocket.opcode-reserved', { opcode: opcode.toString(16).toUpperCase() }),
  },
  {
    field: 'opcode',
    rfc: 'RFC 6455 §5.4',
    isBroken: ({ opcode }, { messageOpen }) => opcode === Opcode.continuation && messageOpen === false,
    text: sentence('websocket.nothing-to-continue'),
  },
  {
    field: 'opcode',
    rfc: 'RFC 6455 §5.4',
    isBroken: ({ opcode }, { messageOpen }) => (opcode === Opcode.text || opcode === Opcode.binary) && messageOpen,
    text: sentence('websocket.message-unfinished'),
  },
  {
    field: 'opcode',
    rfc: 'RFC 6455 §5.5.1',
    isBroken: (_, { closed }) => closed,
    text: sentence('websocket.after-close'),
  },
  {
    field: 'mask',
    rfc: 'RFC 6455 §5.1',
    isBroken: ({ mask }, { direction }) => !mask && direction === 'c2s',
    text: sentence('websocket.client-unmasked'),
  },
  {
    field: 'mask',
    rfc: 'RFC 6455 §5.1',
    isBroken: ({ mask }, { direction }) => mask && direction === 's2c',
    text: sentence('websocket.server-masked'),
  },
  {
    field: 'payloadLength',
    rfc: 'RFC 6455 §5.5',
    isBroken: ({ opcode, shortLength }) => isControl(opcode) && shortLength > 125,
    text: ({ shortLength }) => sentence('websocket.control-too-long', { length: shortLength }),
  },
  {
    field: 'extendedPayloadLength',
    rfc: 'RFC 6455 §5.2',
    isBroken: ({ shortLength, payloadLength }) =>
      (shortLength === 126 && payloadLength < 126) || (shortLength === 127 && payloadLength < 0x10000),
    text: ({ payloadLength }) => sentence('websocket.length-not-shortest', { length: payloadLength }),
  },
  {
    field: 'extendedPayloadLength',
    rfc: 'RFC 6455 §5.2',
    isBroken: ({ payloadLength }) => payloadLength >= 2 ** 63,
    text: sentence('websocket.length-top-bit'),
  },
  {
    field: 'extendedPayloadLength',
    rfc: 'ECMA-262 §21.1.2.6',
    severity: 'odd',
    isBroken: (header) => header.payloadLength < 2 ** 63 && !isCountable(header),
    text: sentence('websocket.length-inexact'),
  },
  {
    field: 'maskingKey',
    rfc: 'RFC 6455 §5.3',
    severity: 'odd',
    isBroken: ({ maskingKey }) => maskingKey?.every((byte) => byte === 0),
    text: sentence('websocket.key-zero'),
  },
]

/** The rules that the header of a frame breaks, in the order of its fields. */
export function checkFrame(header: FrameHeader, context: FrameContext = {}): Problem[] {
  if (isOrdinary(header, context)) return []
  const problems: Problem[] = []
  for (const { field, rfc, severity = 'broken', isBroken, text } of rules) {
    if (!isBroken(header, context)) continue
    const said = typeof text === 'function' ? text(header) : text
    problems.push({ field, text: said, rfc, severity, ...(severity === 'broken' ? { answer: 1002 } : {}) })
  }
  return problems
}

/** A short whole message, masked by its client: most frames are, and break none of the rules. */
function isOrdinary(
  { fin, rsv1, rsv2, rsv3, opcode, mask, shortLength, maskingKey }: FrameHeader,
  context: FrameContext,
) {
  if (!fin || rsv1 || rsv2 || rsv3 || (opcode !== Opcode.text && opcode !== Opcode.binary) || shortLength > 125)
    return false
  if (context.messageOpen || context.closed || mask !== (context.direction === 'c2s')) return false
  return !mask || maskingKey?.[0] !== 0
}

/** False when the length is too large to say where the frame ends, so that nothing after it can be read. */
export function isCountable(header: FrameHeader): boolean {
  return header.payloadLength <= maxCountableBytes
}
