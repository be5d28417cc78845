import type { Direction } from '../model/chunk.ts'
import type { Problem } from '../model/problem.ts'
import { type Sentence, sentence } from '../model/sentence.ts'
import type { FrameHeader } from './frame-header.ts'
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
  /** what is wrong, or nothing when the rule is kept */
  broken(header: FrameHeader, context: FrameContext): Sentence | undefined | false
}

/** Every rule that the header of one frame can break, in the order of its fields. */
const rules: Rule[] = [
  {
    field: 'fin',
    rfc: 'RFC 6455 §5.5',
    broken: ({ fin, opcode }) => !fin && isControl(opcode) && sentence('websocket.control-fragmented'),
  },
  {
    field: 'fin',
    rfc: 'RFC 6455 §5.4',
    severity: 'odd',
    broken: ({ fin, opcode, payloadLength }) =>
      !fin && !isControl(opcode) && payloadLength === 0 && sentence('websocket.empty-fragment'),
  },
  {
    field: 'rsv1',
    rfc: 'RFC 6455 §5.2',
    broken: ({ rsv1 }, { deflate }) => rsv1 && !deflate && sentence('websocket.rsv-set', { bit: 'RSV1' }),
  },
  {
    field: 'rsv1',
    rfc: 'RFC 7692 §6',
    broken: ({ rsv1, opcode }, { deflate }) =>
      rsv1 &&
      deflate &&
      (isControl(opcode) || opcode === Opcode.continuation) &&
      sentence('websocket.compressed-later', { opcode: opcodeName(opcode) }),
  },
  {
    field: 'rsv2',
    rfc: 'RFC 6455 §5.2',
    broken: ({ rsv2 }) => rsv2 && sentence('websocket.rsv-set', { bit: 'RSV2' }),
  },
  {
    field: 'rsv3',
    rfc: 'RFC 6455 §5.2',
    broken: ({ rsv3 }) => rsv3 && sentence('websocket.rsv-set', { bit: 'RSV3' }),
  },
  {
    field: 'opcode',
    rfc: 'RFC 6455 §5.2',
    broken: ({ opcode }) =>
      isReserved(opcode) && sentence('websocket.opcode-reserved', { opcode: opcode.toString(16).toUpperCase() }),
  },
  {
    field: 'opcode',
    rfc: 'RFC 6455 §5.4',
    broken: ({ opcode }, { messageOpen }) =>
      opcode === Opcode.continuation && messageOpen === false && sentence('websocket.nothing-to-continue'),
  },
  {
    field: 'opcode',
    rfc: 'RFC 6455 §5.4',
    broken: ({ opcode }, { messageOpen }) =>
      (opcode === Opcode.text || opcode === Opcode.binary) && messageOpen && sentence('websocket.message-unfinished'),
  },
  {
    field: 'opcode',
    rfc: 'RFC 6455 §5.5.1',
    broken: (_, { closed }) => closed && sentence('websocket.after-close'),
  },
  {
    field: 'mask',
    rfc: 'RFC 6455 §5.1',
    broken: ({ mask }, { direction }) => !mask && direction === 'c2s' && sentence('websocket.client-unmasked'),
  },
  {
    field: 'mask',
    rfc: 'RFC 6455 §5.1',
    broken: ({ mask }, { direction }) => mask && direction === 's2c' && sentence('websocket.server-masked'),
  },
  {
    field: 'payloadLength',
    rfc: 'RFC 6455 §5.5',
    broken: ({ opcode, shortLength }) =>
      isControl(opcode) && shortLength > 125 && sentence('websocket.control-too-long', { length: shortLength }),
  },
  {
    field: 'extendedPayloadLength',
    rfc: 'RFC 6455 §5.2',
    broken: ({ shortLength, payloadLength }) =>
      ((shortLength === 126 && payloadLength < 126) || (shortLength === 127 && payloadLength < 0x10000)) &&
      sentence('websocket.length-not-shortest', { length: payloadLength }),
  },
  {
    field: 'extendedPayloadLength',
    rfc: 'RFC 6455 §5.2',
    broken: ({ payloadLength }) => payloadLength >= 2 ** 63 && sentence('websocket.length-top-bit'),
  },
  {
    field: 'extendedPayloadLength',
    rfc: 'ECMA-262 §21.1.2.6',
    severity: 'odd',
    broken: (header) => header.payloadLength < 2 ** 63 && !isCountable(header) && sentence('websocket.length-inexact'),
  },
  {
    field: 'maskingKey',
    rfc: 'RFC 6455 §5.3',
    severity: 'odd',
    broken: ({ maskingKey }) => maskingKey?.every((byte) => byte === 0) && sentence('websocket.key-zero'),
  },
]

/** The rules that the header of a frame breaks, in the order of its fields. */
export function checkFrame(header: FrameHeader, context: FrameContext = {}): Problem[] {
  const problems: Problem[] = []
  for (const { field, rfc, severity = 'broken', broken } of rules) {
    const text = broken(header, context)
    if (text) problems.push({ field, text, rfc, severity, ...(severity === 'broken' ? { answer: 1002 } : {}) })
  }
  return problems
}

/** False when the length is too large to say where the frame ends, so that nothing after it can be read. */
export function isCountable(header: FrameHeader): boolean {
  return header.payloadLength <= Number.MAX_SAFE_INTEGER - 14
}
