// npm run prove -- NN: is this chapter complete? What is left to do, first on the screen; exit code 0 or 1. `all` proves
// each. With a file of programs behind the number: what the grader says of each, which proves nothing.
import { existsSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type Complaint, complaintLine } from '../../../workbook/grade/labs/complaint.ts'
import { readFolder } from '../../../workbook/grade/labs/folder.ts'
import { solutionStems, starterFiles } from '../../../workbook/grade/labs/lab-files.ts'
import { root } from '../../../workbook/grade/labs/tree.ts'
import { todoLine } from '../../../workbook/grade/labs/where.ts'
import { collectGraders } from '../../../workbook/grade/run/collect-checks.ts'
import { gradeLab } from './grade-lab.ts'
import { judge } from './judge.ts'
import { checkComplaints, labComplaints, lineOf } from './lab-complaints.ts'
import { recordProof } from './proven.ts'
import { proofFolder, removeProofs, writeTree } from './trees.ts'
import { tryPrograms } from './try-programs.ts'
import { typeErrors } from './type-check.ts'
import type { Variant } from './variants.ts'

for (const [signal, number] of Object.entries({ SIGINT: 2, SIGTERM: 15 })) {
  process.once(signal, () => process.exit(128 + number))
}
process.once('exit', removeProofs)
try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  console.log((error as Error).message)
  process.exitCode = 1
}

async function main([name, file, ...more]: string[]): Promise<number> {
  if (name === undefined || more.length > 0) {
    throw new Error('expected a chapter, or `all`, and for one chapter maybe a file of programs: npm run prove -- 20')
  }
  if (name === 'all' && file === undefined) return proveAll()
  const stem = stemOf(name)
  return file === undefined ? prove(stem) : tryPrograms(stem, resolve(file))
}

/** Proves each lab, and says which are not. */
async function proveAll(): Promise<number> {
  const unproven = []
  for (const stem of solutionStems(root)) if ((await prove(stem)) !== 0) unproven.push(stem)
  if (unproven.length > 0) console.log(`\nNot proven: ${unproven.join(', ')}`)
  return unproven.length > 0 ? 1 : 0
}

/** @returns the exit code */
async function prove(stem: string): Promise<number> {
  const number = stem.slice(0, 2)
  const complaints = await labComplaints(root, stem)
  tell(complaints)
  const solved = [`solutions/${stem}`, `docs/${stem}.md`, `test/labs/${stem}.test.ts`]
  if (solved.every((file) => existsSync(join(root, file)))) {
    const [collected] = await collectGraders(root, [join(root, solved[2]!)])
    const more = collected ? await checkComplaints(root, stem, collected) : []
    tell(more)
    complaints.push(...more)
  }
  if (complaints.length > 0) return unproven(complaints.length, number)

  console.log(`${stem}: its files are in order. Now its programs are graded, which takes a minute or two …`)
  const { variants, outcomes } = await gradeLab(stem)
  const verdicts: Complaint[] = variants.flatMap((variant) =>
    judge(variant, outcomes.get(variant.name)!).map((sentence) => ({ ...placeOf(stem, variant), sentence })),
  )
  verdicts.unshift(...typeComplaints(stem))
  tell(verdicts)
  if (verdicts.length > 0) return unproven(verdicts.length, number)
  recordProof(root, stem)
  const checks = outcomes.get('starter')!.checks.length
  const wrong = variants.filter(({ wrong }) => wrong).length
  const right = variants.filter(({ right }) => right).length
  const todos = variants.length - wrong - right - 1
  console.log(`✓ ${stem} is proven: ${checks} checks, ${todos} TODOs, ${wrong} wrong and ${right} right programs.`)
  return 0
}

function tell(complaints: Complaint[]): void {
  for (const complaint of complaints) console.log(complaintLine(complaint))
}

/** @returns the exit code */
function unproven(count: number, number: string): number {
  const things = count === 1 ? 'One thing' : `${count} things`
  console.log(`\n${things} to do. npm run prove -- ${number} looks again.`)
  return 1
}

/** The stem that a person means by `20`, `daytime` or the whole of it, wherever a file has it. @throws {Error} one sentence */
function stemOf(name: string): string {
  const folders = ['docs', 'solutions', 'labs', 'test/labs', 'test/labs/wrong']
  const found = folders.flatMap((folder) => readdirSync(join(root, folder)))
  const stems = [...new Set(found.flatMap((entry) => /^\d\d-[^.]+/.exec(entry)?.[0] ?? []))].sort()
  const number = /^\d{1,2}$/.test(name) ? name.padStart(2, '0') : undefined
  const meant = stems.filter((stem) => stem === name || stem.slice(0, 2) === number || stem.slice(3) === name)
  if (meant.length === 1) return meant[0]!
  if (meant.length > 1) {
    throw new Error(
      `${name}: expected one stem for one thing, and found ${meant.join(' and ')}. Rename what has the wrong one.`,
    )
  }
  throw new Error(`${name}: expected the number of a chapter, and no file of ${folders.join(', ')} begins with it.`)
}

/** The starter and the solution by the project's own compiler options. */
function typeComplaints(stem: string): Complaint[] {
  const folder = proofFolder('types')
  writeTree(join(folder, 'labs'), stem, starterFiles(root, stem))
  writeTree(join(folder, 'solutions'), stem, readFolder(join(root, 'solutions', stem)))
  return typeErrors(folder).map((error) => {
    const [, file, line, sentence] = /^(.+?):(\d+) ([\s\S]*)$/.exec(error) ?? []
    return file
      ? { file: file.replaceAll('\\', '/'), line: Number(line), sentence: sentence! }
      : { file: stem, sentence: error }
  })
}

/** Where the author looks for why a variant was judged wrongly. */
function placeOf(stem: string, { name, todo, wrong, right }: Variant): { file: string; line?: number } {
  const program = wrong ?? right
  if (program) {
    const file = `test/labs/${wrong ? 'wrong' : 'right'}/${stem}.ts`
    return { file, line: lineOf(join(root, file), program.name) }
  }
  const place =
    name === 'starter' ? undefined : todoLine(todo, stem, { folder: join(root, 'solutions'), shown: 'solutions' })
  const [file = `labs/${stem}`, line] = place?.split(':') ?? []
  return { file, line: line === undefined ? undefined : Number(line) }
}
