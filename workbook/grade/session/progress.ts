import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { GradeEvent } from '../checks/events.ts'

/** What is remembered of one check. Deleting it costs nothing: the next grading finds again what passes. */
export interface CheckProgress {
  /** first time that it passed, ISO 8601 */
  passedAt?: string
  /** distinct versions of the lab that failed this check while it was the first to fail */
  tries: number
  /** hints taken, 0 to 3 */
  hints: number
  /** the last version that counted as a try, so that the same one does not count twice */
  lastTry?: string
}

/** By stem, then by id of the check. */
export type Progress = Record<string, Record<string, CheckProgress>>

/** @returns `problem` when the file held no progress; it is then set aside under another name, and grading goes on */
export function readProgress(file: string): { progress: Progress; problem?: string } {
  if (!existsSync(file)) return { progress: {} }
  try {
    return { progress: parse(readFileSync(file, 'utf8')) }
  } catch {
    const aside = `${file}.unreadable`
    renameSync(file, aside)
    return { progress: {}, problem: `progress.json could not be read. It is now ${aside}; grading fills in a new one.` }
  }
}

/** Adds to what the file holds, so that two programs may write it. Keys are sorted, so two machines merge in git. */
export function writeProgress(file: string, progress: Progress): void {
  const merged = merge(readProgress(file).progress, progress)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(`${file}.new`, `${JSON.stringify(merged, sortKeys, 2)}\n`)
  renameSync(`${file}.new`, file) // in one step, so that nobody reads half of it
}

/** Writes down what a run found; for a grading without the watch screen. @param time ISO 8601 */
export function recordProgress(file: string, events: Iterable<GradeEvent>, time = new Date().toISOString()): void {
  const progress: Progress = {}
  for (const event of events) {
    if (event.type === 'start') {
      progress[event.lab] = Object.fromEntries(event.checks.map(({ id }) => [id, { tries: 0, hints: 0 }]))
    } else if (event.type === 'check' && event.state === 'passed') {
      progress[event.lab] = { ...progress[event.lab], [event.id]: { passedAt: time, tries: 0, hints: 0 } }
    }
  }
  writeProgress(file, progress)
}

/** Whether every check of the lab has passed, each at some time. */
export function isDone(progress: Progress, stem: string): boolean {
  const checks = Object.values(progress[stem] ?? {})
  return checks.length > 0 && checks.every(({ passedAt }) => passedAt !== undefined)
}

/** The earlier pass, the larger counts. */
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

/** @throws {Error} when the text is anything but progress */
function parse(text: string): Progress {
  const parsed: unknown = JSON.parse(text)
  if (!isRecord(parsed)) throw new Error('progress: expected an object')
  for (const checks of Object.values(parsed)) {
    if (!isRecord(checks)) throw new Error('progress of a lab: expected an object')
    for (const check of Object.values(checks)) {
      if (!isRecord(check) || !Number.isInteger(check.tries) || !Number.isInteger(check.hints)) {
        throw new Error('progress of a check: expected tries and hints')
      }
    }
  }
  return parsed as Progress
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function sortKeys(_: string, value: unknown): unknown {
  return isRecord(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value
}
