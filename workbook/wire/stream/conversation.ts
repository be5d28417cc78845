import { Exchange } from '../http/exchange.ts'
import { parseHead, type RequestHead, type ResponseHead } from '../http/head.ts'
import type { Chunk, Direction } from '../model/chunk.ts'
import { sentence } from '../model/sentence.ts'
import { maxKept, maxPieces, type Unit } from '../model/unit.ts'
import { checkRecord, isRecord } from '../tls/record.ts'
import { PingLog } from '../websocket/pings.ts'
import { isCountable } from '../websocket/rules.ts'
import { Lane, type NewUnit } from './byte-stream.ts'
import { detect, longestLine } from './detect.ts'
import { type Mode, plain } from './reader.ts'

export interface ConversationOptions {
  /** `frames`: the bytes begin with a WebSocket frame, as in pasted hex; `bytes`: no protocol; by default it is found out */
  start?: 'detect' | 'frames' | 'bytes'
  /** with `start: 'frames'`: permessage-deflate was negotiated */
  deflate?: boolean
}

/** A head that has not ended after so many bytes is shown as bytes. */
const maxHead = 64 * 1024

/**
 * Turns the chunks of one tapped connection into units: HTTP heads and bodies, WebSocket frames, other bytes, and the
 * ends. However the bytes are cut into chunks, the units are the same; only plain bytes are one unit a chunk.
 * Broken rules are problems of a unit, never exceptions.
 */
export class Conversation {
  readonly #lanes: Record<Direction, Lane>
  readonly #exchange = new Exchange()
  readonly #pings = new PingLog()
  #tls13 = false
  #count = 0

  constructor({ start = 'detect', deflate = false }: ConversationOptions = {}) {
    const mode = (): Mode =>
      start === 'frames'
        ? { name: 'frames', deflate }
        : start === 'bytes'
          ? plain('as it was asked for')
          : { name: start }
    this.#lanes = { c2s: new Lane('c2s', mode()), s2c: new Lane('s2c', mode()) }
  }

  /** The client's part of the handshake, when there was one. */
  get request(): RequestHead | undefined {
    return this.#exchange.request
  }

  /** The server's part, when it opened the WebSocket. */
  get response(): ResponseHead | undefined {
    return this.#exchange.response
  }

  /** @returns the units that this chunk completed, in the order in which they were understood */
  push(chunk: Chunk): Unit[] {
    const units: Unit[] = []
    const lane = this.#lanes[chunk.direction]
    if (chunk.bytes.length > 0)
      lane.input.push({ bytes: chunk.bytes, at: 0, sequence: chunk.sequence, time: chunk.time })
    this.#read(lane, units)
    // An answer decides how the waiting bytes of the client are read.
    this.#read(this.#lanes.c2s, units)
    if (chunk.end) this.#end(lane, chunk, units)
    return units
  }

  /** The unit of this direction that has begun and is not complete, as far as it has arrived. */
  pending(direction: Direction): Unit | undefined {
    const lane = this.#lanes[direction]
    if (!lane.begun()) return undefined
    const index = this.#count
    if (lane.unit.length > 0) return { ...lane.incomplete(), index }
    const look = new Lane(direction, lane.mode)
    look.offset = lane.offset
    for (const slice of lane.input) look.unit.take({ ...slice }, slice.bytes.length)
    return { kind: 'bytes', ...look.describe(), why: 'the first line has not ended', index }
  }

  #read(lane: Lane, units: Unit[]): void {
    while (lane.slice() && this.#step(lane, units));
  }

