import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { TargetPlan } from '../../workbook/server/targets.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** A lab's solution as a program of its own. */
export interface RunningLab {
  plan: TargetPlan
  stop(): Promise<void>
}

/**
 * Runs a lab's solution by hand, as the reader runs a lab.
 *
 * @param file `16-sio-rooms/server.ts`
 * @param wanted port
 */
export async function runLab(file: string, kind: TargetPlan['kind'], wanted = 0): Promise<RunningLab> {
  const arguments_ = ['--import', 'tsx', `solutions/${file}`, String(wanted)]
  const child = spawn(process.execPath, arguments_, { cwd: root, stdio: 'pipe' })
  const closed = once(child, 'close')
  const listening = once(createInterface({ input: child.stdout }), 'line', { signal: AbortSignal.timeout(30_000) })
  const [line] = await Promise.race([listening, closed.then(() => ['its end'])])
  const port = Number(/^listening on 127\.0\.0\.1:(\d+)$/.exec(line)?.[1])
  if (!port) throw new Error(`${file}: expected “listening on …”, received ${line}`)
  const [stem] = file.split('/') as [string]
  const number = stem.slice(0, 2)
  return {
    plan: {
      id: stem,
      label: `Lab ${number}: ${stem.slice(3)}`,
      kind,
      port,
      stem,
      command: `npx tsx labs/${file}`,
    },
    async stop() {
      child.kill('SIGTERM')
      await closed
    },
  }
}
