import { constants, deflateRawSync } from 'node:zlib'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { say } from '../../workbook/sentences/say.ts'
import {
  checkDeflate,
  deflateAgreement,
  type Inflated,
  Inflater,
  inflateRaw,
} from '../../workbook/wire/websocket/deflate.ts'
import { parseExtensions } from '../../workbook/wire/websocket/extensions.ts'
import { readInflated } from '../../workbook/wire/websocket/message.ts'
import { bytes, recording, units } from './streams.ts'

const text = (inflated: object): string =>
  'bytes' in inflated ? Buffer.from(inflated.bytes as Uint8Array).toString() : JSON.stringify(inflated)

const errorOf = (inflated: Inflated): string => ('error' in inflated ? say(inflated.error) : 'no error')

describe('vectors of RFC 7692 §7.2.3', () => {
  test.each([
    { name: 'one block', messages: ['f248cdc9c90700'] },
    { name: 'the second points back into the first', messages: ['f248cdc9c90700', 'f200110000'] },
    { name: 'a block that is not compressed', messages: ['000500faff48656c6c6f00'] },
    { name: 'a last block, then an empty byte', messages: ['f348cdc9c9070000'] },
    { name: 'two blocks', messages: ['f24805000000ffffcac9c90700'] },
  ])('$name', async ({ messages }) => {
    const inflater = new Inflater(true)
    for (const message of messages) expect(text(await inflater.inflate(bytes(message)))).toBe('Hello')
  })

  test('a stream that ends by itself, without what follows', async () => {
    expect(text(await inflateRaw(bytes('f348cdc9c90700'), 100))).toBe('Hello')
  })
})

test('ws-chromium-deflate: each direction has a window of its own', async () => {
  const list = recording('ws-chromium-deflate').connections[0]!
  const inflaters = { c2s: new Inflater(true), s2c: new Inflater(true) }
  const found: string[] = []
  for (const unit of units(list)) {
    if (unit.kind !== 'frame' || !unit.message?.compressed) continue
    const inflated = await inflaters[unit.direction].inflate(unit.message.payload)
    if ('error' in inflated) throw new Error(say(inflated.error))
    const { text: said, problems } = readInflated(unit.message, inflated.bytes)
    expect(problems).toEqual([])
    found.push(`${unit.direction} ${unit.message.length} -> ${inflated.bytes.length} ${said?.slice(0, 13) ?? 'binary'}`)
  }
  expect(found).toEqual([
    ...['c2s 7 -> 5 Hello', 's2c 7 -> 5 Hello', 'c2s 5 -> 5 Hello', 's2c 5 -> 5 Hello'],
    ...['c2s 10 -> 1000 aaaaaaaaaaaaa', 's2c 10 -> 1000 aaaaaaaaaaaaa'],
    ...['c2s 30 -> 174 {"user":"ann"', 's2c 31 -> 174 {"user":"ann"'],
    ...['c2s 275 -> 300 binary', 's2c 275 -> 300 binary'],
  ])
})

test('without the message before, the second cannot be inflated', async () => {
  const inflater = new Inflater(false)
  expect(text(await inflater.inflate(bytes('f248cdc9c90700')))).toBe('Hello')
  expect(errorOf(await inflater.inflate(bytes('f200110000')))).toContain('invalid distance too far back')
})

test('the window is 32 KiB, through many messages', async () => {
  const inflater = new Inflater(true)
  const random = Uint8Array.from({ length: 20_000 }, (_, i) => (i * i * 31 + (i >> 3)) & 0xff)
  let sent = Buffer.alloc(0)
  for (let round = 0; round < 5; round++) {
    const dictionary = sent.subarray(-32768)
    const packed = deflateRawSync(random, {
      finishFlush: constants.Z_SYNC_FLUSH,
      ...(dictionary.length > 0 ? { dictionary } : {}),
    })
    const inflated = await inflater.inflate(packed.subarray(0, -4))
    expect('bytes' in inflated && Buffer.compare(inflated.bytes, random)).toBe(0)
    sent = Buffer.concat([sent, random])
  }
})

test('messages that are handed in at once are inflated in their order', async () => {
  const inflater = new Inflater(true)
  const all = await Promise.all(
    ['f248cdc9c90700', 'f200110000', 'f200110000'].map((hex) => inflater.inflate(bytes(hex))),
  )
  expect(all.map(text)).toEqual(['Hello', 'Hello', 'Hello'])
})

