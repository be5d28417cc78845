import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

/** How long any one thing may take on a machine that is busy with other tests, in milliseconds. */
export const maxWaitMs = 60_000

/** `npm start`, and what it has printed that no wait has taken yet. */
export class Started {
  readonly child: ChildProcess
  readonly exit: Promise<number | null>
  #text = ''
  #news = () => {}

  /** @param folder of the project */
  constructor(folder: string, args: string[]) {
    // What vitest sets would have the site built for tests.
    const { NODE_ENV: _, VITEST: __, ...env } = process.env
    const command = ['--import', 'tsx', 'workbook/site/start.ts', ...args]
    this.child = spawn(process.execPath, command, { cwd: folder, env, stdio: ['pipe', 'pipe', 'inherit'] })
    this.child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      this.#text += text
      this.#news()
    })
    this.exit = once(this.child, 'close').then(([code]) => code as number | null)
  }

  /** Waits for the text, and forgets what came before it. */
  async line(pattern: RegExp): Promise<RegExpExecArray> {
    const deadline = AbortSignal.timeout(maxWaitMs)
    for (;;) {
      const found = pattern.exec(this.#text)
      if (found) {
        this.#text = this.#text.slice(found.index + found[0].length)
        return found
      }
      if (deadline.aborted) throw new Error(`${pattern}: expected within ${maxWaitMs} ms, received:\n${this.#text}`)
      await new Promise<void>((resolve) => {
        this.#news = resolve
        deadline.addEventListener('abort', () => resolve(), { once: true })
      })
    }
  }

  type(line: string): void {
    this.child.stdin!.write(`${line}\n`)
  }
}
