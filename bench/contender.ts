// One long-lived process per contender: garbage, compiled code and memory of one do not burden another.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Start } from './bench.ts'

/**
 * A contender that runs in a process of its own.
 *
 * @param url `import.meta.url` of the bench, which exports `contenders: Record<string, (argument) => Contender>`
 * @param name key of `contenders`
 * @param argument handed to it, as JSON
 */
export function inChild(url: string, name: string, argument: unknown, env: Record<string, string> = {}): Start {
  return async () => {
    const child = fork(
      fileURLToPath(new URL('processes/contender.ts', import.meta.url)),
      [url, name, JSON.stringify(argument)],
      {
        execArgv: ['--import', 'tsx'],
        env: { ...process.env, ...env },
      },
    )
    child.setMaxListeners(0)
    const died = once(child, 'exit').then(() => {
      throw new Error(`${name}: the process ended; see its message above`)
    })
    died.catch(() => {}) // whoever waits for an answer is told
    const answer = async () => {
      const [message] = await Promise.race([once(child, 'message'), died])
      return message
    }
    const shown = (await answer()) as string
    return {
      name: shown,
      round() {
        child.send('round')
        return answer()
      },
      close: () => child.kill(),
    }
  }
}
