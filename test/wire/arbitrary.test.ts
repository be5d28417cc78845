import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { concat } from '../../workbook/wire/bytes/bytes.ts'
import { parseHead } from '../../workbook/wire/http/head.ts'
import { layers } from '../../workbook/wire/layers.ts'
import type { Chunk } from '../../workbook/wire/model/chunk.ts'
import type { Unit } from '../../workbook/wire/model/unit.ts'
import { briefOf, explainField, protocols, unitFields } from '../../workbook/wire/protocols.ts'
import { Conversation } from '../../workbook/wire/stream/conversation.ts'
import { explain } from '../../workbook/wire/websocket/explanations.ts'
import { recut, uncut, units } from './streams.ts'

const request = new TextEncoder().encode(
  'GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
)
const response = new TextEncoder().encode(
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n',
)

const someBytes = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  // Short frames, so that the bytes get past the first header.
  fc
    .array(fc.tuple(fc.nat(255), fc.nat(20), fc.uint8Array({ maxLength: 24 })), { maxLength: 8 })
    .map((frames) => concat(frames.map(([first, second, rest]) => Uint8Array.of(first, second, ...rest)))),
  fc.constantFrom(request, response, request.subarray(0, 40), response.subarray(0, 13)),
  // The same for what begins with a line, or with a length.
  fc
    .array(
      fc.constantFrom(
        ...'*2 $1 $-1 +OK :5 %1 |1 >1 !3 JOIN\u0020a OK a \0\0\0\u0002 \u0003bob'.split(' '),
        '\r\n',
        '\n',
      ),
    )
    .map((words) => new TextEncoder().encode(words.join(''))),
)
const chunk = fc.record({
  connection: fc.constant(1),
  direction: fc.constantFrom('c2s' as const, 's2c' as const),
  sequence: fc.nat(),
  time: fc.nat(),
  bytes: someBytes,
  end: fc.option(fc.constantFrom('fin' as const, 'rst' as const), { nil: undefined, freq: 10 }),
})
const names = protocols.map(({ name }) => name)
const start = fc.oneof(
  fc.constantFrom('detect', ...names),
  fc.uniqueArray(fc.constantFrom(...names), { minLength: 1, maxLength: 3 }),
)

describe('any bytes', () => {
  test('give units that hold exactly them, and no exception; the input stays as it was', () => {
    fc.assert(
      fc.property(fc.array(chunk, { maxLength: 12 }), start, (list, mode) => {
        const before = structuredClone(list)
        const conversation = new Conversation({ start: mode })
        const found = list.flatMap((each) => conversation.push(each))
        for (const direction of ['c2s', 's2c'] as const) {
          const pending = conversation.pending(direction)
          const mine = [...found.filter((unit) => unit.direction === direction), ...(pending ? [pending] : [])]
          const sent = list.filter((each) => each.direction === direction).map((each) => each.bytes)
          expect(Buffer.compare(concat(mine.map((unit) => unit.bytes)), concat(sent))).toBe(0)
        }
        for (const unit of found) {
          briefOf(unit)
          layers(unit)
          for (const field of unitFields(unit)) {
            expect(field.start + field.length).toBeLessThanOrEqual(unit.bytes.length * 8)
            explainField(field, unit)
            if (unit.kind === 'frame') expect(explain(field, unit)).toBeDefined()
          }
        }
        expect(list).toEqual(before)
      }),
      { numRuns: 1000 },
    )
  })

  test('give the same frames in any cut', () => {
    fc.assert(
      fc.property(
        fc.array(someBytes, { maxLength: 6 }),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
        // How much of the request the server waits for, before it answers.
        fc.oneof(fc.constant(request.length), fc.nat(request.length)),
        (parts, sizes, early) => {
          const all = [request.subarray(0, early), response, request.subarray(early), ...parts]
          const list: Chunk[] = all.map((bytes, i) => {
            return { connection: 1, direction: i % 2 ? 's2c' : 'c2s', sequence: i, time: i, bytes }
          })
          let turn = 0
          const cut = recut(list, () => sizes[turn++ % sizes.length]!)
          expect(framesOf(units(cut))).toEqual(framesOf(units(list)))
        },
      ),
      { numRuns: 300 },
    )
  })

  test('are a head or none', () => {
    fc.assert(fc.property(someBytes, (bytes) => void parseHead(bytes)))
  })
})

/** Bytes of no protocol are one unit a chunk, so their cuts show, and so does the number of units before a frame. */
function framesOf(list: Unit[]): string[] {
  const known = list.filter(({ kind }) => kind !== 'bytes')
  return uncut(known.map((unit) => ({ ...unit, index: 0, message: undefined })))
}