  /** Reads on by one step. @returns false when more bytes, or bytes of the other side, are needed first */
  #step(lane: Lane, units: Unit[]): boolean {
    const slice = lane.slice()!
    const { mode } = lane
    switch (mode.name) {
      case 'detect':
        return this.#detect(lane)
      case 'head':
        return this.#readHead(lane, mode, units)
      case 'body': {
        lane.unit.take(slice, mode.length - lane.unit.length)
        if (lane.unit.length === mode.length) {
          this.#add(units, { kind: 'body', ...lane.finish(), chunked: false })
          lane.mode = this.#nextMessage(lane)
        }
        return true
      }
      case 'chunked':
        return this.#readChunked(lane, mode, units)
      case 'frames': {
        if (lane.takeFrame(slice)) this.#addFrame(lane, mode.deflate, units)
        return true
      }
      case 'records':
        return this.#readRecord(lane, units)
      case 'bytes': {
        lane.unit.take(slice, slice.bytes.length)
        this.#add(units, { kind: 'bytes', ...lane.finish(), why: mode.why })
        return true
      }
      case 'wait':
        if (lane.unread() <= maxKept && lane.input.length <= maxPieces) return false
        lane.mode = plain('sent before the handshake was answered')
        return true
    }
  }

  #detect(lane: Lane): boolean {
    const found = detect(lane.peek(longestLine), lane.direction)
    if (found === 'more') return false
    if (found === 'http') lane.mode = { name: 'head', lineLength: 0 }
    else lane.mode = found === 'tls' ? { name: 'records' } : plain('no protocol that is known here')
    // A client that waits for an HTTP answer will not get one.
    if (found !== 'http' && lane.direction === 's2c' && this.#lanes.c2s.mode.name === 'wait')
      this.#lanes.c2s.mode = plain('the handshake was not answered with HTTP')
    return true
  }

  #readHead(lane: Lane, mode: Mode & { name: 'head' }, units: Unit[]): boolean {
    const slice = lane.slice()!
    const most = Math.min(slice.bytes.length, slice.at + maxHead - lane.unit.length)
    let end = slice.at
    let ended = false
    while (end < most && !ended) {
      const byte = slice.bytes[end++]!
      if (byte === 0x0a) {
        ended = mode.lineLength === 0
        mode.lineLength = 0
      } else if (byte !== 0x0d) mode.lineLength++
    }
    lane.unit.take(slice, end - slice.at)
    if (ended) this.#addHead(lane, units)
    else if (lane.unit.length === maxHead) {
      lane.mode = plain('after a head of 64 KiB that had not ended')
      this.#add(units, { kind: 'bytes', ...lane.finish(), why: 'a head of 64 KiB that has not ended' })
    }
    return true
  }

  #readChunked(lane: Lane, mode: Mode & { name: 'chunked' }, units: Unit[]): boolean {
    const slice = lane.slice()!
    const { count, state } = mode.body.take(slice.bytes.subarray(slice.at))
    lane.unit.take(slice, count)
    if (state === 'open') return true
    this.#add(units, { kind: 'body', ...lane.finish(), chunked: true })
    lane.mode = state === 'ended' ? this.#nextMessage(lane) : plain('after a chunk whose size is no number')
    return true
  }

  /** What may follow a message with a body. */
  #nextMessage({ direction }: Lane): Mode {
    return direction === 'c2s' ? this.#exchange.client : { name: 'detect' }
  }

  #addHead(lane: Lane, units: Unit[]): void {
    const parts = lane.finish()
    // `detect` has seen a first line, so there is a head.
    const head = parseHead(parts.bytes)!
    const client = this.#lanes.c2s
    if (head.type === 'request') lane.mode = this.#exchange.onRequest(head)
    else {
      const next = this.#exchange.onResponse(head)
      lane.mode = next.server
      // A client in the middle of a message goes on like that after it.
      const free = client.mode.name === 'wait' || (client.mode.name === 'detect' && !client.begun())
      if (next.client && free) client.mode = next.client
    }
    this.#add(units, { kind: 'head', ...parts, head, problems: head.problems })
  }

  #readRecord(lane: Lane, units: Unit[]): boolean {
    const start = lane.peek(2)
    if (lane.unit.length === 0 && start.length < 2) return false
    if (lane.unit.length === 0 && !isRecord(start)) {
      lane.mode = plain('no TLS record, where one should begin')
      return true
    }
    if (!lane.takeRecord(lane.slice()!)) return true
    const parts = lane.finish()
    const record = lane.records.read(parts.bytes, this.#tls13)
    const hello = record.messages.find((message) => message.hello?.type === 'server_hello')?.hello
    if (hello) this.#tls13 = hello.versions.includes('TLS 1.3')
    this.#add(units, { kind: 'record', ...parts, record, problems: checkRecord(record) })
    return true
  }

  #addFrame(lane: Lane, deflate: boolean, units: Unit[]): void {
    const unit = lane.finishFrame(this.#count, deflate)
    const odd = this.#pings.note(unit)
    if (odd) unit.problems.push(odd)
    this.#add(units, unit)
    if (!isCountable(unit.header!)) lane.mode = plain('after a frame whose end cannot be counted to')
  }

  #end(lane: Lane, chunk: Chunk, units: Unit[]): void {
    const framed = lane.mode.name === 'frames'
    if (lane.unit.length > 0) this.#add(units, this.#cutShort(lane))
    if (lane.slice()) {
      lane.mode = plain('the connection ended before it was clear what this is')
      this.#read(lane, units)
    }
    lane.mode = plain('after the end')
    const problems: Unit['problems'] =
      framed && !lane.joiner.closed
        ? [
            {
              field: 'end',
              text: sentence('websocket.no-close'),
              rfc: 'RFC 6455 §7.1.5',
              severity: 'odd',
            },
          ]
        : []
    const piece = { sequence: chunk.sequence, start: 0 }
    const end = { ...lane.describe(), pieces: [piece], time: chunk.time, completed: chunk.time, problems }
    this.#add(units, { kind: 'end', ...end, end: chunk.end! })
    if (lane.direction === 's2c' && this.#lanes.c2s.mode.name === 'wait') {
      this.#lanes.c2s.mode = plain('the handshake was never answered')
      this.#read(this.#lanes.c2s, units)
    }
  }

  #cutShort(lane: Lane): NewUnit {
    const unit = lane.incomplete()
    lane.finish()
    if (unit.missing === undefined) return unit
    const rfc =
      unit.kind === 'frame' ? 'RFC 6455 §7.1.7' : lane.mode.name === 'records' ? 'RFC 8446 §6.1' : 'RFC 9112 §8'
    const text = sentence('stream.cut-short', { missing: unit.missing })
    const field = unit.kind === 'frame' ? 'payloadData' : 'data'
    return { ...unit, problems: [...unit.problems, { field, text, rfc, severity: 'broken' }] }
  }

  #add(units: Unit[], unit: NewUnit): void {
    units.push(Object.assign(unit, { index: this.#count++ }))
  }
}
