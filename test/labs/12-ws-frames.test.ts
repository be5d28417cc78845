import { applyMask, encodeFrame, type Frame, FrameDecoder } from '#lab/12-ws-frames/frame.ts'
import { readHeader } from '#lab/12-ws-frames/header.ts'
import { check, chunkings, computingTime, expect, fail } from '../../workbook/grade/checks/check.ts'
import { hexBytes } from '../../workbook/grade/checks/compare-bytes.ts'
import { frameFields } from '../../workbook/wire/websocket/fields.ts'

const rule = 'RFC 6455 §5.2'
const maskingKey = hexBytes('37 fa 21 3d')

check('short', 'a text frame is 81, its length, its text', { anchor: 'two-bytes', rule: 'RFC 6455 §5.7' }, () => {
  encodes('unmasked "Hello"', { opcode: 1, payload: text('Hello') }, '81 05 48 65 6c 6c 6f')
  encodes('a ping', { opcode: 9, payload: text('Hello') }, '89 05 48 65 6c 6c 6f')
  encodes('an empty text', { opcode: 1, payload: text('') }, '81 00')
})

check('bits', 'FIN and RSV1 are bits of byte 0, beside the opcode', { anchor: 'two-bytes', rule }, () => {
  encodes('the first fragment', { fin: false, opcode: 1, payload: text('Hel') }, '01 03 48 65 6c')
  encodes('the last fragment', { fin: true, opcode: 0, payload: text('lo') }, '80 02 6c 6f')
  encodes('a frame with RSV1', { rsv1: true, opcode: 2, payload: text('') }, 'c2 00')
})

check('length-16', '126 to 65,535 bytes take the 16-bit length', { todo: 1, anchor: 'three-lengths', rule }, () => {
  encodesLength(125, '82 7d')
  encodesLength(126, '82 7e 00 7e')
  encodesLength(127, '82 7e 00 7f')
  encodesLength(65_535, '82 7e ff ff')
})

check('length-64', '65,536 bytes and more take the 64-bit length', { todo: 1, anchor: 'three-lengths', rule }, () => {
  encodesLength(65_536, '82 7f 00 00 00 00 00 01 00 00')
  encodesLength(0x0102_03, '82 7f 00 00 00 00 00 01 02 03')
  const long = Buffer.allocUnsafe(0x0100_0203)
  expect(encodeFrame({ opcode: 2, payload: long }).subarray(0, 10)).toBeBytes('82 7f 00 00 00 00 01 00 02 03', {
    action: 'encodeFrame of 16,777,731 bytes, the header of it',
    fields: frameFields,
  })
})

check(
  'mask-vector',
  'byte i is XORed with key byte i % 4',
  { todo: 2, anchor: 'masking', rule: 'RFC 6455 §5.3' },
  () => {
    const action = 'applyMask of "Hello" with the key 37 fa 21 3d'
    expect(applyMask(text('Hello'), maskingKey)).toBeBytes('7f 9f 4d 51 58', { action })
    const back = 'applyMask of 7f 9f 4d 51 58 with the same key'
    expect(applyMask(hexBytes('7f 9f 4d 51 58'), maskingKey)).toBeBytes('Hello', { action: back, text: true })
  },
)

check(
  'mask-offset',
  'a payload in pieces goes on where the key stopped',
  { todo: 2, anchor: 'masking', rule: 'RFC 6455 §5.3' },
  () => {
    for (const length of [1, 2, 3, 5, 8, 63, 64, 65, 127, 191, 192, 300, 4_096]) {
      for (let offset = 0; offset < 9; offset++) {
        // A view that begins anywhere in memory, with neighbours that must stay as they are.
        const around = Buffer.alloc(length + 24, 0xee)
        const view = around.subarray(8 + offset, 8 + offset + length)
        view.set(payloadOf(length))
        applyMask(view, maskingKey, offset)
        const want = Buffer.alloc(length + 24, 0xee)
        payloadOf(length).forEach((byte, i) => {
          want[8 + offset + i] = byte ^ maskingKey[(offset + i) % 4]!
        })
        const action = `applyMask of ${length} bytes with offset ${offset}, at byte ${8 + offset} of a buffer of ee`
        expect(around).toBeBytes(want, { action })
      }
    }
    for (const offset of [254, 1_001, 65_535, 1_048_577]) {
      const want = text('Hello').map((byte, i) => byte ^ maskingKey[(offset + i) % 4]!)
      expect(applyMask(text('Hello'), maskingKey, offset)).toBeBytes(want, {
        action: `applyMask of "Hello" with offset ${offset}`,
      })
    }
  },
)

