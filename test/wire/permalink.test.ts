import { randomBytes } from 'node:crypto'
import { deflateRawSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { maxLink, packLink, unpackLink } from '../../workbook/wire/formats/permalink.ts'
import type { Chunk } from '../../workbook/wire/model/chunk.ts'
import { bytes, chunks, recording } from './streams.ts'

test.each(['ws-chromium-plain', 'ws-chromium-deflate', 'tls13-curl', 'socketio-python-websocket'])(
  '%s there and back',
  async (name) => {
    const list = recording(name).connections[0]!
    const text = await packLink(list)
    expect(text).toMatch(/^[A-Za-z0-9_-]+$/)
    expect(await unpackLink(text!)).toEqual(list)
  },
)

test('what is too large for an address is not packed', async () => {
  const random = new Uint8Array(randomBytes(20_000))
  expect(await packLink(chunks('c2s', random))).toBeUndefined()
})

test('any chunks there and back', async () => {
  const chunk = fc.record({
    connection: fc.constant(1),
    direction: fc.constantFrom('c2s' as const, 's2c' as const),
    time: fc.nat(1_000_000),
    bytes: fc.uint8Array({ maxLength: 50 }),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(chunk, { maxLength: 10 }), async (list) => {
      const numbered: Chunk[] = list.map((each, sequence) => ({ ...each, sequence }))
      expect(await unpackLink((await packLink(numbered))!)).toEqual(numbered)
    }),
    { numRuns: 50 },
  )
})

const link = (plain: Uint8Array): string => deflateRawSync(plain).toString('base64url')

test.each([
  { name: 'a megabyte', text: 'A'.repeat(1_000_000) },
  { name: 'one character too many', text: 'A'.repeat(maxLink + 1) },
  { name: 'a bomb', text: link(Buffer.alloc(4_000_000)) },
  { name: 'markup', text: '<img src=x onerror=alert(1)>' },
  { name: 'no DEFLATE data', text: '____' },
  { name: 'a chunk of another kind', text: link(bytes('09 00000000 00000000')) },
  { name: 'a header cut short', text: link(bytes('00 0000')) },
  { name: 'a length past the end', text: link(bytes('00 00000000 ffffffff 00')) },
  { name: 'too many chunks', text: link(new Uint8Array(9 * 2001)) },
])('$name is nothing', async ({ text }) => {
  expect(await unpackLink(text)).toBeUndefined()
})

test('any text is chunks or nothing', async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.string(), fc.base64String(), fc.uint8Array().map(link)), async (text) => {
      const list = await unpackLink(text)
      expect(list === undefined || Array.isArray(list)).toBe(true)
    }),
    { numRuns: 100 },
  )
})
