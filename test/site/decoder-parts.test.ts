import { describe, expect, test } from 'vitest'
import { bitRows } from '../../workbook/view/bit-rows.ts'
import { draftBytes, type Form } from '../../workbook/view/drafts.ts'
import { encode, lengthBytes } from '../../workbook/view/encoder.ts'
import { type Preset, presets } from '../../workbook/view/experiments.ts'
import { flatten } from '../../workbook/view/field-entries.ts'
import { underlines } from '../../workbook/view/hex-rows.ts'
import { groupRows } from '../../workbook/view/list-rows.ts'
import { noticeOf, type Situation } from '../../workbook/view/notice.ts'
import { judgeAnswers } from '../../workbook/view/verdicts.ts'
import { fromHex, toHex } from '../../workbook/wire/bytes/hex.ts'
import type { Chunk, Direction } from '../../workbook/wire/model/chunk.ts'
import { Conversation } from '../../workbook/wire/stream/conversation.ts'
import { frameFields } from '../../workbook/wire/websocket/fields.ts'

const maskingKey = Uint8Array.of(0x37, 0xfa, 0x21, 0x3d)
const chunk = (direction: Direction, bytes: Uint8Array, sequence = 0): Chunk => ({
  connection: 1,
  direction,
  sequence,
  time: 0,
  bytes,
})
const unitsOf = ({ by, bytes }: Preset) =>
  new Conversation({ start: 'websocket' }).push(chunk(by === 'client' ? 'c2s' : 's2c', bytes))

describe('what the composer writes', () => {
  test.each([
    { length: 125, wire: 'fd' },
    { length: 126, wire: 'fe007e' },
    { length: 65_535, wire: 'feffff' },
    { length: 65_536, wire: 'ff0000000000010000' },
  ])('a masked length of $length', ({ length, wire }) => expect(toHex(lengthBytes(length, true))).toBe(wire))

  test('masked “Hello” (RFC 6455 §5.7)', () => {
    const payload = new TextEncoder().encode('Hello')
    expect(toHex(encode({ opcode: 0x1, payload, maskingKey }))).toBe('818537fa213d7f9f4d5158')
  })

  const form: Form = { text: 'Hello', hex: '', code: 1000, reason: 'bye', pieces: 2, ping: true }
  test.each([
    { kind: 'fragments' as const, wire: '010348656c' + '890170' + '80026c6f' },
    { kind: 'close' as const, wire: '880503e8627965' },
    { kind: 'pong' as const, wire: '8a0548656c6c6f' },
  ])('$kind', ({ kind, wire }) => {
    const draft = draftBytes(kind, form)
    expect('bytes' in draft && toHex(draft.bytes)).toBe(wire)
  })
})

describe('broken on purpose', () => {
  test('every name is there once', () => expect(new Set(presets.map(({ id }) => id)).size).toBe(presets.length))

  test.each(presets.filter(({ expected }) => 'close' in expected && !expected.close.includes(1000)))(
    '$id breaks the rule that it says',
    (preset) => {
      const answers = unitsOf(preset).flatMap(({ problems }) => problems.map(({ answer }) => answer))
      const expected = 'close' in preset.expected ? preset.expected.close : []
      expect(expected).toContain(answers[0])
    },
  )

  test.each(presets.filter(({ expected }) => 'frames' in expected))('$id breaks none', (preset) => {
    const broken = unitsOf(preset).flatMap(({ problems }) => problems.filter(({ severity }) => severity === 'broken'))
    expect(broken).toEqual([])
  })
})

describe('the verdict', () => {
  const answers = (...hex: string[]) =>
    new Conversation({ start: 'websocket' }).push(chunk('s2c', fromHex(hex.join(''))!))
  test.each([
    { name: 'the right code', expected: { close: [1002] }, seen: answers('880203ea'), verdict: 'kept' },
    { name: 'another code', expected: { close: [1002] }, seen: answers('880203e8'), verdict: 'broken' },
    { name: 'left open, and answered', expected: { any: true } as const, seen: answers('8100'), verdict: 'kept' },
    { name: 'nothing yet', expected: { close: [1002] }, seen: [], verdict: 'open' },
    {
      name: 'it echoes as if nothing were wrong',
      expected: { close: [1002] },
      seen: answers('810568656c6c6f'),
      verdict: 'broken',
    },
    { name: 'one of two frames', expected: { frames: 2, opcode: 1 }, seen: answers('810161'), verdict: 'open' },
    { name: 'both', expected: { frames: 2, opcode: 1 }, seen: answers('810161', '810162'), verdict: 'kept' },
    { name: 'one too many', expected: { frames: 1, opcode: 1 }, seen: answers('810161', '810162'), verdict: 'broken' },
  ])('$name', ({ expected, seen, verdict }) => expect(judgeAnswers(expected, seen)).toBe(verdict))
})