check(
  'masked',
  'a masked frame has MASK, the key behind the length, and a masked payload',
  { todo: [2, 3], anchor: 'masking', rule: 'RFC 6455 §5.7' },
  () => {
    encodes('masked "Hello"', { opcode: 1, payload: text('Hello'), maskingKey }, '81 85 37 fa 21 3d 7f 9f 4d 51 58')
    const plain = { opcode: 1, payload: Uint8Array.from(text('Hello')), maskingKey: Uint8Array.from(maskingKey) }
    encodes('masked "Hello" in a Uint8Array', plain, '81 85 37 fa 21 3d 7f 9f 4d 51 58')
    const zeros = { opcode: 1, payload: text('Hello'), maskingKey: Buffer.alloc(4) }
    encodes('"Hello" with the key 00 00 00 00', zeros, '81 85 00 00 00 00 48 65 6c 6c 6f')
    encodes('a masked ping', { opcode: 9, payload: text('Hello'), maskingKey }, '89 85 37 fa 21 3d 7f 9f 4d 51 58')
  },
)

check('masked-empty', 'an empty payload is masked, too', { todo: 3, anchor: 'masking', rule: 'RFC 6455 §5.1' }, () => {
  encodes('an empty masked text', { opcode: 1, payload: text(''), maskingKey }, '81 80 37 fa 21 3d')
})

check(
  'masked-long',
  'the key stands behind the longer lengths, too',
  { todo: [1, 2, 3], anchor: 'masking', rule },
  () => {
    for (const [length, header] of [
      [126, '82 fe 00 7e'],
      [65_536, '82 ff 00 00 00 00 00 01 00 00'],
    ] as const) {
      const payload = payloadOf(length)
      const masked = payload.map((byte, i) => byte ^ maskingKey[i % 4]!)
      encodes(
        `${length} masked bytes`,
        { opcode: 2, payload, maskingKey },
        Buffer.concat([hexBytes(header), maskingKey, masked]),
      )
    }
  },
)

check(
  'payload-kept',
  'masking leaves the bytes of the caller alone',
  { todo: [2, 3], anchor: 'masking', rule: 'RFC 6455 §5.3' },
  () => {
    const payload = text('Hello')
    for (const time of ['once', 'twice']) {
      encodes(`the same "Hello", ${time}`, { opcode: 1, payload, maskingKey }, '81 85 37 fa 21 3d 7f 9f 4d 51 58')
    }
    expect(payload).toBeBytes('Hello', {
      action: 'encodeFrame of masked "Hello", then a look at our own payload',
      text: true,
    })
  },
)

check('decode', 'one whole frame in one chunk comes back', { anchor: 'reading', rule: 'RFC 6455 §5.7' }, () => {
  decodes('unmasked "Hello"', 'client', ['81 05 48 65 6c 6c 6f'], [{ fin: true, opcode: 1, payload: text('Hello') }])
  decodes('the first fragment', 'client', ['01 03 48 65 6c'], [{ fin: false, opcode: 1, payload: text('Hel') }])
  decodes('an empty pong', 'client', ['8a 00'], [{ fin: true, opcode: 10, payload: text('') }])
})

check('decode-masked', 'a server unmasks what it reads', { todo: 2, anchor: 'reading', rule: 'RFC 6455 §5.7' }, () => {
  const hello = [{ fin: true, opcode: 1, payload: text('Hello') }]
  decodes('masked "Hello"', 'server', ['81 85 37 fa 21 3d 7f 9f 4d 51 58'], hello)
  const hundred = { fin: true, opcode: 2, payload: payloadOf(100) }
  decodes('a masked frame of 100 bytes', 'server', [wire(hundred, maskingKey)], [hundred])
})

