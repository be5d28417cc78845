import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { UnitRow } from '../../workbook/view/list-rows.ts'
import type { Chunk } from '../../workbook/wire/model/chunk.ts'

// A protocol is one folder, and one line of protocols.ts. Here both are added to a copy of the machinery.

const root = fileURLToPath(new URL('../..', import.meta.url))
mkdirSync(join(root, '.wirebook'), { recursive: true })
const copy = mkdtempSync(join(root, '.wirebook', 'toy-'))
afterAll(() => rmSync(copy, { recursive: true, force: true }))

const unit = `
import type { UnitParts } from '../model/unit.ts'

export type ToyUnit = UnitParts & { kind: 'toy' }

declare module '../model/unit.ts' {
  interface UnitKinds {
    toy: ToyUnit
  }
}
`

const reader = `
import type { Unit } from '../model/unit.ts'
import type { ByteStream } from '../stream/byte-stream.ts'
import type { Reader, Step } from '../stream/reader.ts'

/** Reads toys: a T, four bits of colour and four of length, and so many letters. */
export class ToyReader implements Reader {
  readonly cutShort = { field: 'letters', rfc: 'Toys §1' }

  read(stream: ByteStream): Step {
    if (!stream.takeTo(2) || !stream.takeTo(lengthOf(stream))) return 'more'
    return { unit: { kind: 'toy', ...stream.finish() } }
  }

  incomplete(stream: ByteStream): Unit {
    return { kind: 'toy', ...stream.describe(), missing: lengthOf(stream) - stream.arriving.length }
  }
}

const lengthOf = ({ arriving }: ByteStream) => (arriving.length < 2 ? 2 : 2 + (arriving.byte(1) & 0x0f))
`

const protocol = `
import { BitReader, untilTruncated } from '../bytes/bits.ts'
import { decodeText } from '../bytes/text.ts'
import { whereIs, type Field } from '../model/field.ts'
import { withProblem } from '../model/problem.ts'
import type { Protocol } from '../model/protocol.ts'
import { ToyReader } from './reader.ts'
import type { ToyUnit } from './unit.ts'

export const toy: Protocol<ToyUnit> = {
  name: 'toy',
  kinds: ['toy'],
  recognise: ([first, second]) => (first !== 0x54 ? 'no' : second === undefined ? 'more' : second >= 0x80 ? 'yes' : 'no'),
  open: () => ({ c2s: new ToyReader(), s2c: new ToyReader() }),
  title: () => 'Toy',
  fields: ({ bytes, problems }) => untilTruncated(toyFields(bytes)).map((field) => withProblem(field, problems)),
  brief: ({ bytes }) => ({ kind: 'TOY', preview: decodeText(bytes.subarray(2)) }),
  explain: (field) => ({
    value: String(field.value), where: whereIs(field), code: 'bytes[1]! & 0x0f', rule: 'A toy is small.', rfc: 'Toys §1', why: 'It fits.',
  }),
}

function* toyFields(bytes: Uint8Array): Generator<Field, void> {
  const read = new BitReader(bytes, 'Toys §1')
  yield read.uint('mark', 8)
  yield read.uint('colour', 4)
  const length = read.uint('length', 4)
  yield length
  yield read.some('letters', length.value)
}
`

const imported = (file: string) => import(/* @vite-ignore */ join(copy, 'workbook', file))

beforeAll(() => {
  const isRecording = (path: string) => path.includes(join('formats', 'recordings'))
  for (const room of ['wire', 'sentences', 'view'])
    cpSync(join(root, 'workbook', room), join(copy, 'workbook', room), {
      recursive: true,
      filter: (path) => !isRecording(path),
    })
  const folder = join(copy, 'workbook/wire/toy')
  mkdirSync(folder)
  for (const [name, text] of Object.entries({ unit, reader, protocol })) writeFileSync(join(folder, `${name}.ts`), text)
  const list = join(copy, 'workbook/wire/protocols.ts')
  const added = readFileSync(list, 'utf8').replace('Protocol[] = [', 'Protocol[] = [toy, ')
  writeFileSync(list, `import { toy } from './toy/protocol.ts'\n${added}`)
})

test('a protocol of one folder and one line is decoded and drawn', async () => {
  const { Capture }: typeof import('../../workbook/view/capture.ts') = await imported('view/capture.ts')
  const { layersOf }: typeof import('../../workbook/view/chosen-unit.ts') = await imported('view/chosen-unit.ts')
  const { flatten }: typeof import('../../workbook/view/field-entries.ts') = await imported('view/field-entries.ts')
  const { bitRows }: typeof import('../../workbook/view/bit-rows.ts') = await imported('view/bit-rows.ts')
  const { hexText, underlines }: typeof import('../../workbook/view/hex-rows.ts') = await imported('view/hex-rows.ts')
  const summary: typeof import('../../workbook/view/summary.ts') = await imported('view/summary.ts')
  const wire: typeof import('../../workbook/wire/protocols.ts') = await imported('wire/protocols.ts')

  const capture = new Capture(() => {})
  for (const bytes of [[0x54], [0x93, 0x63, 0x61, 0x72, 0x54, 0x80], [0x54, 0xa2, 0x68]]) capture.push(chunk(bytes))
  capture.push({ ...chunk([]), end: 'fin' })

  const rows = capture.rows().filter((row) => row.type === 'unit')
  expect(rows.map(({ name }) => name)).toEqual(['Toy', 'Toy', 'Toy', 'End'])
  const [car, empty, half] = rows as [UnitRow, UnitRow, UnitRow]
  expect(car.unit).toMatchObject({ kind: 'toy', length: 5, pieces: [{ start: 0 }, { start: 1 }], problems: [] })
  expect([summary.kindOf(car.unit), summary.previewOf(car.unit)]).toEqual(['TOY', 'car'])
  expect(empty.unit).toMatchObject({ kind: 'toy', length: 2, offset: 5 })
  expect(half.unit).toMatchObject({ missing: 1, problems: [{ field: 'letters' }] })

  const fields = wire.unitFields(car.unit)
  expect(fields.map(({ name, start, length }) => `${name} ${start}+${length}`)).toEqual([
    'mark 0+8',
    'colour 8+4',
    'length 12+4',
    'letters 16+24',
  ])
  expect(layersOf(car)).toMatchObject([{ name: 'Toy', text: 'car', fields, own: { start: 0, length: 5 } }])
  expect(wire.explainField(fields[1]!, car.unit)).toMatchObject({ value: '9', rule: 'A toy is small.' })

  const entries = flatten(fields)
  const [first, second] = bitRows(car.unit.bytes, entries, 32)
  expect(first!.segments.map(({ entry, bits, hex }) => `${entry.key} ${bits.join('')} ${hex.join(' ')}`)).toEqual([
    'mark 01010100 54',
    'colour 1001 ',
    'length 0011 ',
    'letters 0110001101100001 63 61',
  ])
  expect(second).toMatchObject({ offset: 4, segments: [{ first: false, hex: ['72'] }] })
  expect(hexText(car.unit.bytes, 0, 16)).toBe('54 93 63 61 72')
  expect(underlines(entries, 0, 16)).toMatchObject([{ from: 0, to: 5 }])
})

let sequence = 0
function chunk(bytes: number[]): Chunk {
  return { connection: 1, direction: 'c2s', sequence: sequence++, time: sequence, bytes: Uint8Array.from(bytes) }
}
