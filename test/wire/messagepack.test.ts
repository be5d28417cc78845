import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Truncated } from '../../workbook/wire/bytes/bits.ts'
import { messagePackField } from '../../workbook/wire/messagepack/fields.ts'
import type { Field } from '../../workbook/wire/model/field.ts'
import { bytes } from './streams.ts'

// The formats of the specification of MessagePack, each with values at its borders.
test.each([
  { wire: '00', is: 'integer 0' },
  { wire: '7f', is: 'integer 127' },
  { wire: 'e0', is: 'integer -32' },
  { wire: 'ff', is: 'integer -1' },
  { wire: 'c0', is: 'nil nil' },
  { wire: 'c2', is: 'boolean false' },
  { wire: 'c3', is: 'boolean true' },
  { wire: 'cc ff', is: 'integer 255' },
  { wire: 'cd 0100', is: 'integer 256' },
  { wire: 'ce ffffffff', is: 'integer 4294967295' },
  { wire: 'cf ffffffffffffffff', is: 'integer 18446744073709551615' },
  { wire: 'd0 80', is: 'integer -128' },
  { wire: 'd1 8000', is: 'integer -32768' },
  { wire: 'd2 80000000', is: 'integer -2147483648' },
  { wire: 'd3 ffffffffffffffff', is: 'integer -1' },
  { wire: 'ca 3fc00000', is: 'float 1.5' },
  { wire: 'cb bff8000000000000', is: 'float -1.5' },
  { wire: 'a0', is: 'string ' },
  { wire: 'a6 e4bda0e5a5bd', is: 'string 你好' },
  { wire: 'd9 02 6869', is: 'string hi' },
  { wire: 'da 0001 0a', is: 'string ␊' },
  { wire: 'db 00000001 78', is: 'string x' },
  { wire: 'c4 03 000aff', is: 'binary 000aff' },
  { wire: 'c5 0001 ff', is: 'binary ff' },
  { wire: 'c6 00000000', is: 'binary ' },
  { wire: 'd4 01 ff', is: 'extension ff' },
  { wire: 'd6 ff 5e0be100', is: 'extension 5e0be100' },
  { wire: 'c7 02 05 abcd', is: 'extension abcd' },
  { wire: 'c8 0000 05', is: 'extension ' },
  { wire: '90', is: 'array 0 []' },
  { wire: '93 01 c0 a161', is: 'array 3 [integer 1, nil nil, string a]' },
  { wire: 'dc 0001 91 80', is: 'array 1 [array 1 [map 0 []]]' },
  { wire: 'dd 00000000', is: 'array 0 []' },
  { wire: '81 a161 01', is: 'map 1 [string a, integer 1]' },
  { wire: 'de 0001 01 02', is: 'map 1 [integer 1, integer 2]' },
  { wire: 'df 00000000', is: 'map 0 []' },
  { wire: 'c1', is: 'unknown 193' },
])('$wire is $is', ({ wire, is }) => {
  const all = bytes(wire)
  const field = messagePackField(all, 0)
  expect(outline(field)).toBe(is)
  expect([field.start, field.length]).toEqual([0, all.length * 8])
  for (let at = 0; at < all.length; at++)
    expect(() => messagePackField(all.subarray(0, at), 0), `cut at ${at}`).toThrow(Truncated)
  const behind = messagePackField(Uint8Array.of(0xc1, 0xc1, ...all), 2)
  expect([outline(behind), behind.start]).toEqual([is, 16])
})

describe('what is only promised costs nothing', () => {
  test.each([
    { name: 'values', wire: 'dd ffffffff 01' },
    { name: 'bytes', wire: 'c6 ffffffff 01' },
    { name: 'depth', wire: `${'91'.repeat(100_000)}` },
  ])('$name', ({ wire }) => {
    const began = performance.now()
    try {
      messagePackField(bytes(wire), 0)
    } catch (error) {
      expect(error).toBeInstanceOf(Truncated)
    }
    expect(performance.now() - began, 'milliseconds').toBeLessThan(500)
  })

  test('more values than are shown end the fields, and none stands in a wrong place', () => {
    const deep = messagePackField(bytes(`92${'91'.repeat(40)}01a161`), 0)
    expect(outline(deep)).not.toContain('string a')
    const many = messagePackField(Uint8Array.of(0xdc, 0x03, 0xe8, ...Array(1000).fill(1)), 0)
    expect(many.value).toBe(1000)
    expect(many.children!.length).toBeLessThan(1000)
  })
})

test('any bytes are a value inside them, or end too early', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (all) => {
      try {
        expectInside(messagePackField(all, 0), 0, all.length * 8)
      } catch (error) {
        if (!(error instanceof Truncated)) throw error
      }
    }),
    { numRuns: 2000 },
  )
})

function outline({ name, value, children }: Field): string {
  const text = value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value
  const [, ...values] = children ?? []
  return `${name} ${text}${children ? ` [${values.map(outline).join(', ')}]` : ''}`
}

function expectInside(field: Field, from: number, to: number): void {
  expect(field.start).toBeGreaterThanOrEqual(from)
  expect(field.start + field.length).toBeLessThanOrEqual(to)
  let at = field.start
  for (const child of field.children ?? []) {
    expectInside(child, at, field.start + field.length)
    at = child.start + child.length
  }
}
