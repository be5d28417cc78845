import { join } from 'node:path'
import { say } from '../../sentences/say.ts'
import { sentence } from '../../wire/model/sentence.ts'
import type { CheckInfo, GradeEvent } from '../checks/events.ts'
import { root } from '../labs/tree.ts'
import { RunnerChild, type RunnerChildOptions } from './runner-child.ts'
import type { RunnerMessage } from './runner-messages.ts'

/** Default: the `labs` of the workbook, its graders, and what it calls them. */
interface RunnerOptions extends Partial<RunnerChildOptions> {
  /** silence of the lab's event loop, in milliseconds, after which it hangs. Default 3000 */
  silence?: number
  /** what the lab prints while it is graded */
  onOutput?: (text: string) => void
}

interface Run {
  stem: string
  checks: CheckInfo[]
  passed: number
  failed: number
  /** id of the check that was announced last */
  current?: string
  began: number
  cancelled: boolean
  done: () => void
}

/** Why a run could not go on, in the parts of a failure. */
interface Trouble {
  action: string
  received: string
  summary: string
  rule?: string
}

/** Loading vitest on a busy machine, in milliseconds; from the first sign of life on, `silence` counts. */
const maxStartMs = 20_000
/** What a check may still take when its run is broken off, in milliseconds; then a fresh child is quicker. */
const maxBreakOffMs = 300

/**
 * Grades labs in a child process, which stands by, loaded, between two runs. A lab that loops without end silences
 * the child's worker: then the child is killed with all it has started, the run ends with a `problem`, and a fresh
 * child stands by.
 */
export class Runner {
  readonly #options: RunnerChildOptions
  readonly #silenceMs: number
  readonly #onOutput: (text: string) => void
  readonly #listeners = new Set<(event: GradeEvent) => void>()
  #child: RunnerChild
  #run: Run | undefined
  #watchdog: NodeJS.Timeout | undefined
  #closed = false
  /** settles when every run asked for so far has ended */
  #allEnded: Promise<void> = Promise.resolve()
  /** number of the run asked for last: only that one counts */
  #latest = 0

  constructor(options: RunnerOptions = {}) {
    const { labsFolder = join(root, 'labs'), graders = join(root, 'test', 'labs'), shown = 'labs' } = options
    this.#options = { labsFolder, graders, shown }
    this.#silenceMs = options.silence ?? 3000
    this.#onOutput = options.onOutput ?? (() => {})
    this.#child = this.#startChild()
  }

  /**
   * Grades one lab. A run that is under way or waits is broken off, without an `end`. Settles when this run has ended.
   */
  grade(stem: string): Promise<void> {
    this.#breakOff()
    this.#latest += 1
    const mine = this.#latest
    this.#allEnded = this.#allEnded.then(() => (mine === this.#latest ? this.#gradeNow(stem) : undefined))
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
    const gone = this.#child.kill()
    this.#finish()
    await gone
  }

  #breakOff(): void {
    if (!this.#run || this.#run.cancelled) return
    this.#run.cancelled = true
    this.#child.send({ cancel: true })
    this.#expectLife(maxBreakOffMs)
  }

  async #gradeNow(stem: string): Promise<void> {
    if (this.#closed) return
    await this.#child.ready
    await new Promise<void>((done) => {
      this.#run = { stem, checks: [], passed: 0, failed: 0, began: performance.now(), cancelled: false, done }
      this.#expectLife(maxStartMs)
      this.#child.send({ grade: stem })
    })
  }

  /** Starts a child; what it says counts while it is the one that grades. */
  #startChild(): RunnerChild {
    const child: RunnerChild = new RunnerChild(this.#options, {
      message: (message) => {
        if (child === this.#child) this.#hear(message)
      },
      exit: (why) => {
        if (child === this.#child && !this.#closed) this.#childEnded(why)
      },
    })
    return child
  }

  #hear(message: RunnerMessage): void {
    const run = this.#run
    if (!run || 'ready' in message) return
    if (!run.cancelled) this.#expectLife(this.#silenceMs)
    if ('begins' in message) run.current = message.begins
    if ('output' in message) this.#onOutput(message.output)
    if ('event' in message) this.#tell(run, message.event)
  }

  #tell(run: Run, event: GradeEvent): void {
    if (event.type === 'start') run.checks = event.checks
    if (event.type === 'check') run[event.state] += 1
    if (!run.cancelled) for (const listener of this.#listeners) listener(event)
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
    this.#watchdog = setTimeout(() => this.#hangs(), withinMs)
  }

  #hangs(): void {
    const { stem, checks, current } = this.#run!
    const lab = `${this.#options.shown}/${stem}`
    const check = checks.find(({ id }) => id === current)
    this.#giveUp({
      action: check ? check.title : say(sentence('run.loaded', { lab })),
      received: say(sentence('run.stands-still')),
      summary: say(
        check
          ? sentence('run.hangs-in-check', { lab, check: check.title })
          : sentence('run.hangs-while-loading', { lab }),
      ),
      rule: check?.rule,
    })
  }

  #childEnded(why: string): void {
    this.#giveUp({ action: say(sentence('run.ended')), received: why.split('\n')[0]!, summary: why })
  }

  /** Ends the run with a problem, and puts a fresh child in the place of the one that hangs or has died. */
  #giveUp({ action, received, summary, rule }: Trouble): void {
    clearTimeout(this.#watchdog)
    void this.#child.kill()
    if (!this.#closed) this.#child = this.#startChild()
    const run = this.#run
    if (!run) return
    const { stem: lab, passed, failed, began } = run
    const problem = { action, received, difference: { shape: 'state' as const, summary }, rule }
    const milliseconds = Math.round(performance.now() - began)
    this.#tell(run, { type: 'end', lab, passed, failed, milliseconds, problem })
  }
}