check('decode-lengths', 'the 16-bit and the 64-bit length are read', { todo: 4, anchor: 'reading', rule }, () => {
  for (const length of [125, 126, 127, 255, 256, 65_535, 65_536, 70_000]) {
    const frame = { fin: true, opcode: 2, payload: payloadOf(length) }
    decodes(`a frame of ${length} bytes`, 'client', [wire(frame)], [frame])
  }
  // Nobody can send so much here, but a header says so.
  for (const [header, length] of [
    ['82 7f 00 00 00 00 80 00 00 00', 2 ** 31],
    ['82 7f 00 00 00 01 00 00 00 05', 2 ** 32 + 5],
    ['82 7f 00 00 01 00 00 00 00 05', 2 ** 40 + 5],
    ['82 7f 00 1f ff ff ff ff ff ff', 2 ** 53 - 1],
  ] as const) {
    const bytes = hexBytes(header)
    expect(readHeader(bytes, 0, bytes.length)?.payloadLength, `payloadLength of the header ${header}`).toBe(length)
  }
})

check(
  'glued',
  'several frames in one chunk are several frames',
  { todo: 5, anchor: 'a-chunk-is-not-a-frame', rule },
  () => {
    const frames = ['one', '', 'three', ''].map((word) => ({ fin: true, opcode: 1, payload: text(word) }))
    decodes('four frames in one chunk', 'client', [Buffer.concat(frames.map((frame) => wire(frame)))], frames)
  },
)

check(
  'pieces',
  'one frame in several chunks is one frame, wherever it is cut',
  { todo: 5, anchor: 'a-chunk-is-not-a-frame', rule },
  () => {
    const frame = { fin: true, opcode: 1, payload: text('wire 线') }
    const bytes = wire(frame)
    for (let cut = 1; cut < bytes.length; cut++) {
      decodes(`a frame cut before byte ${cut}`, 'client', [bytes.subarray(0, cut), bytes.subarray(cut)], [frame])
    }

    // Two connections at once, and the memory of each chunk is used again.
    const decoders = [new FrameDecoder({ role: 'client' }), new FrameDecoder({ role: 'client' })]
    const sent = ['one ', 'two '].map((word, i) => ({ fin: true, opcode: i + 1, payload: text(word.repeat(50)) }))
    const got: Frame[][] = [[], []]
    const streams = sent.map((frame) => wire(frame))
    for (let i = 0; i < streams[0]!.length; i++) {
      streams.forEach((stream, which) => {
        const chunk = Uint8Array.of(stream[i]!)
        got[which]!.push(...decoders[which]!.push(chunk))
        chunk.fill(0xee)
      })
    }
    sent.forEach((frame, which) => {
      const action = `pushed two frames to two decoders in turns, byte by byte, in memory that we used again; frame ${which + 1}`
      expect(got[which]![0]?.opcode, `opcode after we ${action}`).toBe(frame.opcode)
      expect(got[which]![0]?.payload).toBeBytes(frame.payload, { action, text: true })
    })

    // Some milliseconds when each byte is copied once or twice, seconds when each chunk copies all before it.
    const long = wire({ fin: true, opcode: 2, payload: Buffer.alloc(4 * 1024 * 1024) })
    const decoder = new FrameDecoder({ role: 'client', maxPayload: long.length })
    const took = computingTime(() => {
      for (let i = 0; i < long.length; i += 512) decoder.push(long.subarray(i, i + 512))
    })
    if (took > 1000) {
      fail.state(
        'pushed a frame of 4 MiB in chunks of 512 bytes',
        `computed for ${Math.round(took)} ms`,
        'want 4 MiB in chunks of 512 bytes read within a second, got longer: what is there is copied for each chunk',
      )
    }
  },
)

