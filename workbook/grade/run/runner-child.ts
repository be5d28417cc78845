import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { say } from '../../sentences/say.ts'
import { sentence } from '../../wire/model/sentence.ts'
import { root } from '../labs/tree.ts'
import { killTree } from './kill-tree.ts'
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
  /** @param why what it said last, or how it ended */
  exit(why: string): void
}

// The runner loads the configuration without bundling it first: a second less, and nothing written to node_modules.
const vitestWords = [
  ...['watch', '--standalone', '--configLoader', 'runner'],
  ...['--config', join(root, 'workbook/grade/run/runner.config.ts')],
]

/** How much of a complaint is kept, in characters: its end. */
const maxComplaint = 4000

/** The process in which vitest grades; between two runs it stands by, loaded. */
export class RunnerChild {
  /** settles when it takes commands, or has ended */
  readonly ready: Promise<void>
  readonly #process: ChildProcess
  #complaint = ''

  constructor({ labsFolder, graders, shown }: RunnerChildOptions, listeners: Listeners) {
    this.#process = fork(join(root, 'node_modules', 'vitest', 'vitest.mjs'), vitestWords, {
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
    })
    this.#process.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.#complaint = (this.#complaint + text).slice(-maxComplaint)
    })
    this.ready = this.#untilReady()
    this.#process.on('message', (message: RunnerMessage) => listeners.message(message))
    this.#process.once('exit', (code, signal) => listeners.exit(this.#complaint.trim() || howItEnded(code, signal)))
  }

  send(command: RunnerCommand): void {
    if (this.#process.connected) this.#process.send(command)
  }

  /** Kills it, and all that a lab has started in it. @returns when it has ended */
  async kill(): Promise<void> {
    const { exitCode, signalCode } = this.#process
    const gone = exitCode === null && signalCode === null ? once(this.#process, 'exit') : undefined
    killTree(this.#process)
    await gone
  }

  #untilReady(): Promise<void> {
    return new Promise((resolve) => {
      this.#process.on('message', (message: RunnerMessage) => 'ready' in message && resolve())
      this.#process.once('exit', () => resolve())
    })
  }
}

function howItEnded(code: number | null, signal: NodeJS.Signals | null): string {
  return say(
    signal ? sentence('run.ended-by-signal', { signal }) : sentence('run.ended-with-code', { code: code ?? 0 }),
  )
}
