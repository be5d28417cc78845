import { readFileSync } from 'node:fs'
import * as v from 'valibot'
import { type Sentence, sentence } from '../../wire/model/sentence.ts'
import type { GradeEvent } from '../checks/events.ts'
import { codeOf } from '../labs/disk.ts'
import { writeWhole } from '../labs/whole-file.ts'
import { setAside, whyWithout } from './set-aside.ts'

const count = v.pipe(v.number(), v.integer())

const checkProgress = v.object({
  /** first time that it passed, ISO 8601 */
  passedAt: v.optional(v.string()),
  /** distinct versions of the lab that failed this check while it was the first to fail */
  tries: count,
  /** hints taken, 0 to 3 */
  hints: count,
  /** the last version that counted as a try, so that the same one does not count twice */
  lastTry: v.optional(v.string()),
})

/** What is remembered of one check. Deleting it costs nothing: the next grading finds again what passes. */
export type CheckProgress = v.InferOutput<typeof checkProgress>

/** What is remembered of all checks, by stem, then by id of the check. */
export type Progress = Record<string, Record<string, CheckProgress>>

const progressFile = v.pipe(v.string(), v.parseJson(), record(record(checkProgress)))

/** What a file of progress held. */
interface Remembered {
  progress: Progress
  /** why there is none of it, when the file could not be read */
  notice?: Sentence
}

/** What the file holds; nothing when there is none. A file that holds no progress is set aside, and grading goes on. */
export function readProgress(file: string): Remembered {
  try {
    return readOrSetAside(file)
  } catch (error) {
    return { progress: {}, notice: whyWithout(file, error) }
  }
}

/**
 * Adds to what the file holds, so that two programs may write it. Keys are sorted, so two machines merge in git.
 *
 * @returns why what it held was set aside, if it was
 * @throws {Error} when it can be neither read nor set aside, or not be written; it is as it was then
 */
export function writeProgress(file: string, progress: Progress): Sentence | undefined {
  const before = readOrSetAside(file)
  writeWhole(file, `${JSON.stringify(merge(before.progress, progress), sortKeys, 2)}\n`)
  return before.notice
}

function readOrSetAside(file: string): Remembered {
  try {
    return { progress: v.parse(progressFile, readFileSync(file, 'utf8')) }
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error))) return { progress: {} }
    return { progress: {}, notice: sentence('session.progress-unreadable', { aside: setAside(file) }) }
  }
}

/** Writes down what a run found; for a grading without a session. @param time ISO 8601 @returns as `writeProgress` */
export function recordProgress(
  file: string,
  events: Iterable<GradeEvent>,
  time = new Date().toISOString(),
): Sentence | undefined {
  const progress: Progress = {}
  for (const event of events) {
    if (event.type === 'start') {
      progress[event.lab] = Object.fromEntries(event.checks.map(({ id }) => [id, { tries: 0, hints: 0 }]))
    } else if (event.type === 'check' && event.state === 'passed') {
      progress[event.lab] = { ...progress[event.lab], [event.id]: { passedAt: time, tries: 0, hints: 0 } }
    }
  }
  return writeProgress(file, progress)
}

/** Whether every check of the lab has passed, each at some time. */
export function isDone(progress: Progress, stem: string): boolean {
  const checks = Object.values(progress[stem] ?? {})
  return checks.length > 0 && checks.every(({ passedAt }) => passedAt !== undefined)
}

/** Adds up what two machines remember: the earlier pass, the larger counts. */
export function merge(a: Progress, b: Progress): Progress {
  const merged: Progress = { ...a }
  for (const [stem, checks] of Object.entries(b)) {
    const lab = { ...merged[stem] }
    for (const [id, check] of Object.entries(checks)) lab[id] = mergeCheck(lab[id] ?? { tries: 0, hints: 0 }, check)
    merged[stem] = lab
  }
  return merged
}

function mergeCheck(a: CheckProgress, b: CheckProgress): CheckProgress {
  const passes = [a.passedAt, b.passedAt].filter((time) => time !== undefined).sort()
  return {
    ...(passes[0] === undefined ? {} : { passedAt: passes[0] }),
    tries: Math.max(a.tries, b.tries),
    hints: Math.max(a.hints, b.hints),
    ...((b.lastTry ?? a.lastTry) === undefined ? {} : { lastTry: b.lastTry ?? a.lastTry }),
  }
}

/** A JSON object whose values all fit; to valibot alone, a list is one too. */
function record<Schema extends v.GenericSchema>(values: Schema) {
  return v.pipe(v.unknown(), v.check(isRecord), v.record(v.string(), values))
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function sortKeys(_: string, value: unknown): unknown {
  return isRecord(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value
}
