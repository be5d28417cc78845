import { join } from 'node:path'
import type { Reporter, SerializedError, TestCase, TestModule, Vitest } from 'vitest/node'
import type { GradeEvent } from '../checks/events.ts'
import { grading, root } from '../labs/tree.ts'
import type { Tree } from '../labs/where.ts'
import { failureOf, infoOf, lateProblem, loadProblem, unfinishedProblem } from './causes.ts'
import { killOurselves } from './kill-tree.ts'
import { runVariable } from './processes.ts'
import type { RunnerCommand, RunnerMessage } from './runner-messages.ts'
import { SilenceWatch } from './silence-watch.ts'
import { type WorkerMessage, workerChannel } from './worker-heartbeat.ts'

const graders = process.env.WIREBOOK_GRADERS ?? join(root, 'test', 'labs')

/** Inside the runner's child: takes its commands, and tells what happens as grading events. */
export class GradeReporter implements Reporter {
  #vitest: Vitest | undefined
  #tree: Tree = { folder: grading.tree, shown: process.env.WIREBOOK_SHOWN ?? 'labs' }
  #lab = ''
  #began = 0
  #messages = new Set<string>()
  #isCancelled = false
  readonly #watch = new SilenceWatch((silence) => tell({ silence }))

  onInit(vitest: Vitest): void {
    this.#vitest = vitest
    const channel = new BroadcastChannel(workerChannel)
    channel.onmessage = (event) => this.#hear((event as MessageEvent<WorkerMessage>).data)
    process.on('message', (command: RunnerCommand) => {
      if ('grade' in command) void this.#grade(command)
      else this.#cancel()
    })
    // The runner is gone: take everything along that a lab has started.
    process.on('disconnect', killAll)
    // A message to a runner that has just gone throws before the disconnection is heard.
    process.on('exit', killAll)
    tell({ ready: true })
  }

  async #grade({ grade: stem, limits }: Extract<RunnerCommand, { grade: string }>): Promise<void> {
    const vitest = this.#vitest!
    this.#lab = stem
    this.#began = performance.now()
    this.#messages.clear()
    this.#isCancelled = false
    this.#watch.start(limits)
    for (const environment of Object.values(vitest.getRootProject().vite.environments)) {
      for (const module of environment.moduleGraph.idToModuleMap.values()) {
        if (changes(module.file, this.#tree.folder)) environment.moduleGraph.invalidateModule(module)
      }
    }
    const grader = vitest.getRootProject().createSpecification(join(graders, `${stem}.test.ts`))
    await vitest.runTestSpecifications([grader])
  }

  #cancel(): void {
    this.#isCancelled = true
    void this.#vitest!.cancelCurrentRun('keyboard-input')
  }

  #hear(message: WorkerMessage): void {
    // A loop that prints has no other life than that.
    if (!('printed' in message)) this.#watch.sign('alive' in message ? message.thread : undefined)
    tell(message)
  }

  onTestModuleCollected(module: TestModule): void {
    const checks = [...module.children.allTests()].map((test) => infoOf(test))
    this.#send({ type: 'start', lab: this.#lab, checks })
  }

  onTestCaseResult(test: TestCase): void {
    const { state, errors } = test.result()
    if (state !== 'passed' && state !== 'failed') return
    const check = infoOf(test)
    const milliseconds = Math.round(test.diagnostic()?.duration ?? 0)
    const failure = state === 'failed' ? failureOf(errors![0]!, check, this.#lab, this.#tree) : undefined
    for (const { message } of errors ?? []) this.#messages.add(message)
    const { notes, printed } = test.meta()
    this.#send({ type: 'check', lab: this.#lab, id: check.id, state, milliseconds, failure, notes, printed })
  }

  async onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): Promise<void> {
    this.#watch.stop()
    // What the worker said before its end has arrived by then; it came on another way.
    await new Promise((resolve) => setImmediate(resolve))
    const tests = modules.flatMap((module) => [...module.children.allTests()])
    const states = tests.map((test) => test.result().state)
    this.#send({
      type: 'end',
      lab: this.#lab,
      passed: states.filter((state) => state === 'passed').length,
      failed: states.filter((state) => state === 'failed').length,
      milliseconds: Math.round(performance.now() - this.#began),
      problem: this.#problem(modules, unhandled),
    })
  }

  /** A run is without problem only when each of its checks has ended: vitest calls one passed whose worker has died. */
  #problem(modules: readonly TestModule[], unhandled: readonly SerializedError[]) {
    const loading = modules.flatMap((module) => module.errors())[0]
    if (loading) return loadProblem(loading, this.#tree)
    const tests = modules.flatMap((module) => [...module.children.allTests()])
    const open = tests.find((test) => !['passed', 'failed'].includes(test.result().state))
    const late = unhandled.find(({ message }) => !this.#messages.has(message))
    const isUnfinished = !this.#isCancelled && (open !== undefined || tests.length === 0)
    if (isUnfinished) return unfinishedProblem(`${this.#tree.shown}/${this.#lab}`, open && infoOf(open), late)
    return late && lateProblem(late, this.#tree)
  }

  #send(event: GradeEvent): void {
    tell({ event })
  }
}

/** Whether a module may have changed since the last run: labs and graders do, the machinery does not. */
function changes(file: string | null, tree: string): boolean {
  const folders = [tree, graders].map((folder) => folder.replaceAll('\\', '/'))
  return file !== null && folders.some((folder) => file.startsWith(folder))
}

function tell(message: RunnerMessage): void {
  if (process.connected) process.send!(message)
}

function killAll(): void {
  killOurselves(process.env[runVariable]!)
}
