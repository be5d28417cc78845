// npm run starters [-- NN]       writes labs/ from solutions/; what it writes over is kept, so `u` undoes it
// npm run starters -- --check    only says whether labs/ is what it would write
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { covers, readFolder } from './folder.ts'
import { History } from './history.ts'
import { givenFile, solutionStems, starterFiles } from './lab-files.ts'
import { allToLf, toLf } from './line-ends.ts'
import { root } from './tree.ts'

const labs = join(root, 'labs')
const words = process.argv.slice(2)
const wanted = words.find((word) => !word.startsWith('--'))
const stems = solutionStems(root).filter(
  (stem) => !wanted || stem === wanted || stem.slice(0, 2) === wanted.padStart(2, '0'),
)

try {
  main()
} catch (error) {
  console.error((error as Error).message)
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
    const now = allToLf(readFolder(join(labs, stem)))
    const files = starterFiles(root, stem)
    return now.size !== files.size || !covers(now, files)
  })
  return [...changed, ...(wanted ? [] : leftOver()), ...(givenIsCurrent() ? [] : ['run.ts'])].map(
    (name) => `labs/${name}`,
  )
}

function write(): void {
  const history = new History(labs, join(root, '.wirebook', 'history'))
  for (const stem of stems) {
    const files = starterFiles(root, stem)
    history.write(stem, files, 'reset')
    for (const path of readFolder(join(labs, stem)).keys()) {
      if (!files.has(path)) rmSync(join(labs, stem, path))
    }
  }
  if (!wanted) for (const name of leftOver()) rmSync(join(labs, name), { recursive: true })
  if (!givenIsCurrent()) writeFileSync(join(labs, 'run.ts'), givenFile(root))
}

/** Folders of labs whose solution is gone. */
function leftOver(): string[] {
  return readdirSync(labs).filter((name) => /^\d\d-/.test(name) && !stems.includes(name))
}

function givenIsCurrent(): boolean {
  const file = join(labs, 'run.ts')
  return existsSync(file) && toLf(readFileSync(file)).equals(givenFile(root))
}
