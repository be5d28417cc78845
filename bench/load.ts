// npm run bench:load [TIMES] [NN …]: grades the solutions TIMES times while every core is busy, and lists each check that
// failed: the answers are right, so each failure is a fault of its grader.
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'

interface Report {
  numPassedTests: number
  testResults: { assertionResults: { fullName: string; status: string; failureMessages: string[] }[] }[]
}

const root = fileURLToPath(new URL('..', import.meta.url))
const [times = '20', ...labs] = process.argv.slice(2)
const graders = readdirSync(join(root, 'test', 'labs'))
  .filter((file) => file.endsWith('.test.ts') && (labs.length === 0 || labs.some((lab) => file.startsWith(lab))))
  .map((file) => `test/labs/${file}`)

const busy = Array.from({ length: availableParallelism() }, () => new Worker('for (;;);', { eval: true }))
const failures = new Map<string, number>()
let passed = 0

for (let round = 1; round <= Number(times); round++) {
  const began = performance.now()
  const { numPassedTests, testResults } = await grade()
  passed += numPassedTests
  const failed = testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status === 'failed')
  for (const { fullName, failureMessages } of failed) {
    failures.set(fullName, (failures.get(fullName) ?? 0) + 1)
    console.log(`  ${fullName}: ${failureMessages[0]?.split('\n')[0]}`)
  }
  const seconds = ((performance.now() - began) / 1000).toFixed(0)
  console.log(
    `${round} of ${times}: ${numPassedTests} passed, ${failed.length} failed, ${seconds} s, load ${loadavg()[0]?.toFixed(1)}`,
  )
}

await Promise.all(busy.map((worker) => worker.terminate()))
const failed = [...failures.values()].reduce((sum, count) => sum + count, 0)
for (const [name, count] of failures) console.log(`${count} of ${times}: ${name}`)
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0

async function grade(): Promise<Report> {
  const output = join(tmpdir(), `wirebook-load-${process.pid}.json`)
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
  const args = [vitest, 'run', '--project', 'solutions', '--reporter=json', `--outputFile=${output}`, ...graders]
  const run = spawn(process.execPath, args, { cwd: root, stdio: 'ignore' })
  await new Promise((resolve) => run.once('close', resolve))
  const report = JSON.parse(readFileSync(output, 'utf8')) as Report
  rmSync(output)
  return report
}
