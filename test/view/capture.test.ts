import { describe, expect, test, vi } from 'vitest'
import { Capture, cutsOf, maxBytesKept, maxChunksKept, maxRowsKept } from '../../workbook/view/capture.ts'
import type { ListRow, UnitRow } from '../../workbook/view/list-rows.ts'
import { fromHex } from '../../workbook/wire/bytes/hex.ts'
import type { Chunk } from '../../workbook/wire/model/chunk.ts'
import { recording } from '../wire/streams.ts'
import { eventually } from './eventually.ts'

const frames = { start: 'websocket' } as const
const ping = '8900'
const chunk = (sequence: number, hex: string, rest: Partial<Chunk> = {}): Chunk => ({
  connection: 1,
  direction: 's2c',
  sequence,
  time: 0,
  bytes: fromHex(hex)!,
  ...rest,
})
const capture = (...chunks: Chunk[]) => {
  const filled = new Capture(() => {})
  filled.fill(chunks, frames)
  return filled
}
const named = (rows: ListRow[]) => rows.map((row) => (row.type === 'chunk' ? row.label : row.name))
const unitsOf = (rows: ListRow[]) => rows.filter((row): row is UnitRow => row.type === 'unit')

describe('the rows', () => {
  test.each([
    { name: 'two frames of one read', hex: [ping + ping], rows: ['chunk ▼1', 'Frame 1', 'Frame 2'] },
    { name: 'a frame of two reads', hex: ['89', '00'], rows: ['chunk ▼1–2', 'Frame 1'] },
    { name: 'a frame that is still arriving', hex: [ping, '81'], rows: ['chunk ▼1', 'Frame 1', 'chunk ▼2', 'Frame 2'] },
    {
      name: 'a frame that begins in the read that ended another',
      hex: [`${ping}81`, '00'],
      rows: ['chunk ▼1', 'Frame 1', 'chunk ▼2', 'Frame 2'],
    },
  ])('$name', ({ hex, rows }) => {
    expect(named(capture(...hex.map((part, i) => chunk(i, part))).rows())).toEqual(rows)
  })

  test('of two connections, frames are counted over both, and chunks for each', () => {
    const both = capture(chunk(0, ping), chunk(0, ping, { connection: 2 }))
    expect(named(both.rows())).toEqual(['chunk ▼1', 'Frame 1', 'chunk ▼1', 'Frame 2'])
    expect(both.counts()).toEqual({ chunks: 2, frames: 2, connections: 2, dropped: 0 })
  })

  test('a unit knows the chunks that brought it, and where they ended inside it', () => {
    const [row] = unitsOf(capture(chunk(0, '81'), chunk(1, '0361'), chunk(2, '6263')).rows())
    const cut = capture(chunk(0, '81'), chunk(1, '0361'), chunk(2, '6263'))
    expect(cut.chunksOf(row!).map(({ number }) => number)).toEqual([1, 2, 3])
    expect(cutsOf(row!.unit)).toEqual([1, 3])
  })
})

describe('what is kept', () => {
  test(`${maxChunksKept} chunks: the oldest goes with its rows, and is counted`, () => {
    const many = capture(...Array.from({ length: maxChunksKept + 1 }, (_, i) => chunk(i, ping)))
    expect(many.counts()).toMatchObject({ chunks: maxChunksKept, frames: maxChunksKept + 1, dropped: 1 })
    expect(named(many.rows()).slice(0, 2)).toEqual(['chunk ▼2', 'Frame 2'])
    expect(many.allChunks()[0]!.sequence).toBe(1)
  })

  test('4 MiB', () => {
    const half = new Uint8Array(maxBytesKept / 2)
    const big = new Capture(() => {})
    big.fill(
      [0, 1, 2].map((i) => chunk(i, '', { bytes: half })),
      { start: 'bytes' },
    )
    expect(big.counts()).toMatchObject({ chunks: 2, dropped: 1 })
  })

  test(`${maxRowsKept} rows, also of one read`, () => {
    const rows = capture(chunk(0, ping.repeat(maxRowsKept + 5))).rows()
    expect(rows).toHaveLength(maxRowsKept)
    expect(named(rows).at(-1)).toBe(`Frame ${maxRowsKept + 5}`)
  })

  test('a connection that has ended goes with its last chunk, one that has not goes on', () => {
    const first = [chunk(0, ping), chunk(1, '', { end: 'rst' })]
    const pings = Array.from({ length: maxChunksKept }, (_, i) => chunk(i, ping, { connection: 2 }))
    const ended = capture(...first, ...pings)
    expect(ended.handshakeOf(1)).toBeUndefined()
    expect(ended.counts()).toMatchObject({ connections: 1, dropped: 2 })
    const open = capture(chunk(0, ping), ...pings)
    expect(open.handshakeOf(1)).toBeDefined()
  })
})

describe('what follows', () => {
  test('after the list was emptied, a frame that had begun is read to its end', () => {
    const going = capture(chunk(0, '8103'), chunk(1, '61'))
    going.empty()
    expect(going.counts()).toEqual({ chunks: 0, frames: 0, connections: 1, dropped: 0 })
    going.push(chunk(2, '6263'))
    const [row] = unitsOf(going.rows())
    expect(row!.unit).toMatchObject({ kind: 'frame', length: 5 })
    expect(going.chunksOf(row!).map(({ chunk }) => chunk.sequence)).toEqual([2])
  })

  test('after all was forgotten, bytes begin anew', () => {
    const anew = capture(chunk(0, '8103'))
    anew.clear(frames)
    expect(anew.rows()).toEqual([])
    anew.push(chunk(0, ping))
    expect(named(anew.rows())).toEqual(['chunk ▼1', 'Frame 1'])
  })

  test('each chunk and what could not be kept is told', () => {
    const changed = vi.fn()
    const told = new Capture(changed)
    told.fill([chunk(0, ping)], frames)
    expect(changed).not.toHaveBeenCalled()
    told.push(chunk(1, ping))
    told.miss(3)
    expect(changed).toHaveBeenCalledTimes(2)
    expect(told.counts().dropped).toBe(3)
  })
})

describe('what a recording carries', () => {
  test('packets of Socket.IO, by the unit', () => {
    const packed = capture()
    packed.fill(recording('socketio-events').connections.flat())
    const carried = unitsOf(packed.rows()).flatMap((row) => packed.carriedBy(row)?.packets ?? [])
    expect(carried.map(({ socket }) => socket?.name).filter(Boolean)).toContain('EVENT')
  })

  test('a message that was compressed, when it is inflated', async () => {
    const changed = vi.fn()
    const deflated = new Capture(changed)
    deflated.fill(recording('ws-chromium-deflate').connections.flat())
    await eventually(() => expect(changed).toHaveBeenCalled())
    expect(deflated.extensionsOf(1).map(({ name }) => name)).toEqual(['permessage-deflate'])
    await eventually(() => {
      const inflated = unitsOf(deflated.rows()).filter((row) => deflated.carriedBy(row)?.inflated)
      expect(inflated.length).toBeGreaterThan(0)
    })
  })
})
