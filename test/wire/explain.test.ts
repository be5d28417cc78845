import { describe, expect, test } from 'vitest'
import { say } from '../../workbook/sentences/say.ts'
import { whereIs } from '../../workbook/wire/model/field.ts'
import { unitFields } from '../../workbook/wire/protocols.ts'
import { explain } from '../../workbook/wire/websocket/explanations.ts'
import { frameFields } from '../../workbook/wire/websocket/fields.ts'
import { readHeader } from '../../workbook/wire/websocket/frame-header.ts'
import type { FrameUnit } from '../../workbook/wire/websocket/unit.ts'
import { bytes, recording, recordingNames, units } from './streams.ts'

/** What the explanations say of a frame, by field. */
function said(wire: string, direction?: 'c2s' | 's2c') {
  const frame = bytes(wire)
  const header = readHeader(frame)
  const fields = [...frameFields(frame)].flatMap((field) => [field, ...(field.children ?? [])])
  return Object.fromEntries(fields.map((field) => [field.name, explain(field, { header, direction })!]))
}

test('where a field stands', () => {
  const { fin, opcode, mask, payloadLength, maskingKey, payloadData } = said('818537fa213d7f9f4d5158')
  expect([fin, opcode, mask, payloadLength, maskingKey, payloadData].map((each) => say(each!.where))).toEqual([
    'byte 0, bit 0 (value 0x80)',
    'byte 0, bits 4–7',
    'byte 1, bit 0 (value 0x80)',
    'byte 1, bits 1–7',
    'bytes 2–5',
    'bytes 6–10',
  ])
  expect(say(whereIs({ start: 16, length: 8 }))).toBe('byte 2')
})

describe('the value in words', () => {
  test.each([
    {
      wire: '81 02 68 69',
      field: 'fin',
      words: 'FIN is 1: this frame ends its message, and most messages are one frame.',
    },
    { wire: '80 02 68 69', field: 'fin', words: 'FIN is 1: the message that was sent in pieces is complete.' },
    { wire: '01 02 68 69', field: 'fin', words: 'FIN is 0: at least one more frame of this message follows.' },
    { wire: '83 00', field: 'opcode', words: 'Opcode 0x3: reserved. The receiver must fail the connection.' },
    {
      wire: '81 01 68',
      field: 'payloadLength',
      words: '1 byte of payload. Up to 125 the seven bits are the length itself.',
    },
    { wire: '81 7e 01 2c', field: 'payloadLength', words: '126, a marker: the length stands in the next 2 bytes.' },
    { wire: '82 7e 00 7e', field: 'extendedPayloadLength', words: '126 bytes of payload, written as a 16-bit number.' },
    { wire: '81 82 37 fa 21 3d 5f 93', field: 'payloadData', words: '2 bytes: “hi”' },
    {
      wire: '81 82 37 fa 21 3d 5f 93',
      field: 'maskingKey',
      words: '37 fa 21 3d: payload byte i is XORed with key byte i % 4.',
    },
    { wire: '88 02 03 e9', field: 'statusCode', words: '1001: going away: the server stops or the page is left.' },
  ])('$field of $wire', ({ wire, field, words }) => {
    const frame = bytes(`${wire}${'00'.repeat(wire.includes('7e') ? 300 : 0)}`)
    const found = [...frameFields(frame)]
      .flatMap((each) => [each, ...(each.children ?? [])])
      .find(({ name }) => name === field)
    expect(say(explain(found!, { header: readHeader(frame) })!.value)).toBe(words)
  })
})

test('who must mask depends on who speaks', () => {
  expect(say(said('8100', 'c2s').mask!.rule)).toContain('A client must mask')
  expect(say(said('8100', 's2c').mask!.rule)).toContain('A server must not mask')
})

test('the line of code reads what the field says', () => {
  for (const wire of [
    '818537fa213d7f9f4d5158',
    '0903010203',
    'f100',
    '880503e9627965',
    `827e0100${'00'.repeat(256)}`,
  ]) {
    const frame = bytes(wire)
    for (const field of frameFields(frame)) {
      const { code } = explain(field, { header: readHeader(frame) })!
      const name = /^const (\w+) =/.exec(code)?.[1]
      if (name === undefined || field.value instanceof Uint8Array) continue
      // Without the marks that only TypeScript knows.
      const plain = code.replace(/\]!/g, ']')
      const view = new DataView(frame.buffer)
      expect(Number(new Function('bytes', 'view', `${plain}\nreturn ${name}`)(frame, view)), `${wire}: ${code}`).toBe(
        Number(field.value),
      )
    }
  }
})

test.each(recordingNames.filter((name) => name.startsWith('ws')))(
  '%s: every field of every frame is explained',
  (name) => {
    const frames = units(recording(name).connections[0]!).filter((unit): unit is FrameUnit => unit.kind === 'frame')
    for (const frame of frames) {
      for (const field of unitFields(frame).flatMap((each) => [each, ...(each.children ?? [])])) {
        const explanation = explain(field, frame)!
        const { value, where, code, rule, rfc, why, seed = 'nothing' } = explanation
        for (const words of [value, where, code, rule, why, seed]) {
          expect(say(words).length, field.name).toBeGreaterThan(3)
          expect(say(words), 'a code without its sentence').not.toMatch(/^\w+\.|\{\w+\}/)
        }
        expect(rfc).toMatch(/^RFC \d+ §[\d.]+$/)
      }
    }
  },
)

test('a field of something else is not explained', () => {
  expect(explain({ name: 'contentType', start: 0, length: 8, value: 22 })).toBeUndefined()
})