check(
  'any-cut',
  'any cut of a stream gives the same frames',
  { todo: [2, 4, 5], anchor: 'a-chunk-is-not-a-frame', rule },
  () => {
    const frames = ['hello', '', '字'.repeat(60), 'x'.repeat(70_000), 'bye'].map((word) => ({
      fin: true,
      opcode: 1,
      payload: text(word),
    }))
    for (const { name, chunks } of chunkings(frames.map((frame) => wire(frame, maskingKey)))) {
      decodes(`five masked frames, ${name}`, 'server', chunks, frames)
    }
    const bytes = Buffer.concat(frames.map((frame) => wire(frame, maskingKey)))
    for (const size of [63, 65, 997, 65_535]) {
      const chunks = []
      for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size))
      decodes(`five masked frames in chunks of ${size} bytes`, 'server', chunks, frames)
    }
  },
)

check(
  'chunk-kept',
  'reading leaves the chunk alone, and lives on without it',
  { todo: 2, anchor: 'reading', rule: 'RFC 6455 §5.3' },
  () => {
    for (const length of [5, 100]) {
      const frame = { fin: true, opcode: 2, payload: payloadOf(length) }
      const chunk = wire(frame, maskingKey)
      const frames = new FrameDecoder({ role: 'server' }).push(chunk)
      expect(chunk).toBeBytes(wire(frame, maskingKey), {
        action: `pushed a masked frame of ${length} bytes, then looked at our own chunk`,
        fields: frameFields,
      })
      chunk.fill(0)
      expect(frames[0]?.payload).toBeBytes(frame.payload, {
        action: `pushed a masked frame of ${length} bytes, then used our chunk for something else`,
      })

      const unmasked = wire(frame)
      const [own] = new FrameDecoder({ role: 'client' }).push(unmasked)
      unmasked.fill(0)
      expect(own?.payload).toBeBytes(frame.payload, {
        action: `pushed an unmasked frame of ${length} bytes, then used our chunk for something else`,
      })
    }
  },
)

check('rsv', 'RSV bits without an extension fail with 1002', { todo: 6, anchor: 'what-to-refuse', rule }, () => {
  for (const [what, first] of [
    ['a text frame with RSV1', 0xc1],
    ['a text frame with RSV2', 0xa1],
    ['a text frame with RSV3', 0x91],
    ['a ping with RSV1', 0xc9],
    ['a ping with RSV3', 0x99],
    ['a continuation with RSV2', 0xa0],
    ['a binary frame with all three', 0xf2],
  ] as const) {
    refusesOfBoth(what, first, 1002)
  }
})

check('opcodes', 'reserved opcodes fail with 1002', { todo: 6, anchor: 'what-to-refuse', rule }, () => {
  for (const opcode of [3, 4, 5, 6, 7, 11, 12, 13, 14, 15]) {
    refusesOfBoth(`a frame with opcode ${opcode}`, 0x80 | opcode, 1002)
  }
})

check(
  'control',
  'a control frame that is fragmented or longer than 125 bytes fails with 1002',
  { todo: 6, anchor: 'what-to-refuse', rule: 'RFC 6455 §5.5' },
  () => {
    for (const opcode of [8, 9, 10]) {
      refusesOfBoth(`opcode ${opcode} without FIN`, opcode, 1002)
      refuses(
        `opcode ${opcode} with 126 bytes`,
        'client',
        Buffer.concat([Buffer.from([0x80 | opcode, 126, 0, 126]), payloadOf(126)]),
        1002,
      )
    }
    for (const opcode of [8, 9, 10]) {
      const frame = { fin: true, opcode, payload: payloadOf(125) }
      decodes(`opcode ${opcode} with 125 bytes`, 'client', [wire(frame)], [frame])
    }
  },
)

check(
  'roles',
  'a server refuses unmasked frames, a client masked ones',
  { todo: 6, anchor: 'what-to-refuse', rule: 'RFC 6455 §5.1' },
  () => {
    refuses('an unmasked text to a server', 'server', '81 05 48 65 6c 6c 6f', 1002)
    refuses('a masked text to a client', 'client', '81 85 37 fa 21 3d 7f 9f 4d 51 58', 1002)
    for (const [what, first] of Object.entries({ text: 0x81, binary: 0x82, continuation: 0x80, ping: 0x89 })) {
      refuses(`an empty, unmasked ${what} to a server`, 'server', Buffer.of(first, 0), 1002)
      refuses(`an empty, masked ${what} to a client`, 'client', Buffer.of(first, 0x80, 1, 2, 3, 4), 1002)
    }
  },
)

