import { BitReader, Truncated } from '../bytes/bits.ts'
import { showText } from '../bytes/text.ts'
import type { Field } from '../model/field.ts'
import { type Problem, withProblem } from '../model/problem.ts'
import { sentence, type Words } from '../model/sentence.ts'
import { closeFields } from './close.ts'
import { readHeader, unmask } from './frame-header.ts'
import { isControl, Opcode, opcodeName } from './opcode.ts'
import { checkFrame } from './rules.ts'

/**
 * Yields the fields of one WebSocket frame in wire order (RFC 6455 §5.2).
 * What was yielded before an error is valid, so a half-arrived frame can be shown.
 *
 * @param bytes the stream from the first byte of a frame; bytes after the frame are left alone
 * @param problems what to mark on the fields; by default the rules that need no knowledge of the frames before
 * @throws {Truncated} when `bytes` ends inside the frame
 */
export function* frameFields(bytes: Uint8Array, problems = headerProblems(bytes)): Generator<Field, void> {
  const read = new BitReader(bytes, 'RFC 6455 §5.2')
  const mark = (field: Field, note?: Words): Field => {
    field.note = note
    return withProblem(field, problems)
  }

  const fin = read.uint('fin', 1)
  yield mark(fin, fin.value ? notes.lastFrame : notes.moreFrames)
  yield mark(read.uint('rsv1', 1))
  yield mark(read.uint('rsv2', 1))
  yield mark(read.uint('rsv3', 1))
  const opcode = read.uint('opcode', 4)
  yield mark(opcode, opcodeName(opcode.value))
  const mask = read.uint('mask', 1)
  yield mark(mask, mask.value ? notes.masked : notes.unmasked)
  const short = read.uint('payloadLength', 7)
  yield mark(short, lengthNote(short.value))

  let payloadLength: number | bigint = short.value
  if (short.value >= 126) {
    const extended = short.value === 126 ? read.uint('extendedPayloadLength', 16) : read.uint64('extendedPayloadLength')
    payloadLength = extended.value
    yield mark(extended, sentence('websocket.extended-length', { length: payloadLength }))
  }

  let maskingKey: Uint8Array | undefined
  if (mask.value) {
    const key = read.raw('maskingKey', 4)
    maskingKey = key.value
    key.rfc = 'RFC 6455 §5.3'
    yield mark(key)
  }

  if (Number(payloadLength) === 0) return
  const payload = read.some('payloadData', Number(payloadLength))
  if (payload.length > 0) {
    // A note shows the start, so the rest need not be unmasked.
    const isClose = opcode.value === Opcode.close
    const clear = unmask(payload.value.subarray(0, isClose ? undefined : noteBytes), maskingKey)
    if (isClose) payload.children = [...closeFields(clear, payload.start)].map((child) => withProblem(child, problems))
    yield mark(payload, payloadNote(opcode.value, clear, payload.value.length))
  }
  const missing = Number(payloadLength) - payload.value.length
  if (missing > 0) throw new Truncated('payloadData', missing)
}

function headerProblems(bytes: Uint8Array): Problem[] {
  const header = readHeader(bytes)
  return header ? checkFrame(header) : []
}

/** The notes without a value of the frame, made once for all frames. */
const notes = {
  lastFrame: sentence('websocket.last-frame'),
  moreFrames: sentence('websocket.more-frames'),
  masked: sentence('websocket.masked'),
  unmasked: sentence('websocket.unmasked'),
  lengthIn2: sentence('websocket.length-in', { count: 2 }),
  lengthIn8: sentence('websocket.length-in', { count: 8 }),
  close: sentence('websocket.code-and-reason'),
}

function lengthNote(value: number): Words {
  if (value === 126) return notes.lengthIn2
  if (value === 127) return notes.lengthIn8
  return sentence('websocket.length', { length: value })
}

/** The most bytes of a payload that its note shows. */
const noteBytes = 64

function payloadNote(opcode: number, clear: Uint8Array, length: number): Words {
  if (opcode === Opcode.close) return notes.close
  if (opcode === Opcode.text || isControl(opcode)) return `“${showText(clear)}”${length > noteBytes ? ' …' : ''}`
  return sentence('websocket.length', { length })
}
