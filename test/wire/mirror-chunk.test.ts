import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeMirrorChunk, encodeMirrorChunk, mirrorHeaderLength } from '../../workbook/wire/formats/mirror-chunk.ts'
import type { Chunk } from '../../workbook/wire/model/chunk.ts'

const chunk: Chunk = { connection: 258, direction: 's2c', sequence: 3, time: 1.5, bytes: new Uint8Array([0xca, 0xfe]) }

describe('a mirror chunk', () => {
  test.each([
    { name: 'server to client', chunk, flags: '01' },
    { name: 'client to server', chunk: { ...chunk, direction: 'c2s' as const }, flags: '00' },
    { name: 'FIN', chunk: { ...chunk, end: 'fin' as const }, flags: '03' },
    { name: 'RST', chunk: { ...chunk, direction: 'c2s' as const, end: 'rst' as const }, flags: '04' },
  ])('$name', ({ chunk, flags }) => {
    const wire = [flags, '00000102', '00000003', '3ff8000000000000', '00000002', 'cafe'].join('')
    expect(Buffer.from(encodeMirrorChunk(chunk)).toString('hex')).toBe(wire)
    expect(decodeMirrorChunk(encodeMirrorChunk(chunk))).toEqual(chunk)
  })

  test('any chunk comes back as it was', () => {
    const chunks = fc.record({
      connection: fc.nat({ max: 2 ** 32 - 1 }),
      direction: fc.constantFrom('c2s' as const, 's2c' as const),
      sequence: fc.nat({ max: 2 ** 32 - 1 }),
      time: fc.double({ noNaN: true }),
      bytes: fc.uint8Array({ maxLength: 300 }),
    })
    fc.assert(
      fc.property(chunks, (chunk) => {
        expect(decodeMirrorChunk(encodeMirrorChunk(chunk))).toEqual(chunk)
      }),
    )
  })

  test('keeps what the bytes were, whatever happens to the buffer afterwards', () => {
    const bytes = new Uint8Array([1, 2, 3])
    const message = encodeMirrorChunk({ ...chunk, bytes })
    bytes.fill(0)
    expect([...decodeMirrorChunk(message).bytes]).toEqual([1, 2, 3])
  })

  test('is read inside a larger buffer', () => {
    const message = encodeMirrorChunk(chunk)
    const larger = new Uint8Array(message.length + 9)
    larger.set(message, 5)
    expect(decodeMirrorChunk(larger.subarray(5, 5 + message.length))).toEqual(chunk)
  })

  test('that is cut anywhere is refused with both lengths', () => {
    const message = encodeMirrorChunk(chunk)
    for (let length = 0; length < message.length; length++) {
      const want = length < mirrorHeaderLength ? `at least ${mirrorHeaderLength}` : `${message.length}`
      const sentence = `mirror chunk: expected ${want} bytes, received ${length}`
      expect(() => decodeMirrorChunk(message.subarray(0, length))).toThrow(sentence)
    }
  })
})