describe('the layout of bits and bytes', () => {
  const bytes = fromHex('818537fa213d7f9f4d5158')!
  const entries = flatten([...frameFields(bytes)])

  test('32 bits a row, a field that goes on is a second segment', () => {
    const rows = bitRows(bytes, entries, 32)
    expect(rows.map(({ offset }) => offset)).toEqual([0, 4, 8])
    expect(rows[1]!.segments.map(({ entry, first }) => [entry.key, first])).toEqual([
      ['maskingKey', false],
      ['payloadData', true],
    ])
    expect(rows[0]!.segments.find(({ entry }) => entry.key === 'opcode')!.bits).toEqual([0, 0, 0, 1])
  })

  test('fields of one hue share an underline, cut at the bit', () => {
    expect(underlines(entries, 0, 8)).toEqual([
      { from: 0, to: 0.5, hue: 'flags' },
      { from: 0.5, to: 1, hue: 'opcode' },
      { from: 1, to: 1.125, hue: 'masking' },
      { from: 1.125, to: 2, hue: 'length' },
      { from: 2, to: 6, hue: 'masking' },
      { from: 6, to: 8, hue: 'payload' },
    ])
  })

  test('a header line that stands there twice has two keys', () => {
    const field = { name: 'Set-Cookie', start: 0, length: 8, value: '' }
    expect(flatten([field, field]).map(({ key }) => key)).toEqual(['Set-Cookie', 'Set-Cookie 2'])
  })
})

describe('what stands between the reader and live bytes, in one sentence with one command', () => {
  const lab = { id: '13-ws-server', label: 'Lab 13: ws-server', kind: 'websocket', port: 7013, tapPort: 7113 } as const
  const fine: Situation = {
    state: 'live',
    outdated: false,
    served: true,
    wanted: true,
    isRaw: false,
    trouble: '',
    target: { ...lab, listening: true, command: 'npx tsx labs/13-ws-server/server.ts' },
  }
  test.each<{ name: string; change: Partial<Situation>; says: RegExp | undefined }>([
    { name: 'nothing', change: {}, says: undefined },
    { name: 'no lab server', change: { state: 'lost' }, says: /not running.*npm start.*then press/ },
    { name: 'trying again', change: { state: 'lost', retryIn: 4000 }, says: /npm start.*the next try is in 4 s/ },
    {
      name: 'the link of an earlier start',
      change: { state: 'lost', served: false },
      says: /has a new token.*printed last/,
    },
    { name: 'a static copy', change: { state: 'absent', wanted: false }, says: /recording.*npm start.*the address/ },
    { name: 'a page from elsewhere', change: { state: 'held' }, says: /Press Connect.*will ask/ },
    {
      name: 'not allowed',
      change: { state: 'lost', obstacle: 'denied' },
      says: /settings of this site.*localhost:5173/,
    },
    { name: 'Safari', change: { state: 'lost', obstacle: 'mixed' }, says: /Safari.*localhost:5173\/decoder/ },
    { name: 'another version', change: { outdated: true }, says: /reload/ },
    {
      name: 'a lab that does not run',
      change: { target: { ...fine.target!, listening: false } },
      says: /Lab 13: ws-server is not running.*npx tsx labs\/13-ws-server\/server\.ts.*it appears here/,
    },
    {
      name: 'a port where nothing listens',
      change: { target: { ...lab, listening: false } },
      says: /Nothing listens on 127\.0\.0\.1:7013/,
    },
    { name: 'TLS', change: { isRaw: true, target: { ...fine.target!, kind: 'tls' } }, says: /TLS.*127\.0\.0\.1:7113/ },
    { name: 'what the server refused', change: { trouble: 'Refused with 403: Host.' }, says: /Refused with 403/ },
  ])('$name', ({ change, says }) => {
    const notice = noticeOf({ ...fine, ...change })
    const text = notice && [notice.text, notice.command, notice.after].filter(Boolean).join(' ')
    if (says) expect(text).toMatch(says)
    else expect(notice).toBeUndefined()
  })
})

test('the rows of a read: three frames in one, one frame in two', () => {
  const conversation = new Conversation({ start: 'websocket' })
  const read = (hex: string, number: number) => ({
    chunk: chunk('s2c', fromHex(hex)!, number - 1),
    number,
    order: number,
  })
  const first = read('810161810162810163', 1)
  const rows = groupRows([first], conversation.push(first.chunk), 0)
  expect(rows.map((row) => (row.type === 'chunk' ? `${row.label}: ${row.note}` : row.name))).toEqual([
    'chunk ▼1: 9 B · 3 frames in one read',
    'Frame 1',
    'Frame 2',
    'Frame 3',
  ])
  const [second, third] = [read('8102', 2), read('6869', 3)]
  conversation.push(second.chunk)
  const [header] = groupRows([second, third], conversation.push(third.chunk), 3)
  expect(header).toMatchObject({ label: 'chunk ▼2–3', note: '4 B · 1 frame in two reads' })
})
