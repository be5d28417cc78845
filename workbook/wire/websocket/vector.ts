import { toHex } from '../bytes/hex.ts'
import type { Words } from '../model/sentence.ts'
import { checkFrame } from './rules.ts'
import { type FrameUnit, framePayload } from './unit.ts'

/** The most bytes that a vector is made of; nobody reads a longer test. */
const maxBytes = 4096

/**
 * Writes frames of one direction as a check, to be pasted at the end of the grader of lab 12: the bytes as the chunks
 * brought them, and what a `FrameDecoder` must make of them. Frames after one that it must refuse are left out.
 *
 * @param frames one after another in the stream, each of them complete
 * @param title what a correct program does, in words
 * @param say says why a frame must be refused, in the language of whoever reads the check
 * @returns `undefined` when that is no test: no frames, or more bytes than anybody reads
 */
export function writeVector(frames: FrameUnit[], title: string, say: (words: Words) => string): string | undefined {
  const length = frames.reduce((sum, frame) => sum + frame.length, 0)
  if (length === 0 || length > maxBytes || frames.some(({ missing }) => missing !== undefined)) return undefined
  const { direction } = frames[0]!
  const refused = frames.findIndex((frame) => isRefused(frame))
  const good = refused < 0 ? frames : frames.slice(0, refused)
  return [
    `check('captured-${frames[0]!.index}', ${quote(title)}, { anchor: 'one-decoder', rule: 'RFC 6455 §5.2' }, () => {`,
    `  const decoder = new FrameDecoder({ role: '${direction === 'c2s' ? 'server' : 'client'}' })`,
    `  const chunks = [${chunksOf(good).map(quote).join(', ')}]`,
    '  const frames = chunks.flatMap((chunk) => decoder.push(fromHex(chunk)))',
    "  expect(frames.map(({ fin, opcode, payload }) => [fin, opcode, payload.toString('hex')])).toEqual([",
    ...good.map((frame) => `    [${frame.header!.fin}, ${frame.header!.opcode}, '${toHex(framePayload(frame))}'],`),
    '  ])',
    ...(refused < 0 ? [] : refusal(frames[refused]!, say)),
    '})',
    '',
  ].join('\n')
}

/** What the header alone makes a decoder without extensions refuse. */
function broken({ header, direction }: FrameUnit) {
  return checkFrame(header!, { direction }).find(({ severity }) => severity === 'broken')
}

function isRefused(frame: FrameUnit): boolean {
  return broken(frame) !== undefined
}

function refusal(frame: FrameUnit, say: (words: Words) => string): string[] {
  const { text, rfc } = broken(frame)!
  return [`  // ${say(text)} (${rfc})`, `  expect(() => decoder.push(fromHex('${toHex(frame.bytes)}'))).toThrow()`]
}

/** The bytes of the frames as hex, cut where a chunk ended. */
function chunksOf(frames: FrameUnit[]): string[] {
  const chunks: string[] = []
  let last: number | undefined
  for (const { bytes, pieces } of frames) {
    for (const [i, { sequence, start }] of pieces.entries()) {
      const hex = toHex(bytes.subarray(start, pieces[i + 1]?.start))
      if (sequence === last) chunks[chunks.length - 1] += hex
      else chunks.push(hex)
      last = sequence
    }
  }
  return chunks
}

function quote(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&').replace(/[\r\n\u2028\u2029]/g, ' ')}'`
}
