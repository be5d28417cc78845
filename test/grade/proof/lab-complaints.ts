import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import ts from 'typescript'
import { type ChapterText, readChapter, stemMistake } from '../../../workbook/grade/labs/chapter.ts'
import type { Complaint } from '../../../workbook/grade/labs/complaint.ts'
import { type Edited, editsOf } from '../../../workbook/grade/labs/edited-programs.ts'
import { readFolder } from '../../../workbook/grade/labs/folder.ts'
import { labTodos, regionComplaints, solutionFiles, starterFiles } from '../../../workbook/grade/labs/lab-files.ts'
import { allToLf } from '../../../workbook/grade/labs/line-ends.ts'
import type { CollectedGrader } from '../../../workbook/grade/run/collect-checks.ts'
import { protocols } from '../../../workbook/wire/protocols.ts'
import { anchorsOf } from './anchors.ts'
import { rightsOf, wrongsOf } from './variants.ts'

/**
 * Looks at the files of a lab, and runs nothing of it but its list of wrong programs.
 *
 * @param root folder of the project
 * @returns what its author has still to do; the files that are missing first
 */
export async function labComplaints(root: string, stem: string): Promise<Complaint[]> {
  const missing = missingParts(root, stem)
  const mistake = stemMistake(stem)
  // Under its right name all of it is looked for anew.
  if (mistake) return [{ file: partsOf(stem).find((file) => existsSync(join(root, file))) ?? stem, sentence: mistake }]
  const chapter = existsSync(join(root, `docs/${stem}.md`)) ? readChapter(root, stem) : undefined
  const regions = regionComplaints(root, stem)
  const canBeCut = regions.length === 0 && existsSync(join(root, `solutions/${stem}`))
  return [
    ...missing,
    ...(chapter?.complaints ?? []),
    ...regions,
    ...(canBeCut ? [...todoComplaints(root, stem), ...starterComplaints(root, stem)] : []),
    ...(chapter ? [...importComplaints(root, chapter), ...protocolComplaints(chapter)] : []),
    ...(await listComplaints(root, stem)),
  ]
}

/** The protocols that the decoder is to read, by their names. */
function protocolComplaints({ file, frontMatter }: ChapterText): Complaint[] {
  const known = protocols.map(({ name }) => name)
  return frontMatter.protocols
    .filter((name) => !known.includes(name))
    .map((name) => ({ file, sentence: `protocols: expected some of ${known.join(', ')}, received ${name}.` }))
}

/** Compares what the checks of a grader say of themselves with the chapter, the TODOs and the wrong programs. */
export async function checkComplaints(
  root: string,
  stem: string,
  { checks, problem }: Pick<CollectedGrader, 'checks' | 'problem'>,
): Promise<Complaint[]> {
  const file = `test/labs/${stem}.test.ts`
  if (problem !== undefined) {
    return [{ file, sentence: `it cannot be loaded with the solution: ${briefly(root, problem)}` }]
  }
  if (checks.length === 0) return [{ file, sentence: 'expected checks, and it holds none.' }]
  const chapter = readChapter(root, stem)
  // What cannot be read at all is told by `labComplaints`, and alone.
  const canBeCut = regionComplaints(root, stem).length === 0
  const todos = canBeCut ? labTodos(root, stem).map(({ number }) => number) : checks.flatMap(({ todo }) => todo)
  const wrongs = await wrongsOf(stem, root).catch(() => [])
  const anchors = anchorsOf(chapter.markdown)
  const hinted = new Set(chapter.hints.flatMap(({ ids }) => ids))
  const ids = new Set<string>()

  const complaints: Complaint[] = []
  for (const { id, line, anchor, todo } of checks) {
    const complain = (sentence: string) => complaints.push({ file, line, sentence: `check ${id}: ${sentence}` })
    if (ids.has(id)) complain('an earlier check has this id. Give it another one.')
    ids.add(id)
    if (!hinted.has(id)) complain(`it has no hints. Write \`::: hints ${id}\` and a list of three in ${chapter.file}.`)
    if (!anchors.includes(anchor)) {
      complain(`the anchor ${anchor} is no heading of ${chapter.file}, which has ${anchors.join(', ')}.`)
    }
    const unknown = todo.filter((number) => !todos.includes(number))
    if (unknown.length > 0) complain(`it names TODO ${unknown.join(', ')}, which the solution does not have.`)
  }
  for (const number of todos.filter((number) => !checks.some(({ todo }) => todo.includes(number)))) {
    complaints.push({ file, sentence: `TODO ${number} has no check. Let one name it: \`{ todo: ${number}, … }\`.` })
  }
  for (const { ids: named, first } of chapter.hints) {
    for (const id of named.filter((id) => !ids.has(id))) {
      complaints.push({ file: chapter.file, line: first + 1, sentence: `hints ${id}: the grader has no such check.` })
    }
  }
  const wrongFile = `test/labs/wrong/${stem}.ts`
  for (const { name, fails } of wrongs) {
    const line = lineOf(join(root, wrongFile), name)
    for (const id of fails.filter((id) => !ids.has(id))) {
      complaints.push({
        file: wrongFile,
        line,
        sentence: `"${name}" is to fail ${id}, and the grader has no such check.`,
      })
    }
  }
  return complaints
}

/** The five places where a stem stands, in the order in which they are written. */
function partsOf(stem: string): string[] {
  return [
    `docs/${stem}.md`,
    `solutions/${stem}`,
    `labs/${stem}`,
    `test/labs/${stem}.test.ts`,
    `test/labs/wrong/${stem}.ts`,
  ]
}

