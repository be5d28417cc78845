// npm run bench:busy [TIMES] [NN …]: grades the solutions TIMES times, as a reader's labs are graded, while every core has
// twice as much to do as it can, and lists each verdict that is not "passed": the answers are right, so each is false.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, rmSync } from 'node:fs'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { LabResult } from '../workbook/grade/report/result.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const [times = '50', ...labs] = process.argv.slice(2)
const busy = Array.from({ length: 2 * availableParallelism() }, () => new Worker('for (;;);', { eval: true }))
let verdicts = 0
const wrong: string[] = []

for (let round = 1; round <= Number(times); round++) {
  const began = performance.now()
  const results = await grade()
  const found = results.flatMap(falseVerdicts)
  for (const line of found) console.log(`  ${line}`)
  verdicts += results.flatMap(({ checks }) => checks).length
  wrong.push(...found)
  const seconds = ((performance.now() - began) / 1000).toFixed(0)
  const load = loadavg()[0]!.toFixed(1)
  console.log(`${round} of ${times}: ${results.length} labs, ${found.length} false, ${seconds} s, load ${load}`)
}

await Promise.all(busy.map((worker) => worker.terminate()))
console.log(`${verdicts} verdicts, ${wrong.length} false`)
process.exitCode = wrong.length > 0 ? 1 : 0

async function grade(): Promise<LabResult[]> {
  const file = join(tmpdir(), `wirebook-busy-${process.pid}.json`)
  const args = ['--import', 'tsx', 'workbook/grade/main.ts', ...labs, '--labs', 'solutions', '--json', file]
  await once(spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] }), 'exit')
  const report = JSON.parse(readFileSync(file, 'utf8')) as { labs: LabResult[] }
  rmSync(file)
  return report.labs
}

function falseVerdicts({ lab, checks, problem, milliseconds }: LabResult): string[] {
  const failed = checks.filter(({ state }) => state !== 'passed')
  const lines = failed.map(({ id, state, failure }) => `${lab} ${id}: ${failure?.difference.summary ?? state}`)
  if (problem) lines.push(`${lab} as a whole, after ${milliseconds} ms: ${problem.difference.summary}`)
  return lines
}
