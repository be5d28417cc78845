import type { Failure, TimelineStep } from './events.ts'
import { CheckFailure } from './failure.ts'

/** Records who sent what and when, for the message of a check that fails. */
export class Timeline {
  readonly steps: TimelineStep[] = []
  readonly #began = performance.now()
  readonly #name: string

  /** @param name of the peer, when a check has several: `Ada` */
  constructor(name = '') {
    this.#name = name
  }

  add(who: TimelineStep['who'], what: string): void {
    const time = Math.round((performance.now() - this.#began) * 10) / 10
    this.steps.push({ time, who, what: this.#name && who === 'we' ? `${this.#name}: ${what}` : what })
  }

  /**
   * Fails with the time line so far.
   *
   * @param summary first line of the message; no measured times, so that it repeats
   * @param where the reader's own line, when it is known
   * @throws {CheckFailure} always
   */
  fail(action: string, summary: string, where?: string): never {
    this.add('you', summary)
    throw new CheckFailure({ ...this.failure(action, summary), where })
  }

  failure(action: string, summary: string): Failure {
    const prefix = this.#name ? `${this.#name}: ` : ''
    const received = this.steps.findLast((step) => step.who === 'you' && step.what !== summary)?.what ?? 'sent nothing'
    return {
      action: prefix + action,
      received,
      difference: { shape: 'timeline', summary: prefix + summary, steps: shorten(this.steps) },
    }
  }
}

/** A page of steps is enough: how it began and how it ended. */
function shorten(steps: TimelineStep[]): TimelineStep[] {
  if (steps.length <= 30) return [...steps]
  const left = steps[10]!
  const skipped: TimelineStep = { time: left.time, who: left.who, what: `… ${steps.length - 29} more …` }
  return [...steps.slice(0, 10), skipped, ...steps.slice(-19)]
}

/** Bytes in one line: text in quotes when all of it can be printed, hex otherwise. */
export function show(bytes: Uint8Array, longest = 60): string {
  const text = Buffer.from(bytes).toString()
  const printable = !/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ufffd]/.test(text)
  const size = bytes.length === 1 ? '1 byte' : `${bytes.length} bytes`
  if (printable)
    return text.length <= longest ? JSON.stringify(text) : `${JSON.stringify(text.slice(0, longest))}… ${size}`
  const head = Buffer.from(bytes.subarray(0, 20))
    .toString('hex')
    .replaceAll(/(..)(?=.)/g, '$1 ')
  return bytes.length <= 20 ? head : `${head} … ${size}`
}

/** How chunks were cut, ` (split 9|1|17)`; empty for a single one. */
export function split(chunks: Uint8Array[]): string {
  if (chunks.length < 2) return ''
  const sizes = chunks.map((chunk) => chunk.length)
  if (sizes.every((size) => size === 1)) return ' (byte by byte)'
  return ` (split ${sizes.slice(0, 8).join('|')}${sizes.length > 8 ? '|…' : ''})`
}
