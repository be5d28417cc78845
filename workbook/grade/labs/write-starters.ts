// npm run starters [-- NN]       writes labs/ from solutions/; what it writes over is kept, so `u` undoes it
// npm run starters -- --check    only says whether labs/ is what it would write
import { existsSync, readdirSync, readFileSync, rmdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { sayError } from '../../sentences/say.ts'
import { covers } from './folder.ts'
import { History } from './history.ts'
import { givenFile, solutionStems, starterFiles } from './lab-files.ts'
import { LabFolder } from './lab-folder.ts'
import { allToLf, toLf } from './line-ends.ts'
import { root } from './tree.ts'
import { Versions } from './versions.ts'
import { writeWhole } from './whole-file.ts'

const labs = join(root, 'labs')
const kept = join(root, '.wirebook', 'history')
const words = process.argv.slice(2)
const wanted = words.find((word) => !word.startsWith('--'))
const stems = solutionStems(root).filter(
  (stem) => !wanted || stem === wanted || stem.slice(0, 2) === wanted.padStart(2, '0'),
)

try {
  main()
} catch (error) {
  console.error(sayError(error as Error))
  process.exitCode = 1
}

function main(): void {
  if (stems.length === 0) {
    console.error(`${wanted}: expected the number of a folder in solutions/, such as 07.`)
    process.exitCode = 1
  } else if (words.includes('--check')) {
    const different = differences()
    for (const path of different) console.error(`${path} is not what solutions/ gives. Run: npm run starters`)
    process.exitCode = different.length > 0 ? 1 : 0
  } else {
    write()
  }
}

/** Paths in labs/ that are missing, other than generated, or left over. */
function differences(): string[] {
  const changed = stems.filter((stem) => {
    const now = allToLf(new LabFolder(join(labs, stem)).read().files)
    const files = starterFiles(root, stem)
    return now.size !== files.size || !covers(now, files)
  })
  return [...changed, ...(wanted ? [] : leftOver()), ...(givenIsCurrent() ? [] : ['run.ts'])].map(
    (name) => `labs/${name}`,
  )
}

function write(): void {
  const history = new History(labs, kept)
  for (const stem of stems) {
    const files = starterFiles(root, stem)
    history.write(
      stem,
      files,
      sourcesOf(stem).filter((path) => !files.has(path)),
    )
  }
  if (!wanted) for (const stem of leftOver()) removeLab(history, stem)
  if (!givenIsCurrent()) writeGiven()
}

/** Removes a lab, whose sources are kept. A folder in which there is something else stays, and so does a file. */
function removeLab(history: History, stem: string): void {
  const folder = join(labs, stem)
  if (!statSync(folder).isDirectory()) return
  history.write(stem, new Map(), sourcesOf(stem))
  if (readdirSync(folder).length === 0) rmdirSync(folder)
}

function writeGiven(): void {
  const file = join(labs, 'run.ts')
  if (existsSync(file)) {
    const files = new Map([['run.ts', readFileSync(file)]])
    new Versions(join(kept, 'run.ts')).save({ files, absent: new Set() })
  }
  writeWhole(file, String(givenFile(root)))
}

function sourcesOf(stem: string): string[] {
  return [...new LabFolder(join(labs, stem)).read().files.keys()]
}

/** Folders of labs whose solution is gone. */
function leftOver(): string[] {
  return readdirSync(labs).filter((name) => /^\d\d-/.test(name) && !stems.includes(name))
}

function givenIsCurrent(): boolean {
  const file = join(labs, 'run.ts')
  return existsSync(file) && toLf(readFileSync(file)).equals(givenFile(root))
}
