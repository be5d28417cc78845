import { test } from 'vitest'
import { untilCrash } from './crash.ts'
import type { CheckInfo, Printed } from './events.ts'
import { CheckFailure, toFailure } from './failure.ts'
import { isCaptured, takeCheckOutput } from './lab-output.ts'
import { closeAll, elapsed, takeNotes, waitingFor } from './lifetime.ts'
import { turn } from './peers/tcp-peer.ts'

export { grading } from '../labs/tree.ts'
export { chunkings } from './chunkings.ts'
export { computingTime } from './computing-time.ts'
export { expect } from './expect.ts'
export { fail } from './failure.ts'
export { bindUdp, listen } from './free-port.ts'
export { cleanup, deadline, note } from './lifetime.ts'
export { misbehave } from './misbehave.ts'
export { tcp, tlsPeer } from './peers/tcp.ts'
export type { TcpPeer } from './peers/tcp-peer.ts'
export { type UdpPeer, udp } from './peers/udp.ts'
export { wsPeer } from './peers/ws.ts'
export { runFile } from './program.ts'
export { stillKept } from './still-kept.ts'

declare module 'vitest' {
  interface TaskMeta {
    check?: CheckInfo
    /** what this machine could not show */
    notes?: string[]
    /** what the lab printed, where that is kept */
    printed?: Printed
  }
}

/** Where a check belongs, and how long it may take. */
interface CheckOptions {
  /** the TODOs that the check depends on; none for a check of given code */
  todo?: number | number[]
  /** heading of the chapter, without `#` */
  anchor: string
  /** `RFC 6455 §5.2`, or the name of a page of Node's documentation */
  rule: string
  /** deadline of the whole check, in milliseconds. Default 10,000 */
  timeout?: number
}

/** After so many milliseconds more than its own deadline, a check is ended by vitest. */
const lastResortMs = 120_000

/**
 * One check of a lab: a vitest test that knows its TODOs, its place in the chapter and its rule.
 *
 * @param id unique in the lab, `length-16`
 * @param title what a correct program does
 */
export function check(id: string, title: string, options: CheckOptions, fn: () => unknown): void {
  const { anchor, rule, timeout = 10_000 } = options
  const todo = [options.todo ?? []].flat()
  const info: CheckInfo = { id, title, todo, anchor, rule }
  // Ours ends first, knows what was waited for, and leaves out what a busy machine takes; vitest's is the last resort.
  test(title, { meta: { check: info }, timeout: timeout + lastResortMs }, async ({ task }) => {
    const crash = untilCrash()
    try {
      await Promise.race([fn(), crash.promise, timeUp(timeout, title)])
      await closeAll()
      // What a lab throws when its peers go away still belongs to this check.
      await Promise.race([turn().then(turn), crash.promise])
    } catch (error) {
      throw withFailure(error, info)
    } finally {
      await closeAll()
      crash.stop()
      const notes = takeNotes()
      if (notes.length > 0) task.meta.notes = notes
      if (!isCaptured()) for (const text of notes) console.log(`not shown in "${title}": ${text}`)
      const printed = takeCheckOutput()
      if (printed) task.meta.printed = printed
    }
  })
}

/** The error itself, so that its stack still names the reader's line, with the failure beside it. */
function withFailure(error: unknown, { title, rule }: CheckInfo): unknown {
  const failure = toFailure(error, title, rule)
  if (!(error instanceof Error) || !Object.isExtensible(error)) return new CheckFailure(failure)
  // Vitest would draw a difference of its own, which takes long for long values, and which our readers never see.
  if (isCaptured()) Object.assign(error, { showDiff: false, actual: undefined, expected: undefined })
  return Object.assign(error, { failure })
}

async function timeUp(timeout: number, title: string): Promise<never> {
  await elapsed(timeout)
  const waits = waitingFor().join(', and ')
  const difference = { shape: 'state' as const, summary: `not finished after ${timeout / 1000} s` }
  throw new CheckFailure({
    action: title,
    received: waits ? `we waited for ${waits}` : 'a promise never settled',
    difference,
  })
}
