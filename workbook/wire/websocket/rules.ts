import type { Direction } from '../model/chunk.ts'
import type { Problem } from '../model/problem.ts'
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
  /** what is wrong in words, or `undefined` when the rule is kept */
  broken(header: FrameHeader, context: FrameContext): string | undefined | false
}

/** Every rule that the header of one frame can break, in the order of its fields. */
const rules: Rule[] = [
  {
    field: 'fin',
    rfc: 'RFC 6455 §5.5',
    broken: ({ fin, opcode }) => !fin && isControl(opcode) && 'a control frame must not be fragmented: FIN is 0',
  },
  {
    field: 'fin',
    rfc: 'RFC 6455 §5.4',
    severity: 'odd',
    broken: ({ fin, opcode, payloadLength }) =>
      !fin && !isControl(opcode) && payloadLength === 0 && 'an empty fragment: allowed, and it carries nothing',
  },
  {
    field: 'rsv1',
    rfc: 'RFC 6455 §5.2',
    broken: ({ rsv1 }, { deflate }) => rsv1 && !deflate && 'RSV1 is 1, but no negotiated extension gives it a meaning',
  },
  {
    field: 'rsv1',
    rfc: 'RFC 7692 §6',
    broken: ({ rsv1, opcode }, { deflate }) =>
      rsv1 &&
      deflate &&
      (isControl(opcode) || opcode === Opcode.continuation) &&
      `only the first frame of a message is marked as compressed; this is a ${opcodeName(opcode)} frame`,
  },
  {
    field: 'rsv2',
    rfc: 'RFC 6455 §5.2',
    broken: ({ rsv2 }) => rsv2 && 'RSV2 is 1, but no negotiated extension gives it a meaning',
  },
  {
    field: 'rsv3',
    rfc: 'RFC 6455 §5.2',
    broken: ({ rsv3 }) => rsv3 && 'RSV3 is 1, but no negotiated extension gives it a meaning',
  },
  {
    field: 'opcode',
    rfc: 'RFC 6455 §5.2',
    broken: ({ opcode }) => isReserved(opcode) && `opcode 0x${opcode.toString(16).toUpperCase()} is reserved`,
  },
  {
    field: 'opcode',
    rfc: 'RFC 6455 §5.4',
    broken: ({ opcode }, { messageOpen }) =>
      opcode === Opcode.continuation && messageOpen === false && 'a continuation, but no message is open',
  },
  {
    field: 'opcode',
    rfc: 'RFC 6455 §5.4',
    broken: ({ opcode }, { messageOpen }) =>
      (opcode === Opcode.text || opcode === Opcode.binary) &&
      messageOpen &&
      'a new message, but the fragmented one before it is not finished',
  },
  {
    field: 'opcode',
    rfc: 'RFC 6455 §5.5.1',
    broken: (_, { closed }) => closed && 'a frame after the close frame of this side',
  },
  {
    field: 'mask',
    rfc: 'RFC 6455 §5.1',
    broken: ({ mask }, { direction }) => !mask && direction === 'c2s' && 'a client must mask every frame: MASK is 0',
  },
  {
    field: 'mask',
    rfc: 'RFC 6455 §5.1',
    broken: ({ mask }, { direction }) => mask && direction === 's2c' && 'a server must not mask a frame: MASK is 1',
  },
  {
    field: 'payloadLength',
    rfc: 'RFC 6455 §5.5',
    broken: ({ opcode, shortLength }) =>
      isControl(opcode) && shortLength > 125 && `a control frame carries at most 125 bytes; ${shortLength} is received`,
  },
  {
    field: 'extendedPayloadLength',
    rfc: 'RFC 6455 §5.2',
    broken: ({ shortLength, payloadLength }) =>
      ((shortLength === 126 && payloadLength < 126) || (shortLength === 127 && payloadLength < 0x10000)) &&
      `the length ${payloadLength} must be written in its shortest form`,
  },
  {
    field: 'extendedPayloadLength',
    rfc: 'RFC 6455 §5.2',
    broken: ({ payloadLength }) =>
      payloadLength >= 2 ** 63 && 'the most significant bit of the 64-bit length must be 0',
  },
  {
    field: 'extendedPayloadLength',
    rfc: 'ECMA-262 §21.1.2.6',
    severity: 'odd',
    broken: (header) =>
      header.payloadLength < 2 ** 63 &&
      !isCountable(header) &&
      'more than 2^53 - 1, the largest exact integer of JavaScript',
  },
  {
    field: 'maskingKey',
    rfc: 'RFC 6455 §5.3',
    severity: 'odd',
    broken: ({ maskingKey }) =>
      maskingKey?.every((byte) => byte === 0) && 'the key is 0, so the payload is not changed: hardly a random number',
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
