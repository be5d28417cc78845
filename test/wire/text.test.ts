import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { say } from '../../workbook/sentences/say.ts'
import { showText } from '../../workbook/wire/bytes/text.ts'
import { Utf8Check } from '../../workbook/wire/bytes/utf8.ts'
import { closeMeaning, mayBeSent } from '../../workbook/wire/websocket/close.ts'
import { bytes } from './streams.ts'

function isUtf8(parts: Uint8Array[]): boolean {
  const check = new Utf8Check()
  for (const part of parts) check.push(part)
  return check.badAt === undefined && check.missing === 0
}

function decodes(all: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(all)
    return true
  } catch {
    return false
  }
}

describe('UTF-8, piece by piece', () => {
  test.each([
    { name: 'two bytes for an ASCII character', hex: 'c0af', badAt: 0 },
    { name: 'three bytes where two would do', hex: 'e09f80', badAt: 1 },
    { name: 'a surrogate', hex: 'eda080', badAt: 1 },
    { name: 'above U+10FFFF', hex: 'f4908080', badAt: 1 },
    { name: 'a continuation byte alone', hex: '4180', badAt: 1 },
    { name: 'a character that another interrupts', hex: 'e28241', badAt: 2 },
    { name: 'a noncharacter, which is allowed', hex: 'efbfbe', badAt: undefined },
  ])('$name', ({ hex, badAt }) => {
    const check = new Utf8Check()
    for (const byte of bytes(hex)) check.push(Uint8Array.of(byte))
    expect(check.badAt).toBe(badAt)
  })

  test('every sequence of two bytes, and every lead of three and four', () => {
    for (let first = 0; first < 256; first++) {
      for (let second = 0; second < 256; second++) {
        for (const rest of [[], [0x80], [0x80, 0x80]]) {
          const all = Uint8Array.of(first, second, ...rest)
          if (isUtf8([all]) !== decodes(all)) throw new Error(`${first} ${second} ${rest}`)
        }
      }
    }
  })

  test('arbitrary text and bytes, cut anywhere', () => {
    const text = fc.string({ unit: 'binary' }).map((said) => new TextEncoder().encode(said))
    fc.assert(
      fc.property(fc.oneof(text, fc.uint8Array()), fc.nat(), (all, cut) => {
        const at = cut % (all.length + 1)
        expect(isUtf8([all.subarray(0, at), all.subarray(at)])).toBe(decodes(all))
      }),
    )
  })
})

test('control and direction characters become visible', () => {
  expect(showText(bytes('410a007f'))).toBe('A␊␀␡')
  expect(showText(new TextEncoder().encode('a\u202eb\u0085'))).toBe('a\\u202eb\\u0085')
  expect(showText(bytes('ff41')), 'what is not UTF-8').toBe('\ufffdA')
})

test('close codes on the wire (RFC 6455 §7.4), as the public conformance suite has them', () => {
  const good = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999]
  const bad = [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535]
  expect(good.filter((code) => !mayBeSent(code))).toEqual([])
  expect(bad.filter(mayBeSent)).toEqual([])
  expect([1006, 3000, 4000, 1016].map((code) => say(closeMeaning(code)))).toEqual([
    'closed without a close frame (never on the wire)',
    'registered by a library or framework',
    'private use of the application',
    'not defined',
  ])
})
