import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import { cleanEnvironment } from '../../workbook/grade/checks/clean-environment.ts'
import { root } from '../../workbook/grade/labs/tree.ts'
import type { Question, State } from './probe.ts'
import type { ServerFile } from './servers.ts'

/** A server in a process of its own, with a probe in it. */
export class ServerProcess {
  readonly port: number
  readonly #child: ChildProcess
  #printed: string[]

  private constructor(child: ChildProcess, port: number, printed: string[]) {
    this.#child = child
    this.port = port
    this.#printed = printed
  }

  /** Starts it on a free port. @throws {Error} with what it printed, when it ends before it listens */
  static async start({ file, args }: ServerFile): Promise<ServerProcess> {
    const probe = pathToFileURL(join(import.meta.dirname, 'probe.ts')).href
    const child = spawn(process.execPath, ['--import', 'tsx', '--import', probe, file, '0', '127.0.0.1', ...args], {
      cwd: root,
      env: cleanEnvironment(),
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    const printed: string[] = []
    createInterface({ input: child.stderr! }).on('line', (line) => printed.push(line))
    const port = await new Promise<number>((resolve, reject) => {
      createInterface({ input: child.stdout! }).on('line', (line) => {
        const [, digits] = /^listening on .*:(\d+)$/.exec(line) ?? []
        if (digits) resolve(Number(digits))
      })
      child.once('exit', () => reject(new Error(`${file} does not listen: ${printed.join('\n')}`)))
    })
    return new ServerProcess(child, port, printed)
  }

  /** @throws {Error} with what it printed, when it has ended */
  state(): Promise<State> {
    return this.#ask({ ask: 'state' })
  }

  /** Lets the server send a datagram itself, as if somebody had forged its address. */
  sendDatagram(data: Buffer, port: number): Promise<unknown> {
    return this.#ask({ ask: 'datagram', data: data.toString('hex'), port })
  }

  async datagramsSent(): Promise<number> {
    return (await this.#ask<{ datagramsSent: number }>({ ask: 'count' })).datagramsSent
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exited = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await exited
  }

  #ask<Answer>(question: Question): Promise<Answer> {
    const child = this.#child
    return new Promise((resolve, reject) => {
      const ended = () => reject(new Error(`the server has ended: ${this.#printed.join('\n') || child.signalCode}`))
      if (child.exitCode !== null || child.signalCode !== null) return ended()
      const heard = (answer: unknown) => {
        child.off('exit', ended)
        resolve(answer as Answer)
      }
      child.once('exit', ended)
      child.once('message', heard)
      child.send(question, (error) => error && ended())
    })
  }
}
