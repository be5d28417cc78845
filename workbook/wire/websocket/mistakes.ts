import { concat } from '../bytes/bytes.ts'
import { hexByte, spacedHex } from '../bytes/hex.ts'
import { decodeText, showText } from '../bytes/text.ts'
import { type Sentence, sentence } from '../model/sentence.ts'
import type { Unit } from '../model/unit.ts'
import { mayBeSent } from './close.ts'
import { Opcode } from './opcode.ts'
import { checkFrame } from './rules.ts'
import { type FrameUnit, framePayload } from './unit.ts'

/** What is known around a unit that looks wrong. */
interface Around {
  /** what the last read of the unit held behind it */
  follows: Uint8Array
  /** the unit before it in its direction */
  before?: Unit
  /** frames that the other side sent earlier, newest first */
  heard: FrameUnit[]
}

/**
 * What a program that somebody has just written probably did when its bytes look like this: one sentence that says what
 * to do. A guess, unlike the problems of a unit: each is a mistake that people make, and that fits these bytes exactly.
 */
export function likelyMistake(unit: Unit, around: Around): Sentence | undefined {
  if (unit.kind === 'bytes' && unit.why.code === 'http.open-head') return sentence('websocket.mistake.open-head')
  if (unit.kind !== 'frame' || unit.bytes.length < 2) return undefined
  const looks = isBroken(unit) ? [...beforeIt, ...inside] : inside
  for (const look of looks) {
    const found = look(unit, around)
    if (found) return found
  }
  return undefined
}

/** A frame that has not arrived whole has no problems yet. */
function isBroken({ problems, header, direction }: FrameUnit): boolean {
  const all = header ? [...problems, ...checkFrame(header, { direction })] : problems
  return all.some(({ severity }) => severity === 'broken')
}

type Mistake = (unit: FrameUnit, around: Around) => Sentence | undefined | false

/** Mistakes in what came before, which make nonsense of the bytes that begin here. */
const beforeIt: Mistake[] = [
  function extraLine({ bytes }, { before }) {
    return before?.kind === 'head' && bytes[0] === 0x0d && bytes[1] === 0x0a && sentence('websocket.mistake.extra-line')
  },

  /** `text.length` in JavaScript, `len(text)` in Python: characters, where bytes are asked for. */
  function countedCharacters({ bytes }, { before, follows }) {
    if (before?.kind !== 'frame' || before.message?.opcode !== Opcode.text || !before.message.complete) return undefined
    const sent = framePayload(before)
    const rest = concat([bytes, follows]).subarray(0, 64)
    for (let count = 1; count <= rest.length; count++) {
      const text = decodeText(concat([sent, rest.subarray(0, count)]))
      if (text.includes('\ufffd') || (text.length !== sent.length && [...text].length !== sent.length)) continue
      return sentence('websocket.mistake.counted-characters', { count, text: showText(sent) })
    }
    return undefined
  },

  function unframed({ bytes, direction }, { follows }) {
    const start = concat([bytes, follows]).subarray(0, 24)
    const end = start.findIndex((byte) => (byte < 0x20 || byte > 0x7e) && byte !== 0x0d && byte !== 0x0a)
    const text = end < 0 ? start : start.subarray(0, end)
    if (text.length < 3) return undefined
    const shown = { text: showText(text) }
    return direction === 's2c'
      ? sentence('websocket.mistake.server-unframed', shown)
      : sentence('websocket.mistake.client-unframed', shown)
  },
]

const inside: Mistake[] = [
  function sentBack({ bytes, direction, header }, { heard }) {
    if (direction !== 's2c' || !header?.mask || !heard.some((frame) => equal(frame.bytes, bytes))) return undefined
    return sentence('websocket.mistake.sent-back')
  },

  function stillMasked(unit, { heard }) {
    const { direction, header } = unit
    if (direction !== 's2c' || !header || header.mask || header.payloadLength === 0) return undefined
    const payload = framePayload(unit)
    const source = heard.find((frame) => frame.header?.maskingKey && equal(maskedPayload(frame), payload))
    if (!source || equal(framePayload(source), payload)) return undefined
    return sentence('websocket.mistake.still-masked')
  },

  /** `frame[1] = payload.length` for every length */
  function longInSeven({ bytes, direction }, { follows }) {
    const length = bytes[1]!
    if (direction !== 's2c' || length < 126 || length !== bytes.length - 2 + follows.length) return undefined
    return sentence('websocket.mistake.long-in-seven', { length })
  },

  function swappedLength({ bytes, header }, { follows }) {
    const size = header?.shortLength === 126 ? 2 : header?.shortLength === 127 ? 8 : 0
    if (!header || size === 0) return undefined
    const swapped = bytes
      .slice(2, 2 + size)
      .reverse()
      .reduce((sum, byte) => sum * 256 + byte, 0)
    const here = bytes.length - header.headerLength + follows.length
    // Of a long one the rest may still be on its way; read as it stands it would be far longer.
    const fits = size === 2 ? swapped === here : swapped >= here && swapped < 2 ** 32
    if (!fits || swapped === header.payloadLength) return undefined
    return size === 2
      ? sentence('websocket.mistake.swapped-length', { length: swapped })
      : sentence('websocket.mistake.swapped-long-length', { length: swapped })
  },

  function swappedCode({ message }) {
    const code = message?.close?.code
    if (code === undefined || mayBeSent(code)) return undefined
    const swapped = (code & 0xff) * 256 + (code >> 8)
    if (swapped > 1015 || !mayBeSent(swapped)) return undefined
    return sentence('websocket.mistake.swapped-code', { code: swapped })
  },

  function latin1(unit) {
    const { header, message } = unit
    if (message?.opcode !== Opcode.text || !header?.fin || !unit.problems.some(({ answer }) => answer === 1007))
      return undefined
    const payload = framePayload(unit)
    const byte = payload.find((one) => one > 0x7f)
    if (byte === undefined || payload.some((one) => one < 0x20 || (one > 0x7e && one < 0xa0))) return undefined
    const character = String.fromCharCode(byte)
    const utf8 = spacedHex(new TextEncoder().encode(character))
    return sentence('websocket.mistake.latin1', { byte: hexByte(byte), character, utf8 })
  },
]

function maskedPayload({ bytes, header }: FrameUnit): Uint8Array {
  return bytes.subarray(header!.headerLength)
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}