check(
  'too-big',
  'a length beyond maxPayload fails with 1009 before any payload came',
  { todo: [4, 6], anchor: 'what-to-refuse', rule: 'RFC 6455 §10.4' },
  () => {
    refuses('the header of 126 bytes, maxPayload 125', 'client', '82 7e 00 7e', 1009, 125)
    refuses('the header of 1 MiB and a byte, default limit', 'client', '82 7f 00 00 00 00 00 10 00 01', 1009)
    refuses('the header of a continuation of 126 bytes, maxPayload 125', 'client', '80 7e 00 7e', 1009, 125)
    refuses(
      'the header of a text of 126 bytes to a server, maxPayload 125',
      'server',
      '81 fe 00 7e 01 02 03 04',
      1009,
      125,
    )
    refuses('the header of 1 byte, maxPayload 0', 'client', '82 01', 1009, 0)
    refuses('the header of 2^40 bytes, default limit', 'client', '82 7f 00 00 01 00 00 00 00 00', 1009)
    refuses('the header of 2^48 bytes, default limit', 'client', '82 7f 00 01 00 00 00 00 00 00', 1009)
    refuses('the header of 2^56 bytes, default limit', 'client', '82 7f 01 00 00 00 00 00 00 00', 1009)
    refuses('the header of 2^63 - 1 bytes, default limit', 'client', '82 7f 7f ff ff ff ff ff ff ff', 1009)
    const error = caught(() => new FrameDecoder({ role: 'client' }).push(hexBytes('82 7f 00 00 00 00 00 10 00 00')))
    expect(String(error), 'the error of the header of exactly 1 MiB, default limit').toBe('undefined')
    const more = new FrameDecoder({ role: 'client', maxPayload: 2 ** 22 })
    const other = caught(() => more.push(hexBytes('82 7f 00 00 00 00 00 20 00 00')))
    expect(String(other), 'the error of the header of 2 MiB, maxPayload 4 MiB').toBe('undefined')
  },
)

check(
  'top-bit',
  'a 64-bit length with its top bit set fails with 1002',
  { todo: 6, anchor: 'what-to-refuse', rule },
  () => {
    refuses('the header of 2^63 bytes', 'client', '82 7f 80 00 00 00 00 00 00 00', 1002)
    refuses('the header of 2^64 - 1 bytes to a server', 'server', '82 ff ff ff ff ff ff ff ff ff 01 02 03 04', 1002)
    // Small but for its top bit: nothing beside the bit itself gives it away.
    refuses('the header of 2^63 + 5 bytes', 'client', '82 7f 80 00 00 00 00 00 00 05', 1002)
  },
)

check(
  'before-error',
  'the good frames before a broken one are not lost',
  { todo: [5, 6], anchor: 'what-to-refuse', rule },
  () => {
    for (const [what, broken] of [
      ['a frame with opcode 3', '83 00'],
      ['a text with RSV1', 'c1 00'],
      ['a ping without FIN', '09 00'],
      ['a masked text', '81 80 01 02 03 04'],
      ['a header of 126 bytes, maxPayload 125', '82 7e 00 7e'],
    ] as const) {
      const decoder = new FrameDecoder({ role: 'client', maxPayload: 125 })
      const error = caught(() => decoder.push(hexBytes(`81 02 68 69 ${broken} 81 00`))) as
        | { frames?: Frame[] }
        | undefined
      const count = error?.frames?.length ?? 'none'
      if (count !== 1) {
        fail.state(
          `pushed "hi" and ${what} in one chunk`,
          String(error),
          `want 1 frame in error.frames, after "hi" and ${what} in one chunk, got ${count}`,
        )
      }
      expect(error?.frames?.[0]?.payload).toBeBytes('hi', {
        action: `pushed "hi" and ${what} in one chunk`,
        text: true,
      })
      expect(
        caught(() => decoder.push(hexBytes('81 00'))),
        `the error of a good frame pushed after ${what}`,
      ).toBeDefined()
    }
  },
)

