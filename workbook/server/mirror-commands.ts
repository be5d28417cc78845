import { fromBase64 } from '../wire/bytes/base64.ts'
import type { MirrorCommand, RawBytes } from '../wire/formats/mirror-messages.ts'
import { shortJson } from '../wire/formats/short-json.ts'
import type { Direction } from '../wire/model/chunk.ts'
import type { Limits } from './limits.ts'

/** So much of a wrong value stands in the sentence, in characters. */
const maxShown = 60

/** A command of a page as it arrived: an object whose members are not known yet. */
type RawCommand = { id: number } & Record<string, unknown>

/** Reads a command as far as its `id`. @throws {Error} one sentence, when the text is no JSON object with a numeric `id` */
export function parseJson(text: string): RawCommand {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new Error('Command: expected JSON.')
  }
  if (typeof value !== 'object' || value === null || !('id' in value) || !Number.isSafeInteger(value.id)) {
    throw new Error('Command: expected an object with a whole number as its id.')
  }
  return value as RawCommand
}

/** Checks every member. @throws {Error} one sentence that names the member, what was expected and what was received */
export function parseCommand(raw: RawCommand, limits: Limits): MirrorCommand {
  const { id, type } = raw
  switch (type) {
    case 'targets':
      return raw.target === undefined ? { id, type } : { id, type, target: textOf(raw, 'target') }
    case 'watch':
    case 'unwatch':
    case 'open':
      return { id, type, target: textOf(raw, 'target') }
    case 'send':
    case 'serverSend':
      return { id, type, ...rawBytes(raw, limits) }
    case 'cut':
      return { id, type, connection: wholeNumber(raw, 'connection', 2 ** 32 - 1), direction: directionOf(raw) }
    case 'reset':
      return { id, type, connection: wholeNumber(raw, 'connection', 2 ** 32 - 1) }
    default:
      throw new Error(
        `type: expected watch, unwatch, targets, open, send, serverSend, cut or reset, received ${shortJson(type, maxShown)}.`,
      )
  }
}

function rawBytes(raw: RawCommand, limits: Limits): RawBytes {
  const data = textOf(raw, 'data')
  const length = Buffer.byteLength(data, 'base64')
  if (length > limits.sendBytes) {
    throw new Error(`data: expected at most ${limits.sendBytes} bytes, received more.`)
  }
  if (!fromBase64(data)) {
    throw new Error('data: expected base64, padded to a multiple of 4 (RFC 4648 §4).')
  }
  const connection = wholeNumber(raw, 'connection', 2 ** 32 - 1)
  const delay = raw.delay === undefined ? 20 : wholeNumber(raw, 'delay', limits.sendDelayMs)
  return { connection, data, cuts: cutsOf(raw, length, limits), delay }
}

function cutsOf(raw: RawCommand, length: number, limits: Limits): number[] {
  const cuts = raw.cuts ?? []
  if (!Array.isArray(cuts) || cuts.length >= limits.sendPieces) {
    throw new Error(`cuts: expected a list of fewer than ${limits.sendPieces} offsets.`)
  }
  for (const [i, cut] of cuts.entries()) {
    const least = i === 0 ? 1 : cuts[i - 1] + 1
    if (!Number.isInteger(cut) || cut < least || cut >= length) {
      throw new Error(
        `cuts: expected ascending offsets inside the ${length} bytes, received ${shortJson(cut, maxShown)}.`,
      )
    }
  }
  return cuts
}

function textOf(raw: RawCommand, name: string): string {
  const value = raw[name]
  if (typeof value !== 'string') throw new Error(`${name}: expected text, received ${shortJson(value, maxShown)}.`)
  return value
}

function wholeNumber(raw: RawCommand, name: string, most: number): number {
  const value = raw[name]
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > most) {
    throw new Error(`${name}: expected a whole number from 0 to ${most}, received ${shortJson(value, maxShown)}.`)
  }
  return value
}

function directionOf(raw: RawCommand): Direction {
  const { direction } = raw
  if (direction === 'c2s' || direction === 's2c') return direction
  throw new Error(`direction: expected c2s or s2c, received ${shortJson(direction, maxShown)}.`)
}