describe('what cannot be inflated', () => {
  test('100 MB from 97 KB stop at the limit', async () => {
    const bomb = deflateRawSync(Buffer.alloc(100_000_000))
    const inflater = new Inflater(true, 1_000_000)
    expect(errorOf(await inflater.inflate(bomb))).toMatch(/^more than 1000000 bytes come out of \d+$/)
    expect(errorOf(await inflater.inflate(bytes('f248cdc9c90700')))).toContain('an earlier message')
  })

  test('of a bomb, what is inflated is bounded by the limit, not by the bomb', async () => {
    const bomb = bombOf(128)
    const limit = 4 * 1024 * 1024
    let written = 0
    let inflated = 0
    // Makes all that comes out of a write at once, as Chromium does.
    vi.stubGlobal(
      'DecompressionStream',
      class extends TransformStream<Uint8Array, Uint8Array> {
        constructor() {
          super({
            transform(slice, controller) {
              written += slice.length
              inflated += slice.length * 1032
              controller.enqueue(new Uint8Array(slice.length * 1032))
            },
          })
        }
      },
    )
    onTestFinished(() => void vi.unstubAllGlobals())
    expect(errorOf(await inflateRaw(bomb, limit))).toMatch(/^more than 4194304 bytes come out of \d+$/)
    expect(inflated).toBeLessThan(2 * limit)
    expect(written).toBeLessThan(bomb.length / 15)
  })

  test('of a bomb, Node takes no more than what waits in front of zlib', async () => {
    const bomb = new Watched(bombOf(128))
    expect(await inflateRaw(bomb, 1024 * 1024)).toHaveProperty('error')
    expect(bomb.taken).toBeLessThanOrEqual(64 * 1024)
    expect(bomb.length).toBeGreaterThan(120 * 1024)
  })

  test('garbage', async () => {
    expect(errorOf(await new Inflater(true).inflate(bytes('ffffffff')))).toContain('cannot be inflated')
  })

  test('the input is not changed', async () => {
    const payload = bytes('f248cdc9c90700')
    await new Inflater(true).inflate(payload)
    expect(payload).toEqual(bytes('f248cdc9c90700'))
  })
})

describe('what was agreed on', () => {
  test.each([
    { header: '', c2s: undefined },
    { header: 'permessage-deflate', c2s: { contextTakeover: true, maxWindowBits: 15 } },
    {
      header: 'permessage-deflate; client_no_context_takeover; client_max_window_bits=9',
      c2s: { contextTakeover: false, maxWindowBits: 9 },
    },
  ])('$header', ({ header, c2s }) => {
    expect(deflateAgreement(parseExtensions(header))?.c2s).toEqual(c2s)
  })

  test.each([
    { header: 'permessage-deflate; client_max_window_bits', offers: undefined, found: [] },
    {
      header: 'permessage-deflate; client_max_window_bits=10',
      offers: 'permessage-deflate; client_max_window_bits',
      found: [],
    },
    {
      header: 'permessage-deflate; client_max_window_bits=10',
      offers: 'permessage-deflate',
      found: ['client_max_window_bits was not offered'],
    },
    {
      header: 'permessage-deflate; server_max_window_bits=16',
      offers: 'permessage-deflate',
      found: ['server_max_window_bits must be 8 to 15; 16 is received'],
    },
    {
      header: 'permessage-deflate; server_no_context_takeover=1',
      offers: 'permessage-deflate',
      found: ['server_no_context_takeover has no value; 1 is received'],
    },
    { header: 'permessage-deflate; x', offers: undefined, found: ['x is no parameter of permessage-deflate'] },
  ])('$header, offered $offers', ({ header, offers, found }) => {
    const [extension] = parseExtensions(header)
    const problems = checkDeflate(extension!, offers === undefined ? undefined : parseExtensions(offers))
    expect(problems.map(({ text: said }) => say(said))).toEqual(found)
  })
})

/** A stream that becomes so many MiB of zeros; its blocks are all the same. */
function bombOf(mebibytes: number): Buffer {
  const block = deflateRawSync(Buffer.alloc(2 ** 20), { finishFlush: constants.Z_SYNC_FLUSH })
  return Buffer.concat(Array(mebibytes).fill(block))
}

/** Bytes that count how many of them were asked for. */
class Watched extends Uint8Array {
  taken = 0

  override slice(start = 0, end = this.length): Uint8Array<ArrayBuffer> {
    const part = new Uint8Array(this.buffer, this.byteOffset, this.length).slice(start, end)
    this.taken += part.length
    return part
  }
}
