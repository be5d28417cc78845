import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { CheckInfo, GradeEvent } from '../checks/events.ts'
import { root } from '../labs/tree.ts'
import { killTree } from './kill-tree.ts'
import type { RunnerCommand, RunnerMessage } from './runner-messages.ts'

export interface RunnerOptions {
  /** absolute path of the graded tree. Default: `labs` of the workbook */
  labsFolder?: string
  /** absolute path of the graders. Default: `test/labs` of the workbook */
  graders?: string
  /** what messages call the tree. Default `labs` */
  shown?: string
  /** silence of the lab's event loop, in milliseconds, after which it hangs. Default 3000 */
  silence?: number
  /** what the lab prints while it is graded */
  onOutput?: (text: string) => void
}

export interface Runner {
  /**
   * Grades one lab. A run that is under way or waits is broken off, without an `end`. Settles when this run has ended.
   */
  grade(stem: string): Promise<void>
  /** @returns a function that removes the listener */
  on(listener: (event: GradeEvent) => void): () => void
  /** Ends the child, and all that a lab has started in it. */
  close(): Promise<void>
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

/** Loading vitest on a busy machine; from the first sign of life on, `silence` counts. In milliseconds. */
const maxStartMs = 20_000
/** What a check may still take when its run is broken off; then a fresh child is quicker. In milliseconds. */
const maxBreakOffMs = 300

/**
 * Grades labs in a child process, which stands by, loaded, between two runs. A lab that loops without end silences
 * the child's worker: then the child is killed with all it has started, the run ends with a `problem`, and a fresh
 * child stands by.
 */
export function createRunner(options: RunnerOptions = {}): Runner {
  const { labsFolder = join(root, 'labs'), shown = 'labs', silence = 3000, onOutput } = options
  const { graders = join(root, 'test', 'labs') } = options
  const listeners = new Set<(event: GradeEvent) => void>()
  let run: Run | undefined
  let watchdog: NodeJS.Timeout | undefined
  let closed = false
  let { child, ready } = start()

  function start(): { child: ChildProcess; ready: Promise<void> } {
    const fresh = fork(
      join(root, 'node_modules', 'vitest', 'vitest.mjs'),
      // The runner loads the configuration without bundling it first: a second less, and nothing written to node_modules.
      [
        'watch',
        '--standalone',
        '--configLoader',
        'runner',
        '--config',
        join(root, 'workbook/grade/run/runner.config.ts'),
      ],
      {
        cwd: root,
        // Of its own group, so that killing it takes what a lab has started along.
        detached: process.platform !== 'win32',
        env: {
          ...process.env,
          NODE_OPTIONS: '',
          WIREBOOK_TREE: labsFolder,
          WIREBOOK_SHOWN: shown,
          WIREBOOK_GRADERS: graders,
        },
        execArgv: [],
        stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      },
    )
    let complaint = ''
    fresh.stderr!.setEncoding('utf8').on('data', (text: string) => {
      complaint = (complaint + text).slice(-4000)
    })
    const ready = new Promise<void>((resolve) => {
      fresh.on('message', (news: RunnerMessage) => {
        if ('ready' in news) resolve()
        else if (fresh === child) hear(news)
      })
      fresh.once('exit', () => resolve())
    })
    fresh.once('exit', (code, signal) => {
      if (fresh !== child || closed) return
      const why = complaint.trim() || `the grading process ended (${signal ?? `code ${code}`})`
      giveUp('the grading process has ended', why.split('\n')[0]!, why)
    })
    return { child: fresh, ready }
  }

  function hear(news: Exclude<RunnerMessage, { ready: true }>): void {
    if (!run) return
    if (!run.cancelled) expectLife(silence)
    if ('begins' in news) run.current = news.begins
    if ('output' in news) onOutput?.(news.output)
    if ('event' in news) tell(news.event)
  }

  function tell(event: GradeEvent): void {
    if (!run) return
    if (event.type === 'start') run.checks = event.checks
    if (event.type === 'check') run[event.state] += 1
    if (!run.cancelled) for (const listener of listeners) listener(event)
    if (event.type === 'end') finish()
  }

  function finish(): void {
    clearTimeout(watchdog)
    const ended = run
    run = undefined
    ended?.done()
  }

  function expectLife(within: number): void {
    clearTimeout(watchdog)
    watchdog = setTimeout(hangs, within)
  }

  function hangs(): void {
    const { stem, checks, current } = run!
    const check = checks.find(({ id }) => id === current)
    const during = check ? `in the check "${check.title}"` : 'while it was loaded'
    giveUp(
      check ? check.title : `loaded ${shown}/${stem}`,
      'never came back: its event loop stands still',
      `${shown}/${stem} does not come back ${during}: look for a loop that never ends`,
      check?.rule,
    )
  }

  /** Ends the run with a problem, and puts a fresh child in the place of the one that hangs or has died. */
  function giveUp(action: string, received: string, summary: string, rule?: string): void {
    clearTimeout(watchdog)
    killTree(child)
    if (!closed) ({ child, ready } = start())
    if (!run) return
    const { stem, passed, failed, began } = run
    const problem = { action, received, difference: { shape: 'state' as const, summary }, rule }
    const milliseconds = Math.round(performance.now() - began)
    tell({ type: 'end', lab: stem, passed, failed, milliseconds, problem })
  }

  let queue: Promise<void> = Promise.resolve()
  let latest = 0

  async function gradeNow(stem: string): Promise<void> {
    if (closed) return
    await ready
    await new Promise<void>((done) => {
      run = { stem, checks: [], passed: 0, failed: 0, began: performance.now(), cancelled: false, done }
      expectLife(maxStartMs)
      order(child, { grade: stem })
    })
  }

  return {
    grade(stem) {
      if (run && !run.cancelled) {
        run.cancelled = true
        order(child, { cancel: true })
        expectLife(maxBreakOffMs)
      }
      latest += 1
      const mine = latest
      queue = queue.then(() => (mine === latest ? gradeNow(stem) : undefined))
      return queue
    },
    on(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async close() {
      closed = true
      clearTimeout(watchdog)
      const gone = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined
      killTree(child)
      finish()
      await gone
    },
  }
}

function order(child: ChildProcess, message: RunnerCommand): void {
  if (child.connected) child.send(message)
}