function missingParts(root: string, stem: string): Complaint[] {
  const names = ['chapter', 'solution', 'starter', 'grader', 'list of wrong programs']
  return partsOf(stem).flatMap((file, i) => {
    if (existsSync(join(root, file))) return []
    const generated = names[i] === 'starter'
    const how = generated
      ? `. Run: npm run starters -- ${stem.slice(0, 2)}`
      : ': docs/contributing.md shows how it looks.'
    return { file, sentence: `the ${names[i]} is missing${how}` }
  })
}

function todoComplaints(root: string, stem: string): Complaint[] {
  const file = `solutions/${stem}`
  const numbers = labTodos(root, stem).map(({ number }) => number)
  if (numbers.length === 0) {
    return [{ file, sentence: 'expected a region that begins with `// TODO 1: …`, and there is none.' }]
  }
  if (numbers.every((number, i) => number === i + 1)) return []
  return [{ file, sentence: `expected TODOs numbered from 1 without a gap, received ${numbers.join(', ')}.` }]
}

function starterComplaints(root: string, stem: string): Complaint[] {
  const folder = `labs/${stem}`
  if (!existsSync(join(root, folder))) return []
  const now = allToLf(readFolder(join(root, folder)))
  const wanted = starterFiles(root, stem)
  const command = `Run: npm run starters -- ${stem.slice(0, 2)}`
  return [...new Set([...wanted.keys(), ...now.keys()])].sort().flatMap((path) => {
    const want = wanted.get(path)
    if (want && now.get(path)?.equals(want)) return []
    const what = !want
      ? 'the solution has no such file'
      : now.has(path)
        ? 'it is not what the solution gives'
        : 'it is missing'
    return [{ file: `${folder}/${path}`, sentence: `${what}. ${command}` }]
  })
}

/** A solution imports Node, its own folder, `run.ts`, and what its chapter's front matter names. */
function importComplaints(root: string, { stem, file: chapter, frontMatter }: ChapterText): Complaint[] {
  return [...solutionFiles(root, stem)].flatMap(([path, bytes]) => {
    if (!path.endsWith('.ts')) return []
    const file = `solutions/${stem}/${path}`
    const text = String(bytes)
    return ts.preProcessFile(text).importedFiles.flatMap(({ fileName, pos }) => {
      const line = text.slice(0, pos).split('\n').length
      const lab = /^(?:\.\.\/)+(\d\d-[^/]+)\//.exec(fileName)?.[1]
      if (lab !== undefined && lab !== stem && !frontMatter.buildsOn.includes(lab)) {
        const sentence = `imports ${lab}, which ${chapter} does not name: add it to buildsOn.`
        return [{ file, line, sentence }]
      }
      if (/^(\.|node:)/.test(fileName)) return []
      const name = fileName
        .split('/')
        .slice(0, fileName.startsWith('@') ? 2 : 1)
        .join('/')
      if (frontMatter.packages.includes(name)) return []
      return [{ file, line, sentence: `imports ${name}, which ${chapter} does not name: add it to packages.` }]
    })
  })
}

/** Looks at the list of wrong programs, and at that of right ones, which a lab may do without. */
async function listComplaints(root: string, stem: string): Promise<Complaint[]> {
  const lists = [
    { file: `test/labs/wrong/${stem}.ts`, kind: 'wrong', type: 'Wrong', read: wrongsOf },
    { file: `test/labs/right/${stem}.ts`, kind: 'right', type: 'Right', read: rightsOf },
  ]
  const complaints = await Promise.all(
    lists.map(async ({ file, kind, type, read }): Promise<Complaint[]> => {
      let programs: Edited[]
      try {
        programs = await read(stem, root)
      } catch (error) {
        return [{ file, sentence: `it cannot be loaded: ${briefly(root, (error as Error).message)}` }]
      }
      if (!Array.isArray(programs)) {
        return [{ file, sentence: `expected a list as \`export default [ … ] satisfies ${type}[]\`.` }]
      }
      if (programs.length === 0 && existsSync(join(root, file))) {
        return [{ file, sentence: `expected at least one ${kind} program, and the list is empty.` }]
      }
      return programs.flatMap((program) => editComplaints(root, stem, file, program))
    }),
  )
  return complaints.flat()
}

/** The edits of one program that cannot be made. */
function editComplaints(root: string, stem: string, file: string, program: Edited): Complaint[] {
  const complaint = (sentence: string) => ({ file, line: lineOf(join(root, file), program.name), sentence })
  try {
    return editsOf(program).flatMap((edit) => {
      if (!('find' in edit)) return []
      const solution = solutionFiles(root, stem).get(edit.file)
      if (!solution) return complaint(`"${program.name}": there is no solutions/${stem}/${edit.file}.`)
      const count = String(solution).split(edit.find).length - 1
      if (count === 1) return []
      const stands = `${JSON.stringify(edit.find)} stands ${count} times in solutions/${stem}/${edit.file}, expected once`
      return complaint(`"${program.name}": ${stands}. ${count === 0 ? 'Copy it from there.' : 'Make it longer.'}`)
    })
  } catch (error) {
    return [complaint((error as Error).message)]
  }
}

/** What a loader says, on one line and with paths of the project. */
function briefly(root: string, message: string): string {
  const lines = stripVTControlCharacters(message).replaceAll(root, '').split('\n')
  const [first = '', second = ''] = lines.filter((line) => line.trim() !== '')
  return first.endsWith(':') ? `${first} ${second.trim()}` : first
}

/** The first line of a file that holds a text, from 1. */
export function lineOf(file: string, text: string): number | undefined {
  const at = readFileSync(file, 'utf8')
    .split('\n')
    .findIndex((line) => line.includes(text))
  return at < 0 ? undefined : at + 1
}
