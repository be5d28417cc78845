import { StringDecoder } from 'node:string_decoder'
import type { Printed } from './events.ts'
import { KeptText } from './kept-text.ts'

/** Of a buffer that is written in one piece, so many bytes are decoded at either end. */
const maxDecodedBytes = 16 * 1024

/** What is printed outside of every check: while the lab is loaded, or by what a check has left behind. */
let outside = new KeptText()
let inCheck: KeptText | undefined
let changed: (() => void) | undefined

/**
 * From now on keeps what the lab writes to standard output and standard error, console included, instead of writing it.
 *
 * @param onChange is called after each write
 */
export function captureOutput(onChange: () => void): void {
  changed = onChange
  outside = new KeptText()
  for (const stream of [process.stdout, process.stderr]) {
    const decoder = new StringDecoder('utf8')
    stream.write = (chunk: Uint8Array | string, encoding?: unknown, callback?: unknown) => {
      keep(chunk, encoding, decoder)
      const done = typeof encoding === 'function' ? encoding : callback
      if (typeof done === 'function') callLater(done as () => void)
      return true
    }
  }
}

/** Whether what is printed is kept for the reader's report; if not, it goes where it always goes. */
export function isCaptured(): boolean {
  return changed !== undefined
}

/** From now on what is printed belongs to a check. */
export function beginCheckOutput(): void {
  inCheck = new KeptText()
}

/** What was printed since the check began, which is over now. */
export function takeCheckOutput(): Printed | undefined {
  const printed = inCheck?.printed
  inCheck = undefined
  return printed
}

/** What was printed so far in the check that runs, or outside of every check. */
export function outputSoFar(): { inCheck: boolean; printed: Printed | undefined } {
  return { inCheck: inCheck !== undefined, printed: (inCheck ?? outside).printed }
}

/** Callbacks of writes, and how often each is to be called: in a loop that prints they are one and the same. */
const calls: { done: () => void; times: number }[] = []

function callLater(done: () => void): void {
  const last = calls.at(-1)
  if (last?.done === done) {
    last.times += 1
    return
  }
  calls.push({ done, times: 1 })
  if (calls.length > 1) return
  process.nextTick(() => {
    for (const call of calls.splice(0)) {
      for (; call.times > 0; call.times--) call.done()
    }
  })
}

function keep(chunk: Uint8Array | string, encoding: unknown, decoder: StringDecoder): void {
  const text = inCheck ?? outside
  if (typeof chunk === 'string') {
    const isEncoded = encoding === 'hex' || encoding === 'base64' || encoding === 'base64url'
    text.add(isEncoded ? decoder.write(Buffer.from(chunk, encoding)) : chunk)
  } else if (chunk.length <= 2 * maxDecodedBytes) {
    text.add(decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)))
  } else {
    text.add(Buffer.from(chunk.subarray(0, maxDecodedBytes)).toString())
    text.skip(chunk.length - 2 * maxDecodedBytes)
    text.add(Buffer.from(chunk.subarray(-maxDecodedBytes)).toString())
  }
  changed?.()
}
