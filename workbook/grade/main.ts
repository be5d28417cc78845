// npm run grade [-- NN …] [--json FILE] [--junit FILE] [--labs FOLDER]: grades once, exit code 0 when all passes, or 1.
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { say, sayError } from '../sentences/say.ts'
import { SentenceError, sentence } from '../wire/model/sentence.ts'
import type { GradeEvent } from './checks/events.ts'
import { makeGradedFolder, removeGradedFolder } from './labs/graded-folder.ts'
import { findLab, type Lab, readLabs } from './labs/labs.ts'
import { labsIn, takeSnapshot } from './labs/snapshot.ts'
import { root } from './labs/tree.ts'
import { jsonReport, junitReport } from './report/reports.ts'
import { type LabResult, resultOf } from './report/result.ts'
import { fullLines, overviewLines } from './report/result-lines.ts'
import { whenNpmEnds } from './run/parent-watch.ts'
import { Runner } from './run/runner.ts'
import { recordProgress } from './session/progress.ts'

try {
  process.exitCode = await main()
} catch (error) {
  console.error(sayError(error as Error))
  process.exitCode = 1
}

async function main(): Promise<number> {
  const { labs, folder, json, junit } = readArguments()
  const { results, events } = await gradeAll(labs, folder)
  const gradedAt = new Date().toISOString()
  if (json) write(json, jsonReport(results, folder ?? 'labs', gradedAt))
  if (junit) write(junit, junitReport(results, gradedAt))
  if (!folder) remember(events)

  const passed = results.filter((result) => result.passed).length
  if (results.length > 1) console.log(`\n${say(sentence('grade.labs-pass', { passed, labs: results.length }))}`)
  return passed === results.length ? 0 : 1
}

/** Grades one lab after the other, and prints each. @param folder somebody else's labs; ours when it is left out */
async function gradeAll(labs: Lab[], folder?: string): Promise<{ results: LabResult[]; events: GradeEvent[] }> {
  const labsFolder = folder ? makeGradedFolder(root) : join(root, 'labs')
  if (folder) {
    process.once('exit', () => removeGradedFolder(labsFolder))
    takeSnapshot(root, resolve(folder), labsFolder)
  }
  const runner = new Runner({ labsFolder, shown: folder ?? 'labs' })
  const stop = () => void runner.close().then(() => process.exit(130))
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, stop)
  whenNpmEnds(stop)

  const all: GradeEvent[] = []
  const results: LabResult[] = []
  try {
    for (const { stem, title } of labs) {
      const events: GradeEvent[] = []
      const off = runner.on((event) => events.push(event))
      await runner.grade(stem)
      off()
      const result = resultOf(stem, title, events)
      console.log((labs.length === 1 ? fullLines(result) : overviewLines(result)).join('\n'))
      results.push(result)
      all.push(...events)
    }
  } finally {
    await runner.close()
  }
  return { results, events: all }
}

/** @throws {SentenceError} when there is no such lab or folder */
function readArguments(): { labs: Lab[]; folder?: string; json?: string; junit?: string } {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { json: { type: 'string' }, junit: { type: 'string' }, labs: { type: 'string' } },
  })
  const all = readLabs(root).filter(({ stem }) => existsSync(join(root, 'test', 'labs', `${stem}.test.ts`)))
  const labs = positionals.map((name) => {
    const lab = findLab(all, name)
    const example = all[0]?.stem.slice(0, 2) ?? '01'
    if (!lab) throw new SentenceError(sentence('grade.unknown-lab', { name, example }))
    return lab
  })
  if (values.labs !== undefined && !isFolder(values.labs)) {
    throw new SentenceError(sentence('grade.no-folder', { folder: values.labs }))
  }
  return {
    labs: labs.length > 0 ? labs : all,
    folder: values.labs && labsIn(values.labs),
    json: values.json,
    junit: values.junit,
  }
}

/** What passes is the same whether or not it can be remembered. */
function remember(events: GradeEvent[]): void {
  try {
    const notice = recordProgress(join(root, '.wirebook', 'progress.json'), events)
    if (notice) console.error(say(notice))
  } catch (error) {
    console.error(sayError(error as Error))
  }
}

function isFolder(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory()
}

function write(file: string, text: string): void {
  mkdirSync(dirname(resolve(file)), { recursive: true })
  writeFileSync(file, text)
}
