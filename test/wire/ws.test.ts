import { expect, test } from 'vitest'
import * as ws from 'ws'
import { concat } from '../../workbook/wire/bytes/bytes.ts'
import type { FrameUnit } from '../../workbook/wire/websocket/unit.ts'
import { framePayload } from '../../workbook/wire/websocket/unit.ts'
import { chunks, recut, units } from './streams.ts'

// `ws` exports both, its types do not.
interface Receiver {
  on(event: string, listener: (...values: never[]) => void): void
  write(bytes: Uint8Array): boolean
}
interface FrameOptions {
  fin: boolean
  rsv1: boolean
  opcode: number
  mask: boolean
  maskBuffer: Uint8Array
  generateMask: (key: Uint8Array) => void
  readOnly: boolean
}
const { Receiver, Sender } = ws as unknown as {
  Receiver: new (options: { isServer: boolean }) => Receiver
  Sender: { frame(data: Buffer, options: FrameOptions): Buffer[] }
}

/** A small generator (Park and Miller), so that a failure can be repeated by its seed. */
function random(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state * 48271) % 0x7fffffff
    return state % below
  }
}

const lengths = [0, 1, 5, 124, 125, 126, 127, 300, 65_535, 65_536]

function wireFrame(
  opcode: number,
  payload: Uint8Array,
  options: Partial<FrameOptions>,
  pick: (below: number) => number,
): Uint8Array {
  const generateMask = (key: Uint8Array): void => {
    for (let i = 0; i < 4; i++) key[i] = pick(256)
  }
  const data = Buffer.from(payload)
  const defaults = { fin: true, rsv1: false, mask: false, maskBuffer: Buffer.alloc(4), generateMask, readOnly: true }
  return concat(Sender.frame(data, { ...defaults, opcode, ...options }))
}

test('what the Sender of ws writes is read back, in any cut', () => {
  const pick = random(7)
  for (let round = 0; round < 200; round++) {
    const mask = pick(2) === 1
    const sent = Array.from({ length: 1 + pick(5) }, () => {
      const opcode = [1, 2, 9, 10][pick(4)]!
      const length = lengths[pick(opcode > 8 ? 5 : round % 20 === 0 ? lengths.length : 8)]!
      return { opcode, payload: Uint8Array.from({ length }, () => pick(opcode === 1 ? 128 : 256)) }
    })
    const stream = concat(sent.map(({ opcode, payload }) => wireFrame(opcode, payload, { mask }, pick)))
    const cut = recut(chunks(mask ? 'c2s' : 's2c', stream), () => 1 + pick(round % 2 ? 3000 : 7))
    const found = units(cut, { start: 'websocket' }) as FrameUnit[]
    expect(found.map((unit) => ({ opcode: unit.header!.opcode, payload: framePayload(unit) }))).toEqual(sent)
    expect(found.flatMap(({ problems }) => problems).filter(({ severity }) => severity === 'broken')).toEqual([])
  }
})

interface Outcome {
  /** opcode and payload of each message, until the stream is refused */
  messages: string[]
  refused: boolean
}

test('10,000 random sequences, broken ones too, are judged as the Receiver of ws judges them', async () => {
  for (let seed = 1; seed <= 10_000; seed++) {
    const pick = random(seed)
    const isServer = pick(2) === 1
    const stream = randomStream(pick, isServer)
    const cut = recut(chunks(isServer ? 'c2s' : 's2c', stream), () => 1 + pick(30)).map(({ bytes }) => bytes)
    expect(ours(cut, isServer), `seed ${seed}: ${Buffer.from(stream).toString('hex')}`).toEqual(
      await theirs(cut, isServer),
    )
  }
})

/** Mostly what a good endpoint sends, with now and then a broken frame. */
function randomStream(pick: (below: number) => number, isServer: boolean): Uint8Array {
  const frames: Uint8Array[] = []
  let open = false
  for (let left = 1 + pick(6); left > 0; left--) {
    const odd = pick(12)
    const opcode: number = odd === 0 ? pick(16) : pick(4) === 0 ? 9 + pick(2) : open ? 0 : 1 + pick(2)
    const control: boolean = opcode >= 8
    const fin: boolean = control ? odd !== 1 : pick(2) === 1
    const payload = opcode === 8 ? closePayload(pick) : dataPayload(pick, opcode, fin)
    const length = control && odd === 2 ? 126 : payload.length
    const mask = odd === 3 ? !isServer : isServer
    const frame = wireFrame(opcode, length === payload.length ? payload : new Uint8Array(length), { fin, mask }, pick)
    if (odd === 4) frame[0]! |= 0x10 << pick(3)
    frames.push(frame)
    // `ws` reads nothing after a close frame.
    if (opcode === 8) break
    if (!control) open = !fin
  }
  return concat(frames)
}

function closePayload(pick: (below: number) => number): Uint8Array {
  const codes = [1000, 1001, 1004, 1005, 1006, 1011, 1014, 1015, 1016, 2999, 3000, 4999, 5000]
  const code = codes[pick(codes.length)]!
  const payloads = [[], [3], [code >> 8, code & 255], [code >> 8, code & 255, 0x62], [3, 232, 0xff]]
  return Uint8Array.from(payloads[pick(payloads.length)]!)
}

/** Fragments hold ASCII: where in a message bad UTF-8 is noticed is up to the receiver. */
function dataPayload(pick: (below: number) => number, opcode: number, fin: boolean): Uint8Array {
  const bad = opcode === 1 && fin && pick(10) === 0
  return Uint8Array.from({ length: pick(4) === 0 ? 0 : pick(40) }, () => (bad ? pick(256) : pick(128)))
}

function ours(cut: Uint8Array[], isServer: boolean): Outcome {
  const found = units(chunks(isServer ? 'c2s' : 's2c', ...cut), { start: 'websocket' }) as FrameUnit[]
  const messages: string[] = []
  for (const { header, message, problems } of found) {
    if (problems.some(({ severity }) => severity === 'broken')) return { messages, refused: true }
    if (header!.fin) messages.push(`${message!.opcode} ${Buffer.from(message!.payload).toString('hex')}`)
  }
  return { messages, refused: false }
}

async function theirs(cut: Uint8Array[], isServer: boolean): Promise<Outcome> {
  const outcome: Outcome = { messages: [], refused: false }
  const note = (opcode: number, payload: Uint8Array): void => {
    outcome.messages.push(`${opcode} ${Buffer.from(payload).toString('hex')}`)
  }
  const receiver = new Receiver({ isServer })
  receiver.on('message', (data: Buffer, isBinary: boolean) => note(isBinary ? 2 : 1, data))
  receiver.on('ping', (data: Buffer) => note(9, data))
  receiver.on('pong', (data: Buffer) => note(10, data))
  receiver.on('conclude', (code: number, reason: Buffer) => {
    note(8, code === 1005 ? new Uint8Array() : concat([Uint8Array.of(code >> 8, code & 255), reason]))
  })
  receiver.on('error', () => {
    outcome.refused = true
  })
  // `ws` unmasks in the buffer that it is given.
  for (const part of cut) receiver.write(Buffer.from(part))
  await new Promise(setImmediate)
  return outcome
}
