import { join } from 'node:path'
import type { Reporter, SerializedError, TestCase, TestModule, Vitest } from 'vitest/node'
import type { GradeEvent } from '../checks/events.ts'
import { grading, root } from '../labs/tree.ts'
import type { Tree } from '../labs/where.ts'
import { failureOf, infoOf, lateProblem, loadProblem } from './causes.ts'
import type { RunnerCommand, RunnerMessage } from './runner-messages.ts'
import { type WorkerMessage, workerChannel } from './worker-heartbeat.ts'

const graders = process.env.WIREBOOK_GRADERS ?? join(root, 'test', 'labs')

/** Inside the runner's child: takes its commands, and tells what happens as grading events. */
export class GradeReporter implements Reporter {
  #vitest: Vitest | undefined
  #tree: Tree = { folder: grading.tree, shown: process.env.WIREBOOK_SHOWN ?? 'labs' }
  #lab = ''
  #began = 0
  #messages = new Set<string>()

  onInit(vitest: Vitest): void {
    this.#vitest = vitest
    const channel = new BroadcastChannel(workerChannel)
    channel.onmessage = (event) => tell((event as MessageEvent<WorkerMessage>).data)
    process.on('message', (command: RunnerCommand) => {
      if ('grade' in command) void this.#grade(command.grade)
      else void vitest.cancelCurrentRun('keyboard-input')
    })
    // The runner is gone: take everything along that a lab has started.
    process.on('disconnect', killGroup)
    // A message to a runner that has just gone throws before the disconnection is heard.
    process.on('exit', killGroup)
    tell({ ready: true })
  }

  async #grade(stem: string): Promise<void> {
    const vitest = this.#vitest!
    this.#lab = stem
    this.#began = performance.now()
    this.#messages.clear()
    for (const environment of Object.values(vitest.getRootProject().vite.environments)) {
      for (const module of environment.moduleGraph.idToModuleMap.values()) {
        if (changes(module.file, this.#tree.folder)) environment.moduleGraph.invalidateModule(module)
      }
    }
    const grader = vitest.getRootProject().createSpecification(join(graders, `${stem}.test.ts`))
    await vitest.runTestSpecifications([grader])
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
    const { notes } = test.meta()
    this.#send({ type: 'check', lab: this.#lab, id: check.id, state, milliseconds, failure, notes })
  }

  onUserConsoleLog({ content }: { content: string }): void {
    tell({ output: content })
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const states = modules.flatMap((module) => [...module.children.allTests()].map((test) => test.result().state))
    const loading = modules.flatMap((module) => module.errors())[0]
    const late = unhandled.find(({ message }) => !this.#messages.has(message))
    const problem = loading ? loadProblem(loading, this.#tree) : late && lateProblem(late, this.#tree)
    this.#send({
      type: 'end',
      lab: this.#lab,
      passed: states.filter((state) => state === 'passed').length,
      failed: states.filter((state) => state === 'failed').length,
      milliseconds: Math.round(performance.now() - this.#began),
      problem,
    })
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

function killGroup(): void {
  try {
    process.kill(process.platform === 'win32' ? process.pid : -process.pid, 'SIGKILL')
  } catch {
    // Not the leader of a group, or gone already: then this process goes alone.
    process.exit(1)
  }
}
