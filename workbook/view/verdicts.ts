import type { Unit } from '../wire/model/unit.ts'
import { Opcode } from '../wire/websocket/opcode.ts'
import type { Expected } from './experiments.ts'

/**
 * `open` while the other side can still do what it must.
 *
 * @param answers its units since the experiment began
 * @param told what its page was told
 */
export function judgeAnswers(expected: Expected, answers: Unit[], told: string[] = []): 'kept' | 'broken' | 'open' {
  const ended = answers.some(({ kind }) => kind === 'end')
  const done = 'told' in expected ? told.includes(expected.told) || undefined : met(expected, answers, ended)
  if (done !== undefined) return done ? 'kept' : 'broken'
  return ended ? 'broken' : 'open'
}

function met(expected: Exclude<Expected, { told: string }>, answers: Unit[], ended: boolean): boolean | undefined {
  if ('end' in expected) return ended ? true : undefined
  if ('any' in expected) return answers.length > 0 ? true : undefined
  const frames = answers.filter((unit) => unit.kind === 'frame')
  const close = frames.find(({ header }) => header?.opcode === Opcode.close)
  if ('close' in expected) {
    if (close) return expected.close.includes(close.message?.close?.code ?? 1005)
    // Whoever goes on as if nothing had happened has not failed the connection.
    return frames.some(({ header }) => header && header.opcode < Opcode.close) ? false : undefined
  }
  const count = frames.filter(({ header }) => header?.opcode === expected.opcode).length
  if (count >= expected.frames) return count === expected.frames
  return close ? false : undefined
}
