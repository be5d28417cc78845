import { describe, expect, test } from 'vitest'
import { hexDump, parseHex } from '../../workbook/wire/hex.ts'
import { bytes } from './streams.ts'

describe('hex in any usual layout', () => {
  const hello = '818537fa213d7f9f4d5158'
  test.each([
    { name: 'nothing', text: '', hex: '' },
    { name: 'spaced', text: '81 85 37 fa 21 3d 7f 9f 4d 51 58', hex: hello },
    { name: 'in one word', text: hello.toUpperCase(), hex: hello },
    { name: 'several lines', text: '81 85\r\n37 fa 21 3d\n\n7f 9f 4d 51 58', hex: hello },
    { name: 'an array of numbers', text: '[0x81, 0x85, 0x37]', hex: '818537' },
    { name: 'a string of a program', text: '"\\x81\\x85\\x37"', hex: '818537' },
    { name: 'colons', text: '81:85:37', hex: '818537' },
    { name: 'dashes', text: '81-85-37', hex: '818537' },
    {
      name: 'xxd',
      text: '00000000: 8185 37fa 213d 7f9f 4d51 5861 6263 6465  ..7.!=..MQXabcde\n00000010: 6667                                     fg',
      hex: `${hello}61626364656667`,
    },
    {
      name: 'xxd with text that looks like hex',
      text: '00000000: 6162 6364 6520 6661 6365                 abcde face',
      hex: '61626364652066616365',
    },
    {
      name: 'hexdump -C',
      text: '00000000  81 85 37 fa 21 3d 7f 9f  4d 51 58 61 62 63 64 65  |..7.!=..MQXabcde|\n00000010  66 67                                             |fg|\n00000012',
      hex: `${hello}61626364656667`,
    },
  ])('$name', ({ text, hex }) => {
    expect(parseHex(text)).toEqual({ bytes: bytes(hex) })
  })

  test.each([
    { text: '81 8', error: '“8” has an odd number of digits; a byte has two', line: 1, column: 4 },
    { text: '81\n85 zz', error: '“z” is not a hex digit', line: 2, column: 4 },
    { text: '0x81, 0x5', error: '“5” has an odd number of digits; a byte has two', line: 1, column: 9 },
    {
      text: '00000000  00 00  |..|\n*\n00000020',
      error: '“*” leaves out lines like the one before; make the dump with -v',
      line: 2,
      column: 1,
    },
  ])('$text says where it is wrong', ({ text, ...error }) => {
    expect(parseHex(text)).toEqual(error)
  })

  test('a dump can be read back at every length', () => {
    for (let length = 0; length < 70; length++) {
      const some = Uint8Array.from({ length }, (_, i) => (i * 37 + length) & 0xff)
      expect(parseHex(hexDump(some)), `${length} bytes`).toEqual({ bytes: some })
    }
  })

  test('a dump looks as xxd prints it', () => {
    expect(hexDump(bytes('818537fa213d7f9f4d51586162636465666768'))).toBe(
      '00000000: 8185 37fa 213d 7f9f 4d51 5861 6263 6465  ..7.!=..MQXabcde\n' +
        '00000010: 6667 68                                  fgh\n',
    )
  })
})
