import { describe, expect, test } from 'vitest'
import { hexDump } from '../../workbook/wire/bytes/hex.ts'
import { parseHex } from '../../workbook/wire/bytes/parse-hex.ts'
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
    {
      name: 'hexdump -C, from the middle',
      text: '00000010  66 67 20 68                                       |fg h|\n00000014',
      hex: '66672068',
    },
    {
      name: 'Wireshark, with a blank in the middle of the text',
      text: '0000   81 85 37 fa 21 3d 7c 7c 41 20 20 42 0d 0a 2e 2e   ..7.!=||  A  B....\n0010   30 31                                             01\n',
      hex: '818537fa213d7c7c412020420d0a2e2e3031',
    },
    { name: 'Wireshark without text', text: '0000   81 85 37 fa\n0004   21', hex: '818537fa21' },
    {
      name: 'tcpdump -X, where a blank is a dot',
      text: '\t0x0000:  4120 2042 0d0a 3031  A..B..01\n\t0x0008:  6162                 ab\n',
      hex: '412020420d0a30316162',
    },
    { name: 'od -A x -t x1z', text: '000000 81 85 37  >..7<\n000003', hex: '818537' },
    {
      name: 'od -t x1, which counts in octal',
      text: '0000000 81 85 37 fa 21 3d 7f 9f\n0000010 4d\n0000011',
      hex: '818537fa213d7f9f4d',
    },
    { name: 'rows of this page', text: '0000 81 85 37 fa\n0004 21 3d', hex: '818537fa213d' },
    { name: 'rows that only look like a dump', text: '8185  37fa', hex: '818537fa' },
    {
      name: 'an array of C, with comments',
      text: '/* Frame (3 bytes) */\nstatic const unsigned char face1[3] = {\n  0x81, 0x5, /* ..7 */\n  0x37 // cafe\n};\nint face1_len = 3;',
      hex: '810537',
    },
    { name: 'a call', text: "Buffer.from('818537', 'hex')", hex: '818537' },
    { name: 'bytes of Python', text: "b'\\x81\\x85\\x37'", hex: '818537' },
    { name: 'a Buffer as Node prints it', text: '<Buffer 81 85 37>', hex: '818537' },
    { name: 'bytes as Node prints them', text: 'Uint8Array(3) [ 81, 85, 37 ]', hex: '515525' },
    { name: 'a Buffer in JSON', text: '{"type":"Buffer","data":[129,133,55]}', hex: '818537' },
  ])('$name', ({ text, hex }) => {
    expect(parseHex(text)).toEqual({ bytes: bytes(hex) })
  })

  test.each([
    { text: '81 8', error: '“8” has an odd number of digits; a byte has two', line: 1, column: 4 },
    { text: '81\n85 zz', error: '“z” is not a hex digit', line: 2, column: 4 },
    { text: '0x81, 0x855', error: '“855” has an odd number of digits; a byte has two', line: 1, column: 9 },
    { text: '{ 0x81,\n  85z }', error: '“z” is not a hex digit', line: 2, column: 5 },
    {
      text: '00000000: 8185 37  ..8',
      error: 'here should be two hex digits, or the text of the bytes before',
      line: 1,
      column: 20,
    },
    {
      text: '0000  81 85\n0010  37',
      error: 'this offset does not follow from the bytes before it: is a line missing?',
      line: 2,
      column: 1,
    },
    {
      text: '0000000 8581 fa37\n0000004',
      error: 'hexdump without -C swaps the bytes of each pair; make the dump with -C',
      line: 1,
      column: 1,
    },
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
