import { describe, expect, test } from 'vitest'
import { FrameDecoder } from '../../solutions/12-ws-frames/frame.ts'
import { say } from '../../workbook/sentences/say.ts'
import type { FrameUnit } from '../../workbook/wire/websocket/unit.ts'
import { writeVector } from '../../workbook/wire/websocket/vector.ts'
import { bytes, chunks, recording, units } from './streams.ts'

test('two frames in one chunk, the second cut by the next', () => {
  const frames = units(chunks('s2c', bytes('810548656c6c6f8902'), bytes('6869')), { start: 'websocket' }) as FrameUnit[]
  expect(
    writeVector(frames, "what's said", say),
  ).toBe(`check('captured-0', 'what\\'s said', { anchor: 'one-decoder', rule: 'RFC 6455 §5.2' }, () => {
  const decoder = new FrameDecoder({ role: 'client' })
  const chunks = ['810548656c6c6f8902', '6869']
  const frames = chunks.flatMap((chunk) => decoder.push(fromHex(chunk)))
  expect(frames.map(({ fin, opcode, payload }) => [fin, opcode, payload.toString('hex')])).toEqual([
    [true, 1, '48656c6c6f'],
    [true, 9, '6869'],
  ])
})
`)
})

describe('pasted into the grader of lab 12, they hold for its solution', () => {
  test.each<{ name: string; frames: FrameUnit[] }>([
    { name: 'a browser', frames: from('ws-chromium-plain', 'c2s') },
    { name: 'a server', frames: from('ws-chromium-plain', 's2c') },
    { name: 'a compressed frame, which it must refuse', frames: from('ws-chromium-deflate', 'c2s') },
    {
      name: 'an unmasked client',
      frames: units(chunks('c2s', bytes('8180010203048100')), { start: 'websocket' }) as FrameUnit[],
    },
  ])('$name', ({ name, frames }) => {
    const code = writeVector(frames, name, say)!
    const check = (_id: string, _title: string, _options: object, run: () => void): void => run()
    // The names that the grader has in scope.
    new Function('check', 'expect', 'fromHex', 'FrameDecoder', code)(check, expect, bytes, FrameDecoder)
  })

  test('and fail for a decoder that does something else', () => {
    const code = writeVector(from('ws-chromium-plain', 'c2s'), 'a browser', say)!
    const check = (_id: string, _title: string, _options: object, run: () => void): void => run()
    class Deaf {
      push(): never[] {
        return []
      }
    }
    expect(() => new Function('check', 'expect', 'fromHex', 'FrameDecoder', code)(check, expect, bytes, Deaf)).toThrow()
  })
})

test.each([
  { name: 'no frames', frames: [] },
  { name: 'half a frame', frames: [{ ...from('ws-chromium-plain', 'c2s')[0]!, missing: 1 }] },
  { name: 'more than anybody reads', frames: from('ws-python-websocket-client', 'c2s') },
])('$name is no test', ({ frames }) => {
  expect(writeVector(frames, 'x', say)).toBeUndefined()
})

function from(name: string, direction: string): FrameUnit[] {
  const list = units(recording(name).connections[0]!)
  return list.filter((unit): unit is FrameUnit => unit.kind === 'frame' && unit.direction === direction)
}
