import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writePcap } from '../../workbook/wire/formats/pcap.ts'
import type { Chunk } from '../../workbook/wire/model/chunk.ts'
import { Conversation } from '../../workbook/wire/stream/conversation.ts'
import { frameFields } from '../../workbook/wire/websocket/fields.ts'
import { frameLength, readHeader } from '../../workbook/wire/websocket/frame-header.ts'
import type { Bench, Contender } from '../bench.ts'
import { inChild } from '../contender.ts'
import { handshake } from '../handshake.ts'
import { timed } from '../measure.ts'

// What it costs to look at a frame: an index needs where it begins, a row of a list a unit, a selected frame all of its
// fields.

const frames = 10_000

export const contenders: Record<string, () => Contender> = {
  index,
  header: () => ours('header alone', (bytes, at) => readHeader(bytes, at)!.opcode),
  fields: () => ours('all fields', (bytes, at, end) => [...frameFields(bytes.subarray(at, end))].length),
  unit,
  tshark,
}

const run = (name: string) => inChild(import.meta.url, name, null)

export default {
  title: `dissecting ${frames} masked frames of 8 to 120 bytes`,
  unit: 'ns of CPU per frame',
  comparisons: [
    { name: 'an index of the frames', own: run('index'), peer: run('fields'), gate: { cheaper: 50 } },
    { name: 'a header', own: run('header'), peer: run('fields') },
    { name: 'a frame that arrives live', own: run('unit'), peer: run('fields') },
    {
      name: 'a selected frame',
      own: run('fields'),
      peer: run('tshark'),
      gate: { cheaper: 8 },
      rounds: 3,
      skip: noTshark,
    },
  ],
} satisfies Bench

/** One frame after another, as a browser sends text. */
function stream(): { bytes: Uint8Array; starts: number[] } {
  const starts: number[] = []
  const bytes: number[] = []
  for (let i = 0; i < frames; i++) {
    const length = 8 + ((i * 31) % 113)
    const key = [i & 255, 0xa5, 0x3c, (i >> 8) & 255]
    starts.push(bytes.length)
    bytes.push(0x81, 0x80 | length, ...key)
    for (let j = 0; j < length; j++) bytes.push((0x61 + ((i + j) % 26)) ^ key[j % 4]!)
  }
  return { bytes: Uint8Array.from(bytes), starts: [...starts, bytes.length] }
}

/** Where each frame begins, and nothing else. */
function index(): Contender {
  const { bytes } = stream()
  const starts = new Uint32Array(frames)
  return {
    name: 'starts of the frames',
    round: () =>
      timed(frames, () => {
        let count = 0
        for (let at = 0; at < bytes.length; at += frameLength(bytes, at)) starts[count++] = at
        if (count !== frames) throw new Error(`${count} of ${frames} frames`)
      }),
  }
}

function ours(name: string, look: (bytes: Uint8Array, at: number, end: number) => number): Contender {
  const { bytes, starts } = stream()
  return {
    name,
    round: () =>
      timed(frames, () => {
        for (let i = 0; i < frames; i++) {
          if (look(bytes, starts[i]!, starts[i + 1]!) === 0) throw new Error(`frame ${i} has nothing in it`)
        }
      }),
  }
}

function unit(): Contender {
  const { bytes, starts } = stream()
  return {
    name: 'unit of a conversation',
    round: () =>
      timed(frames, () => {
        const conversation = new Conversation({ start: 'websocket' })
        let found = 0
        for (let i = 0; i < frames; i++) {
          const chunk = bytes.subarray(starts[i], starts[i + 1])
          found += conversation.push({ connection: 1, direction: 'c2s', sequence: i, time: i, bytes: chunk }).length
        }
        if (found !== frames) throw new Error(`${found} of ${frames} frames`)
      }),
  }
}

/** tshark -V prints every field of every frame. Its start is measured with one frame, and subtracted. */
function tshark(): Contender {
  const folder = mkdtempSync(join(tmpdir(), 'wirebook-bench-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const files = [1, frames].map((count) => {
    const file = join(folder, `${count}.pcap`)
    writeFileSync(file, writePcap(conversation(count)))
    return file
  })
  return {
    name: 'tshark -V',
    round() {
      const [one, all] = files.map((file) => {
        const before = childrenCpu()
        const text = execFileSync('tshark', ['-n', '-V', '-r', file], {
          encoding: 'latin1',
          maxBuffer: 2 ** 29,
          stdio: ['ignore', 'pipe', 'ignore'],
        })
        if (!text.includes('Masking-Key')) throw new Error('tshark shows no WebSocket frame')
        return childrenCpu() - before
      })
      return { cost: (all! - one!) / (frames - 1) }
    },
  }
}

/** The handshake of a recording, then the frames, one a segment. */
function conversation(count: number): Chunk[] {
  const { bytes, starts } = stream()
  const sent = starts.slice(0, count).map((start, i): Chunk => {
    return {
      connection: 1,
      direction: 'c2s',
      sequence: i + 2,
      time: 100 + i,
      bytes: bytes.subarray(start, starts[i + 1]),
    }
  })
  return [...handshake(), ...sent]
}

/** CPU time of the programs that this process has waited for, in nanoseconds: `cutime` and `cstime` of proc(5). */
function childrenCpu(): number {
  // The second field is the name in parentheses, which may hold spaces.
  const fields = readFileSync('/proc/self/stat', 'latin1').split(') ')[1]!.split(' ')
  const ticks = Number(fields[13]) + Number(fields[14])
  return ticks * 1e7
}

function noTshark(): string | undefined {
  if (process.platform !== 'linux') return 'the CPU time of another program is read from /proc, which only Linux has'
  try {
    execFileSync('tshark', ['--version'], { stdio: 'ignore' })
    return undefined
  } catch {
    return 'tshark is not installed'
  }
}
