import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { copyProject } from '../../test/grade/project-copy.ts'
import { Started } from '../../test/grade/started.ts'
import { answerOf } from '../../workbook/grade/labs/diff.ts'
import { starterFiles } from '../../workbook/grade/labs/lab-files.ts'
import { root } from '../../workbook/grade/labs/tree.ts'
import type { Bench, Comparison, Contender } from '../bench.ts'

const stem = '12-ws-frames'
const verdict = /[✓✗] 12 .* checks pass/
const allPass = /✓ 12 .* checks pass/

/** A copy of the project whose lab 12 is the starter; what a reader saves is written there. */
function desk() {
  const { folder, remove } = copyProject()
  const save = (file: string, text: string) => writeFileSync(join(folder, 'labs', stem, file), text)
  for (const [file, text] of starterFiles(root, stem)) save(file, String(text))
  return { folder, remove, save }
}

function answer(file: string): string {
  return answerOf(readFileSync(join(root, 'solutions', stem, file), 'utf8'))
}

async function seconds(work: () => Promise<unknown>): Promise<{ cost: number }> {
  const began = performance.now()
  await work()
  return { cost: (performance.now() - began) / 1000 }
}

/** From the command to the first verdict. */
function starting(): Contender {
  const { folder, remove } = desk()
  let last: Started | undefined
  return {
    name: 'npm start',
    async round() {
      const cost = await seconds(() => {
        last = new Started(folder, ['12', '--plain', '--port', '0'])
        return last.line(verdict)
      })
      last!.child.kill('SIGTERM')
      await last!.exit
      return cost
    },
    close: remove,
  }
}

/** From the write of the file to what `says` prints, in an `npm start` that goes on. */
async function saving(says: RegExp, text: (round: number) => string): Promise<Contender> {
  const { folder, remove, save } = desk()
  const started = new Started(folder, ['12', '--plain', '--port', '0'])
  await started.line(/Open /)
  for (const file of starterFiles(root, stem).keys()) save(file, answer(file))
  await started.line(allPass)
  let rounds = 0
  return {
    name: 'npm start',
    async round() {
      save('mask.ts', `${answer('mask.ts')}// before round ${++rounds}\n`)
      await started.line(allPass)
      return seconds(() => {
        save('mask.ts', text(rounds))
        return started.line(says)
      })
    },
    async close() {
      started.child.kill('SIGTERM')
      await started.exit
      remove()
    },
  }
}

/** Every solution by its grader, in one vitest. */
function solutions(): Contender {
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
  return { name: 'all solutions', round: () => seconds(() => run(vitest, 'run', '--project', 'solutions')) }
}

/** What a program costs before it does anything, which tells how fast the machine is. */
function empty(): Contender {
  const starts = 10
  return {
    name: 'an empty program under tsx',
    async round() {
      const { cost } = await seconds(async () => {
        for (let i = 0; i < starts; i++) await run('--import', 'tsx', '--eval', '')
      })
      return { cost: cost / starts }
    },
  }
}

async function run(...args: string[]): Promise<void> {
  const child = spawn(process.execPath, args, { cwd: root, stdio: 'ignore' })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`node ${args.join(' ')} ended with ${code}`)
}

/** A limit in seconds, as something to be compared with. */
function within(limit: number): Pick<Comparison, 'peer' | 'gate' | 'rounds'> {
  return { peer: () => ({ name: 'the limit', round: () => ({ cost: limit }) }), gate: { cheaper: 1 }, rounds: 5 }
}

const loop = (round: number) => answer('mask.ts').replace('{\n', `{\n  while (true) {} // ${round}\n`)

export default {
  title: 'what a reader waits for',
  unit: 'seconds',
  comparisons: [
    { name: 'start to first verdict', own: starting, ...within(5) },
    {
      name: 'save to verdict',
      own: () => saving(allPass, (round) => `${answer('mask.ts')}// saved ${round}\n`),
      ...within(1),
    },
    { name: 'endless loop named', own: () => saving(/does not come back/, loop), ...within(5) },
    // 20 seconds, on a machine that starts an empty program in 0.185.
    { name: 'all solutions graded once', own: solutions, peer: empty, gate: { dearer: 108 }, rounds: 3 },
  ],
} satisfies Bench
