import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { writePcap } from '../../workbook/wire/formats/pcap.ts'
import type { Chunk } from '../../workbook/wire/model/chunk.ts'
import { chunks, recording, recordingNames, units } from './streams.ts'

const folder = mkdtempSync(join(tmpdir(), 'wirebook-pcap-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const version = run('tshark', ['--version'])
// On a machine without it the tests below are shown as skipped; where everything is tested it must be there.
const missing = version === undefined && !process.env.CI

test('the file begins as every pcap does, then SYN, SYN ACK and ACK', () => {
  const file = writePcap(chunks('c2s', Uint8Array.of(1, 2, 3)), { start: 1000 })
  const view = new DataView(file.buffer)
  expect(view.getUint32(0).toString(16)).toBe('a1b2c3d4')
  expect(view.getUint32(20), 'link type RAW').toBe(101)
  const found: number[] = []
  for (let at = 24; at < file.length; at += 16 + view.getUint32(at + 8)) found.push(view.getUint8(at + 16 + 33))
  expect(found, 'flags').toEqual([0x02, 0x12, 0x10, 0x18])
  expect(file.length).toBe(24 + 4 * (16 + 40) + 3)
})

test('a chunk is not changed, and one above the largest segment is split', () => {
  const large = new Uint8Array(65_495 * 2 + 1).fill(7)
  const before = large.slice()
  const file = writePcap(chunks('s2c', large))
  expect(file.length).toBe(24 + 3 * 56 + 3 * 56 + large.length)
  expect(large).toEqual(before)
})

describe.skipIf(missing)('tshark', () => {
  const websockets = recordingNames.filter((name) => name.startsWith('ws'))
  const frames = read(websockets, ['-Y', 'websocket'], ['websocket.opcode'])
  test.each(websockets)('%s: the same frames', (name) => {
    const ours = units(firstOf(name)).filter((unit) => unit.kind === 'frame')
    const opcodes = frames(name).flatMap(([opcodes]) => opcodes!.split(','))
    expect(opcodes.map(Number)).toEqual(ours.map((unit) => (unit.kind === 'frame' ? unit.header!.opcode : -1)))
  })

  const secure = recordingNames.filter((name) => name.startsWith('tls'))
  const types = ['tls.record.content_type', 'tls.record.opaque_type']
  const records = read(secure, ['-d', 'tcp.port==80,tls', '-Y', 'tls'], types)
  test.each(secure)('%s: the same records', (name) => {
    const ours = units(firstOf(name)).filter(({ kind }) => kind === 'record').length
    const found = records(name).flatMap((fields) => fields.flatMap((field) => field.split(',')))
    expect(found.filter((type) => type !== '').length).toBe(ours)
  })

  // What is broken on purpose is one frame among others; an end by RST is not.
  const different = recordingNames.filter((name) => !/^(client|server)-/.test(name) || name.endsWith('-rst'))
  // 1 is good. What Wireshark finds odd about numbers and times would stand in tcp.analysis.flags.
  const good = 'ip.checksum.status == 1 && tcp.checksum.status == 1 && !tcp.analysis.flags'
  const strict = ['-o', 'ip.check_checksum:TRUE', '-o', 'tcp.check_checksum:TRUE']
  const packets = read(different, [...strict, '-Y', good], ['frame.number'])
  test.each(different)('%s: checksums, numbers and times are right', (name) => {
    const ends = ({ bytes, end }: Chunk) => Math.ceil(bytes.length / 65_495) + (end ? 1 : 0)
    expect(packets(name).length).toBe(3 + firstOf(name).reduce((sum, chunk) => sum + ends(chunk), 0))
  })
})

function firstOf(name: string): Chunk[] {
  return recording(name).connections[0]!
}

/**
 * Has tshark read the recordings once, each as a connection of one file, when the first is asked for.
 *
 * @returns for a recording's name the fields of each packet that passes
 */
function read(names: string[], options: string[], fields: string[]): (name: string) => string[][] {
  let lines: string[] | undefined
  return (name) => {
    lines ??= tshark(
      names.map(firstOf),
      ...options,
      '-T',
      'fields',
      ...['tcp.stream', ...fields].flatMap((field) => ['-e', field]),
    )
    const rows = lines.map((line) => line.split('\t'))
    return rows.filter(([stream]) => Number(stream) === names.indexOf(name)).map(([, ...values]) => values)
  }
}

/** Packets of all connections in one file: each has a port of its own, and the head of the file stands once. */
function tshark(connections: Chunk[][], ...options: string[]): string[] {
  const file = join(folder, 'file.pcap')
  const written = connections.map((chunks, i) =>
    writePcap(chunks, { start: Date.UTC(2026, 0, 1), client: { address: [127, 0, 0, 1], port: 50_000 + i } }),
  )
  writeFileSync(file, Buffer.concat(written.map((bytes, i) => (i === 0 ? bytes : bytes.subarray(24)))))
  const output = run('tshark', ['-n', '-r', file, ...options])
  if (output === undefined) throw new Error('tshark is not installed: apt-get install tshark')
  return output.split('\n').filter((line) => line !== '')
}

function run(program: string, options: string[]): string | undefined {
  try {
    return execFileSync(program, options, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 2 ** 26 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
