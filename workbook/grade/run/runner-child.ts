import { type ChildProcess, fork } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { say } from '../../sentences/say.ts'
import { sentence } from '../../wire/model/sentence.ts'
import { cleanEnvironment } from '../checks/clean-environment.ts'
import { root } from '../labs/tree.ts'
import { killTree } from './kill-tree.ts'
import { runVariable } from './processes.ts'
import type { RunnerCommand, RunnerMessage } from './runner-messages.ts'

/** What the child is told when it starts: it cannot be told later. */
export interface RunnerChildOptions {
  /** absolute path of the graded tree */
  labsFolder: string
  /** absolute path of the graders */
  graders: string
  /** what messages call the tree: `labs` */
  shown: string
}

/** Who hears what the child says. */
interface Listeners {
  message(message: RunnerMessage): void
  /**
   * @param why what it said last, or how it ended
   * @param wasReady it had taken commands
   */
  exit(why: string, wasReady: boolean): void
}

// The runner loads the configuration without bundling it first: a second less, and nothing written to node_modules.
const vitestWords = [
  ...['watch', '--standalone', '--configLoader', 'runner'],
  ...['--config', join(root, 'workbook/grade/run/runner.config.ts')],
]

/** How much of a complaint is kept, in characters: its end. */
const maxComplaint = 4000
/** How long its last words may take to arrive when it has ended, in milliseconds. */
const maxLastWordsMs = 200

/** The process in which vitest grades; between two runs it stands by, loaded. */
export class RunnerChild {
  /** settles with true when it takes commands, with false when it has ended before */
  readonly isReady: Promise<boolean>
  readonly #process: ChildProcess
  readonly #mark = randomUUID()
  #gone: Promise<void> | undefined
  #complaint = ''

  constructor({ labsFolder, graders, shown }: RunnerChildOptions, listeners: Listeners) {
    this.#process = fork(join(root, 'node_modules', 'vitest', 'vitest.mjs'), vitestWords, {
      cwd: root,
      // Of its own group, so that killing it takes what a lab has started along.
      detached: process.platform !== 'win32',
      env: {
        ...cleanEnvironment(),
        [runVariable]: this.#mark,
        WIREBOOK_TREE: labsFolder,
        WIREBOOK_SHOWN: shown,
        WIREBOOK_GRADERS: graders,
      },
      execArgv: [],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    this.#process.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.#complaint = (this.#complaint + text).slice(-maxComplaint)
    })
    let wasReady = false
    this.isReady = new Promise((resolve) => {
      this.#process.on('message', (message: RunnerMessage) => {
        if (!('ready' in message)) return listeners.message(message)
        wasReady = true
        resolve(true)
      })
      this.#gone = this.#untilGone().then((how) => {
        listeners.exit(this.#complaint.trim() || how, wasReady)
        resolve(false)
      })
    })
  }

  send(command: RunnerCommand): void {
    if (this.#process.connected) this.#process.send(command)
  }

  /** Kills it, and all that a lab has started in it. @returns when it has ended */
  async kill(): Promise<void> {
    killTree(this.#process, this.#mark)
    await this.#gone
  }

  /** @returns how it ended */
  async #untilGone(): Promise<string> {
    try {
      const [code, signal] = await once(this.#process, 'exit')
      // A lab may have ended this process alone: what it has started would go on.
      killTree(this.#process, this.#mark)
      await Promise.race([once(this.#process, 'close'), sleep(maxLastWordsMs)])
      return howItEnded(code, signal)
    } catch (error) {
      return (error as Error).message
    }
  }
}

function howItEnded(code: number | null, signal: NodeJS.Signals | null): string {
  return say(
    signal ? sentence('run.ended-by-signal', { signal }) : sentence('run.ended-with-code', { code: code ?? 0 }),
  )
}
