import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { grading, root } from '../labs/tree.ts'
import { framesOf, ownLine } from '../labs/where.ts'
import { cleanEnvironment } from './clean-environment.ts'
import { cleanup, timedOut, whileStarting, withTimeout } from './lifetime.ts'
import { show, Timeline } from './timeline.ts'

interface Exit {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

interface RunOptions {
  /** text for standard input, which is then ended */
  stdin?: string
  env?: Record<string, string>
  /** deadline of every wait, in milliseconds. Default 8000: a program must start first */
  timeout?: number
}

/** Runs in the program when Node and tsx are loaded, just before the file itself. */
const tellsStarted = `data:text/javascript,process.send('started',()=>process.disconnect())`

/** Ports that programs of this check have printed as `listening on …`. */
const printedPorts = new Set<number>()

/** The ports on which the lab's programs listen, beside the one where a check looked. */
export function otherPorts(port: number): number[] {
  return [...printedPorts].filter((other) => other !== port)
}

/**
 * Runs a file of the graded tree as the reader does, under tsx. It is killed at the end of the check.
 *
 * @param file `07-tcp-chat/server.ts`
 */
export function runFile(file: string, args: (string | number)[] = [], options: RunOptions = {}): RunningFile {
  return new RunningFile(file, args.map(String), options)
}

/** A file of the graded tree that runs. Every wait has a deadline, and throws a {@link CheckFailure} with the time line. */
class RunningFile {
  /** settles when the program has ended and its output is complete */
  readonly exit: Promise<Exit>
  readonly timeline: Timeline
  stdout = ''
  stderr = ''
  readonly #process: ChildProcess
  readonly #timeout: number
  readonly #started: Promise<unknown>
  #read = 0
  #ended: Exit | undefined
  #waiting: (() => void)[] = []

  constructor(file: string, args: string[], { stdin, env, timeout = 8000 }: RunOptions) {
    this.#timeout = timeout
    this.timeline = new Timeline()
    this.timeline.add('we', `run ${[file, ...args].join(' ')}`)
    this.#process = spawn(
      process.execPath,
      ['--import', 'tsx', '--import', tellsStarted, join(grading.tree, file), ...args],
      {
        cwd: root,
        env: { ...cleanEnvironment(), ...env },
        stdio: ['pipe', 'pipe', 'pipe', 'ipc'],
      },
    )
    this.#started = Promise.race([once(this.#process, 'message'), once(this.#process, 'exit')])
    whileStarting(this.#started)
    this.#process.stdout!.setEncoding('utf8').on('data', (text: string) => this.#printed(text))
    this.#process.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.timeline.add('you', `error: ${show(Buffer.from(text))}`)
      this.stderr += text
    })
    this.#process.stdin!.on('error', () => {}) // it has ended without reading all; 'close' says how
    this.exit = new Promise((resolve) => {
      this.#process.on('close', (code, signal) => {
        this.#ended = { code, signal, stdout: this.stdout, stderr: this.stderr }
        this.timeline.add('you', signal ? `ended by ${signal}` : `ended with code ${code}`)
        this.#wake()
        resolve(this.#ended)
      })
    })
    if (stdin !== undefined) this.#process.stdin!.end(stdin)
    cleanup(async () => {
      printedPorts.clear()
      this.#process.kill('SIGKILL')
      await this.exit
    })
  }

  get pid(): number | undefined {
    return this.#process.pid
  }

  /** Waits for a line of standard output that matches; lines up to it are consumed. */
  async line(pattern: RegExp): Promise<RegExpExecArray> {
    const reached = new Promise<RegExpExecArray | undefined>((resolve) => {
      const look = () => {
        const match = this.#nextMatch(pattern)
        if (match || this.#ended) resolve(match)
        else this.#waiting.push(look)
      }
      look()
    })
    await this.#started
    const match = await withTimeout(reached, this.#timeout, `a line like ${pattern}`)
    if (match !== timedOut && match) return match
    const wanted = `a line like ${pattern}`
    const silent = `no line like ${pattern} within ${this.#timeout} ms`
    return this.#fail(wanted, this.#ended ? `${howItEnded(this.#ended)} before ${wanted}` : silent)
  }

  /** The port of the line `listening on HOST:PORT`. */
  async port(): Promise<number> {
    return Number((await this.line(/listening on .*:(\d+)/))[1])
  }

  /** Waits for the end of the program. */
  async ends(): Promise<Exit> {
    await this.#started
    const exit = await withTimeout(this.exit, this.#timeout, 'the program to end')
    if (exit !== timedOut) return exit
    return this.#fail('the program to end', `the program still runs after ${this.#timeout} ms`)
  }

  write(text: string): void {
    this.timeline.add('we', `type ${show(Buffer.from(text))}`)
    this.#process.stdin!.write(text)
  }

  /** Ends standard input, as Ctrl-D does. */
  end(): void {
    this.timeline.add('we', 'end of input')
    this.#process.stdin!.end()
  }

  /** Windows has no signals for others: there the program is killed. */
  signal(signal: NodeJS.Signals): void {
    this.timeline.add('we', signal)
    this.#process.kill(signal)
  }

  #nextMatch(pattern: RegExp): RegExpExecArray | undefined {
    let start = this.#read
    for (let stop = this.stdout.indexOf('\n', start); stop >= 0; stop = this.stdout.indexOf('\n', start)) {
      const match = new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, '')).exec(
        this.stdout.slice(start, stop).replace(/\r$/, ''),
      )
      start = stop + 1
      if (!match) continue
      this.#read = start
      return match
    }
    return undefined
  }

  /** Fails with the reader's own line, when the program has crashed. */
  #fail(wanted: string, summary: string): never {
    const tree = { folder: grading.tree, shown: process.env.WIREBOOK_SHOWN ?? 'labs' }
    return this.timeline.fail(`waited for ${wanted}`, summary, ownLine(framesOf(this.stderr), tree))
  }

  #printed(text: string): void {
    this.timeline.add('you', `prints ${show(Buffer.from(text))}`)
    this.stdout += text
    for (const [, port] of this.stdout.matchAll(/listening on \S*:(\d+)/g)) printedPorts.add(Number(port))
    this.#wake()
  }

  #wake(): void {
    for (const look of this.#waiting.splice(0)) look()
  }
}

/** `the program crashed (RangeError: too far)`, `the program ended with code 0` */
function howItEnded({ code, signal, stderr }: Exit): string {
  const error = /^(?:Uncaught )?(\w*Error(?: \[\w+\])?: .*)$/m.exec(stderr)?.[1]
  if (error) return `the program crashed (${error})`
  return signal ? `the program was ended by ${signal}` : `the program ended with code ${code}`
}
