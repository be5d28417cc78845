import { describe, expect, test } from 'vitest'
import { chunkings } from '../../workbook/grade/checks/chunkings.ts'
import { compareBytes, hexBytes } from '../../workbook/grade/checks/compare-bytes.ts'
import { applyEdit, editsOf } from '../../workbook/grade/labs/edited-programs.ts'
import type { Field } from '../../workbook/wire/model/field.ts'

function* fields(bytes: Uint8Array): Generator<Field> {
  yield { name: 'fin', start: 0, length: 1, value: bytes[0]! >> 7 }
  yield { name: 'opcode', start: 4, length: 4, value: bytes[0]! & 15, note: 'text' }
  if (bytes.length < 2) throw new Error('truncated')
  yield { name: 'payload', start: 8, length: (bytes.length - 1) * 8, value: bytes.subarray(1) }
}

describe('bytes are compared', () => {
  test.each([
    { name: 'another byte', want: '81 00', got: '01 00', says: 'first difference at byte 0: want 81, got 01', at: 0 },
    {
      name: 'another byte and another length',
      want: '81 7e 00 7e',
      got: '81 61 61',
      says: 'first difference at byte 1: want 7e, got 61  (lengths: want 4, got 3)',
      at: 1,
    },
    {
      name: 'one missing',
      want: '81 00',
      got: '81',
      says: '1 byte missing: byte 1 should be 00  (lengths: want 2, got 1)',
      at: 1,
    },
    {
      name: 'two too many',
      want: '81',
      got: '81 0a 0b',
      says: '2 bytes too many, from byte 1: 0a  (lengths: want 1, got 3)',
      at: 1,
    },
    {
      name: 'nothing at all',
      want: '81',
      got: '',
      says: '1 byte missing: byte 0 should be 81  (lengths: want 1, got 0)',
      at: 0,
    },
  ])('$name', ({ want, got, says, at }) => {
    expect(compareBytes(hexBytes(want), hexBytes(got))).toMatchObject({ summary: says, at, fields: [] })
  })

  test('the same bytes have no difference', () => {
    expect(compareBytes(hexBytes('81 00'), hexBytes('8100'))).toBeUndefined()
  })

  test('fields are named, with both values, also when the answer is cut', () => {
    const difference = compareBytes(hexBytes('81 61 62'), hexBytes('02'), fields)
    expect(difference).toMatchObject({
      fields: [
        { name: 'fin', first: 0, last: 0, want: '1', got: '0' },
        { name: 'opcode', first: 0, last: 0, want: '0001 text', got: '0010 text' },
        { name: 'payload', first: 1, last: 2, want: '61 62', got: undefined },
      ],
    })
  })

  test('hex that is none is refused', () => {
    expect(() => hexBytes('81 7')).toThrow('expected pairs of hex digits, got 81 7')
  })
})

describe('feeds', () => {
  const cuts = (data: string | string[]) =>
    Object.fromEntries(chunkings(data).map(({ name, chunks }) => [name, chunks.map(String)]))

  test('one unit: whole, byte by byte, in halves', () => {
    expect(cuts('abcd')).toEqual({
      whole: ['abcd'],
      'byte by byte': ['a', 'b', 'c', 'd'],
      'in two halves': ['ab', 'cd'],
    })
  })

  test('several units: also one by one, and whole is glued', () => {
    expect(cuts(['ab', 'c'])).toMatchObject({ 'all glued together': ['abc'], 'one by one': ['ab', 'c'] })
  })

  test('a character of several bytes is cut', () => {
    const inside = chunkings('aé').find(({ name }) => name === 'cut inside a character')
    expect(inside?.chunks.map((chunk) => chunk.toString('hex'))).toEqual(['61c3', 'a9'])
    expect(chunkings('aé', false).map(({ name }) => name)).not.toContain('cut inside a character')
  })

  test('every feed has all the bytes', () => {
    for (const { chunks } of chunkings(['é', 'x', ''])) expect(String(Buffer.concat(chunks))).toBe('éx')
  })
})

describe('a wrong program', () => {
  const edit = { file: 'a.ts', find: '+ 1', replace: '+ 2 // $&' }

  test('is edited in one place', () => expect(applyEdit('x + 1', edit)).toBe('x + 2 // $&'))
  test.each(['x', 'x + 1 + 1'])('%s is refused', (text) => expect(() => applyEdit(text, edit)).toThrow('expected once'))
  test('needs an edit', () => {
    expect(() => editsOf({ name: 'half', file: 'a.ts' })).toThrow('half: give file, find and replace')
  })
})
