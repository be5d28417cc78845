// npm run bench [NAME …]: compares what we built with what people use, and says how far the numbers can be trusted.
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { Bench } from './bench.ts'
import { measure, type Result } from './measure.ts'
import { heading, line } from './table.ts'

const folder = new URL('./benches/', import.meta.url)
const names = readdirSync(folder).map((file) => file.replace(/\.ts$/, ''))
const wanted = process.argv.slice(2)
const unknown = wanted.find((name) => !names.includes(name))
if (unknown) {
  console.error(`${unknown}: expected one of ${names.join(', ')}`)
  process.exit(1)
}

const report: Record<string, Result[]> = {}
for (const name of wanted.length > 0 ? wanted : names) {
  const { default: bench } = (await import(new URL(`${name}.ts`, folder).href)) as { default: Bench }
  console.log(heading(name, bench, loadavg()))
  report[name] = []
  for (const comparison of bench.comparisons) {
    const result = await measure(comparison)
    report[name].push(result)
    console.log(line(result))
  }
}

const results = Object.values(report).flat()
const machine = { node: process.version, cpu: cpus()[0]?.model, cores: cpus().length, load: loadavg() }
const file = fileURLToPath(new URL('../.wirebook/bench.json', import.meta.url))
mkdirSync(new URL('../.wirebook/', import.meta.url), { recursive: true })
writeFileSync(file, JSON.stringify({ machine, at: new Date().toISOString(), report }, null, 2))

const count = (outcome: Result['outcome']) => results.filter((result) => result.outcome === outcome).length
console.log(
  `\n${count('pass')} gates held, ${count('fail')} failed, ${count('void')} void. Numbers: .wirebook/bench.json`,
)
if (count('void') > 0)
  console.log('void: the same program differed from itself by more than 10 %. Try again on a quieter machine.')
process.exitCode = count('fail') > 0 ? 1 : 0