/** Compares `encodeFrame` of one frame with the bytes it must give. */
function encodes(what: string, frame: Parameters<typeof encodeFrame>[0], want: string | Uint8Array): void {
  expect(encodeFrame(frame)).toBeBytes(want, { action: `encodeFrame of ${what}`, fields: frameFields })
}

function encodesLength(length: number, header: string): void {
  const payload = payloadOf(length)
  encodes(`${length} bytes`, { opcode: 2, payload }, Buffer.concat([hexBytes(header), payload]))
}

/** Pushes chunks, hex or bytes, and compares the frames that come out. */
function decodes(what: string, role: 'server' | 'client', chunks: (string | Uint8Array)[], want: Frame[]): void {
  const decoder = new FrameDecoder({ role })
  const got = chunks.flatMap((chunk) => decoder.push(bytesOf(chunk)))
  const action = `pushed ${what}`
  if (got.length !== want.length) {
    fail.state(action, `got ${got.length} frames`, `want ${want.length} frames, got ${got.length}`)
  }
  want.forEach((frame, i) => {
    expect(got[i]?.opcode, `opcode of frame ${i + 1}, after we ${action}`).toBe(frame.opcode)
    expect(got[i]?.fin, `fin of frame ${i + 1}, after we ${action}`).toBe(frame.fin)
    expect(got[i]?.payload).toBeBytes(frame.payload, { action: `${action}, payload of frame ${i + 1}` })
  })
}

/** Pushes a frame that breaks a rule, and expects an error with the close code. */
function refuses(
  what: string,
  role: 'server' | 'client',
  bytes: string | Uint8Array,
  closeCode: number,
  maxPayload?: number,
): void {
  const decoder = new FrameDecoder({ role, maxPayload })
  const error = caught(() => decoder.push(bytesOf(bytes)))
  const you = error === undefined ? 'no error' : String(error)
  const code = (error as { closeCode?: number } | undefined)?.closeCode
  if (code !== closeCode) {
    const got =
      error === undefined ? 'no error' : code === undefined ? 'an error without closeCode' : `closeCode ${code}`
    fail.state(`pushed ${what}`, you, `want an error with closeCode ${closeCode}, got ${got}`)
  }
}

/** The same empty frame, broken by its first byte, to a client and, masked, to a server. */
function refusesOfBoth(what: string, first: number, closeCode: number): void {
  refuses(what, 'client', Buffer.of(first, 0), closeCode)
  refuses(`${what} to a server`, 'server', Buffer.of(first, 0x80, 1, 2, 3, 4), closeCode)
}

function caught(act: () => unknown): unknown {
  try {
    act()
    return undefined
  } catch (error) {
    return error
  }
}

/** A frame as its bytes, made here and not by the lab. */
function wire({ fin, opcode, payload }: Frame, key?: Uint8Array): Buffer {
  const { length } = payload
  const first = (fin ? 0x80 : 0) | opcode
  const mask = key ? 0x80 : 0
  const extended = Buffer.alloc(length < 126 ? 0 : length < 65_536 ? 2 : 8)
  if (extended.length === 2) extended.writeUInt16BE(length)
  if (extended.length === 8) extended.writeBigUInt64BE(BigInt(length))
  const short = [length, 126, 127][[0, 2, 8].indexOf(extended.length)]!
  const masked = key ? payload.map((byte, i) => byte ^ key[i % 4]!) : payload
  return Buffer.concat([Buffer.from([first, mask | short]), extended, key ?? Buffer.alloc(0), masked])
}

function payloadOf(length: number): Buffer {
  return Buffer.from(new Uint8Array(length).map((_, i) => (i * 7 + (i >> 8)) & 0xff))
}

function text(word: string): Buffer {
  return Buffer.from(word)
}

function bytesOf(chunk: string | Uint8Array): Buffer {
  return typeof chunk === 'string' ? hexBytes(chunk) : Buffer.from(chunk)
}
