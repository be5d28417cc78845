import { createRequire } from 'node:module'
import * as ws from 'ws'
import { encodeFrame, FrameDecoder, opcodes } from '../../solutions/12-ws-frames/frame.ts'
import type { Bench, Comparison, Contender } from '../bench.ts'
import { inChild } from '../contender.ts'
import { timed } from '../measure.ts'

/** Masked binary frames of one size, as a server reads them. */
interface Stream {
  frames: number
  /** size of a payload, in bytes */
  size: number
  /** size of a chunk, in bytes */
  chunk: number
  per: 'frame' | 'byte'
}

/** Takes chunks, and hands each payload to `use`. */
type Parse = (chunks: Buffer[], use: (payload: Uint8Array) => void) => void

type Decoder = new (options: {
  role: 'server'
  maxPayload: number
}) => {
  push(chunk: Uint8Array): { payload: Uint8Array }[]
}

const limit = 64 * 1024 * 1024

export const contenders = {
  ours: (stream: Stream) => parsing('solutions/12', stream, decodeWith(FrameDecoder)),
  ws: (stream: Stream) => parsing('ws', stream, receive),
  async yours(stream: Stream) {
    const lab = await import('../../labs/12-ws-frames/frame.ts')
    return parsing('labs/12', stream, decodeWith(lab.FrameDecoder))
  },
}

const KiB = 1024
/** `native` is the gate against ws with its native add-on. */
const sizes: { name: string; stream: Stream; gate?: number; native?: number }[] = [
  { name: '16 B', stream: { frames: 100_000, size: 16, chunk: 64 * KiB, per: 'frame' }, gate: 2.5, native: 2 },
  { name: '125 B', stream: { frames: 50_000, size: 125, chunk: 64 * KiB, per: 'frame' }, gate: 2, native: 1.2 },
  { name: '1 KiB', stream: { frames: 20_000, size: KiB, chunk: 64 * KiB, per: 'frame' }, gate: 4, native: 0.8 },
  { name: '64 KiB', stream: { frames: 500, size: 64 * KiB, chunk: 64 * KiB, per: 'frame' }, gate: 8, native: 0.5 },
  { name: '1 MiB', stream: { frames: 32, size: KiB * KiB, chunk: 64 * KiB, per: 'frame' }, gate: 8, native: 0.45 },
  { name: '1 KiB in 1400 B chunks', stream: { frames: 20_000, size: KiB, chunk: 1400, per: 'frame' } },
]

/** Byte by byte, a parser that starts over with every chunk needs the square of the length. */
const drip = (size: number, frames: number): Stream => ({ frames, size, chunk: 1, per: 'byte' })

// Most readers have `ws` as npm installs it, without the native add-on that unmasks.
const plain = { WS_NO_BUFFER_UTIL: '1' }

export default {
  title: 'parsing masked frames, 64 KiB chunks',
  unit: 'ns of CPU per frame',
  comparisons: [
    ...sizes.map(
      ({ name, stream, gate }): Comparison => ({
        name,
        own: inChild(import.meta.url, 'ours', stream),
        peer: inChild(import.meta.url, 'ws', stream, plain),
        gate: gate === undefined ? undefined : { cheaper: gate },
      }),
    ),
    ...sizes.flatMap(({ name, stream, native }): Comparison[] =>
      native === undefined
        ? []
        : [
            {
              name: `${name}, ws with bufferutil`,
              own: inChild(import.meta.url, 'ours', stream),
              peer: inChild(import.meta.url, 'ws', stream),
              gate: { cheaper: native },
              skip: bufferutilIsMissing,
            },
          ],
    ),
    {
      name: '1 MiB byte by byte, per byte',
      own: inChild(import.meta.url, 'ours', drip(KiB * KiB, 1)),
      peer: inChild(import.meta.url, 'ours', drip(KiB, KiB)),
      gate: { dearer: 2 },
    },
    {
      name: '1 KiB, your own decoder',
      own: inChild(import.meta.url, 'yours', sizes[2]!.stream),
      peer: inChild(import.meta.url, 'ws', sizes[2]!.stream, plain),
      skip: yoursIsNotDone,
    },
  ],
} satisfies Bench

/** ws uses the native add-on when it finds it. */
function bufferutilIsMissing(): string | undefined {
  try {
    createRequire(import.meta.url).resolve('bufferutil')
    return undefined
  } catch {
    return 'bufferutil is not installed: npm install --no-save bufferutil'
  }
}

/** The learner's decoder is measured once it is right. */
async function yoursIsNotDone(): Promise<string | undefined> {
  try {
    const contender = await contenders.yours({ frames: 40, size: KiB, chunk: 1400, per: 'frame' })
    await contender.round()
    return undefined
  } catch {
    return 'labs/12-ws-frames does not read all of it yet'
  }
}

function parsing(name: string, { frames, size, chunk, per }: Stream, parse: Parse): Contender {
  const frame = encodeFrame({
    opcode: opcodes.binary,
    payload: payloadOf(size),
    maskingKey: Buffer.from('7fa1c35e', 'hex'),
  })
  const bytes = Buffer.concat(Array.from({ length: frames }, () => frame))
  let verified = false
  return {
    name,
    async round() {
      // Fresh copies: ws unmasks inside the chunks that it is given.
      const chunks = cut(Buffer.from(bytes), chunk)
      if (!verified) {
        const want = payloadOf(size)
        parse(chunks, (payload) => check(want.equals(payload), `${name} gave another payload`))
        verified = true
        return this.round()
      }
      let count = 0
      const cost = await timed(per === 'frame' ? frames : bytes.length, () => parse(chunks, () => count++))
      check(count === frames, `${name} gave ${count} of ${frames} frames`)
      return cost
    },
  }
}

function decodeWith(Decoder: Decoder): Parse {
  return (chunks, use) => {
    const decoder = new Decoder({ role: 'server', maxPayload: limit })
    for (const chunk of chunks) for (const { payload } of decoder.push(chunk)) use(payload)
  }
}

/** What the package exports and its types leave out. */
interface WsReceiver {
  on(event: 'message', listener: (payload: Buffer) => void): void
  write(chunk: Buffer): void
}
const { Receiver } = ws as unknown as { Receiver: new (options: object) => WsReceiver }

function receive(chunks: Buffer[], use: (payload: Uint8Array) => void): void {
  const receiver = new Receiver({ isServer: true, maxPayload: limit })
  receiver.on('message', use)
  for (const chunk of chunks) receiver.write(chunk)
}

function payloadOf(size: number): Buffer {
  return Buffer.from(Uint8Array.from({ length: size }, (_, i) => (i * 7) & 0xff))
}

function cut(bytes: Buffer, size: number): Buffer[] {
  const chunks: Buffer[] = []
  for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size))
  return chunks
}

function check(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise)
}
