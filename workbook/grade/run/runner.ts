import { join } from 'node:path'
import type { CheckInfo, GradeEvent, Printed } from '../checks/events.ts'
import { root } from '../labs/tree.ts'
import { readable } from './readable.ts'
import type { RunnerChildOptions } from './runner-child.ts'
import type { RunnerMessage } from './runner-messages.ts'
import { readersLimits, type Silence, type SilenceLimits } from './silence-watch.ts'
import { Standby } from './standby.ts'
import { type Trouble, troubleOfEnd, troubleOfSilence, troubleOfStart } from './trouble.ts'

/** Default: the `labs` of the workbook, its graders, and what it calls them. */
interface RunnerOptions extends Partial<RunnerChildOptions> {
  limits?: SilenceLimits
}

interface Run {
  stem: string
  checks: CheckInfo[]
  passed: number
  failed: number
  /** id of the check that was announced last */
  current?: string
  /** what the lab has printed outside of every check, and in the one that runs */
  outside?: Printed
  inCheck?: Printed
  began: number
  /** it was silent on a busy machine once, and has been begun again */
  isSecondTry: boolean
  cancelled: boolean
  done: () => void
}

/** The whole child says nothing for so long, in milliseconds: its main thread has died, or the machine has stopped. */
const maxChildSilenceMs = 120_000
/** What a check may still take when its run is broken off, in milliseconds; then a fresh child is quicker. */
const maxBreakOffMs = 300

/**
 * Grades labs in a child process, which stands by, loaded, between two runs. A lab that loops without end silences
 * the child's worker: then the child is killed with all it has started, the run ends with a `problem`, and a fresh
 * child stands by.
 */
export class Runner {
  readonly #shown: string
  readonly #limits: SilenceLimits
  readonly #listeners = new Set<(event: GradeEvent) => void>()
  readonly #standby: Standby
  #run: Run | undefined
  #watchdog: NodeJS.Timeout | undefined
  #closed = false
  /** settles when every run asked for so far has ended */
  #allEnded: Promise<void> = Promise.resolve()
  /** number of the run asked for last: only that one counts */
  #latest = 0

  constructor({
    labsFolder = join(root, 'labs'),
    graders = join(root, 'test', 'labs'),
    shown = 'labs',
    limits = readersLimits,
  }: RunnerOptions = {}) {
    this.#shown = shown
    this.#limits = limits
    this.#standby = new Standby(
      { labsFolder, graders, shown },
      { message: (message) => this.#hear(message), exit: (why) => this.#childEnded(why) },
    )
  }

  /**
   * Grades one lab. A run that is under way or waits is broken off, without an `end`. Settles when this run has ended.
   */
  grade(stem: string): Promise<void> {
    this.#breakOff()
    this.#latest += 1
    const mine = this.#latest
    const isLatest = () => mine === this.#latest && !this.#closed
    this.#allEnded = this.#allEnded.then(() => (isLatest() ? this.#gradeNow(stem, isLatest) : undefined))
    return this.#allEnded
  }

  /** @returns a function that removes the listener */
  on(listener: (event: GradeEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Ends the child, and all that a lab has started in it. */
  async close(): Promise<void> {
    this.#closed = true
    const gone = this.#standby.close()
    this.#finish()
    await gone
  }

  #breakOff(): void {
    if (!this.#run || this.#run.cancelled) return
    this.#run.cancelled = true
    void this.#standby.ready().then((child) => child?.send({ cancel: true }))
    this.#expectLife(maxBreakOffMs)
  }

  async #gradeNow(stem: string, isLatest: () => boolean): Promise<void> {
    const child = await this.#standby.ready()
    if (!isLatest()) return
    await new Promise<void>((done) => {
      const began = performance.now()
      const isSecondTry = false
      this.#run = { stem, checks: [], passed: 0, failed: 0, began, isSecondTry, cancelled: false, done }
      if (child) void this.#begin()
      else this.#end(troubleOfStart(this.#standby.why))
    })
  }

  /** Has the child that stands by grade the lab of the run. */
  async #begin(): Promise<void> {
    const run = this.#run!
    const child = await this.#standby.ready()
    if (run !== this.#run) return
    if (!child) return this.#end(troubleOfStart(this.#standby.why))
    this.#standby.worked()
    Object.assign(run, { checks: [], passed: 0, failed: 0, current: undefined, outside: undefined, inCheck: undefined })
    this.#expectLife(maxChildSilenceMs)
    child.send({ grade: run.stem, limits: this.#limits })
  }

  #hear(message: RunnerMessage): void {
    const run = this.#run
    if (!run || 'ready' in message) return
    if (!run.cancelled) this.#expectLife(maxChildSilenceMs)
    if ('begins' in message) Object.assign(run, { current: message.begins, inCheck: undefined })
    if ('printed' in message) run[message.inCheck ? 'inCheck' : 'outside'] = message.printed
    if ('silence' in message) this.#isSilent(message.silence)
    if ('event' in message) this.#tell(run, message.event)
  }

  #tell(run: Run, event: GradeEvent): void {
    if (event.type === 'start') run.checks = event.checks
    if (event.type === 'check') {
      run[event.state] += 1
      run.inCheck = undefined
    }
    const printed = run.inCheck ?? run.outside
    const told = readable(event.type === 'end' && printed ? { ...event, printed } : event)
    if (!run.cancelled) for (const listener of this.#listeners) listener(told)
    if (event.type === 'end') this.#finish()
  }

  #finish(): void {
    clearTimeout(this.#watchdog)
    const ended = this.#run
    this.#run = undefined
    ended?.done()
  }

  #expectLife(withinMs: number): void {
    clearTimeout(this.#watchdog)
    this.#watchdog = setTimeout(() => this.#isSilent({ means: 'unknown', isBusy: true }), withinMs)
  }

  /** On a busy machine a run that says nothing is begun once more before anybody is told. */
  #isSilent(silence: Silence): void {
    const run = this.#run!
    this.#standby.replace()
    if (silence.isBusy && !run.isSecondTry && !run.cancelled) {
      clearTimeout(this.#watchdog)
      run.isSecondTry = true
      void this.#begin()
      return
    }
    const check = run.checks.find(({ id }) => id === run.current)
    this.#end(troubleOfSilence(silence, `${this.#shown}/${run.stem}`, check))
  }

  #childEnded(why: string): void {
    if (this.#run) this.#end(troubleOfEnd(why))
  }

  /** Ends the run with a problem. */
  #end({ action, received, summary, details, rule }: Trouble): void {
    const run = this.#run!
    const { stem: lab, passed, failed, began } = run
    const problem = { action, received, difference: { shape: 'state' as const, summary, details }, rule }
    const milliseconds = Math.round(performance.now() - began)
    this.#tell(run, { type: 'end', lab, passed, failed, milliseconds, problem })
  }
}
