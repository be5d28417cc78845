import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, posix, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { readSoundChapter } from '../workbook/grade/labs/chapter.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

describe('one stem for one thing', () => {
  const stems = new Set(
    [...names('docs'), ...names('labs'), ...names('solutions'), ...names('test/labs')]
      .map((name) => /^\d\d-[a-z0-9-]+/.exec(name)?.[0])
      .filter((stem) => stem !== undefined),
  )

  test('there are chapters', () => expect(stems.size).toBeGreaterThan(0))

  test.each([...stems].sort())('%s has a chapter, a lab, a solution, a grader and its wrong programs', (stem) => {
    const parts = [`docs/${stem}.md`, `labs/${stem}`, `solutions/${stem}`, `test/labs/${stem}.test.ts`]
    const missing = [...parts, `test/labs/wrong/${stem}.ts`].filter((part) => !existsSync(join(root, part)))
    expect(missing).toEqual([])
  })
})

// What a page is told of a lab: types, and nothing that runs.
const views = ['workbook/grade/session/views.ts', 'workbook/grade/checks/events.ts', 'workbook/grade/labs/diff.ts']

// Who may import whom, as the README draws it. A folder imports itself and what stands here.
const arrows: Record<string, string[]> = {
  'workbook/wire': [],
  'workbook/sentences': ['workbook/wire/model/sentence.ts'],
  'workbook/view': ['workbook/wire', 'workbook/sentences', 'workbook/grade/checks/events.ts'],
  'workbook/server': ['workbook/wire', 'workbook/sentences'],
  // A program puts rooms together: this one tells the lab server of the labs.
  'workbook/server/main.ts': [
    'workbook/server',
    'workbook/grade/labs',
    'workbook/sentences',
    'workbook/wire/model/sentence.ts',
  ],
  'workbook/grade/labs': ['workbook/wire/model/sentence.ts'],
  'workbook/grade/labs/write-starters.ts': ['workbook/grade/labs', 'workbook/sentences'],
  'workbook/grade/checks': ['workbook/grade/labs', 'workbook/wire', 'workbook/sentences'],
  'workbook/grade/run': ['workbook/grade/checks', 'workbook/grade/labs', 'workbook/wire', 'workbook/sentences'],
  'workbook/grade/session': [
    'workbook/grade/run',
    'workbook/grade/checks',
    'workbook/grade/labs',
    'workbook/wire/model/sentence.ts',
  ],
  'workbook/grade/report': [
    'workbook/grade/session',
    'workbook/grade/run',
    'workbook/grade/checks',
    'workbook/grade/labs',
    'workbook/wire',
    'workbook/sentences',
  ],
  'workbook/grade': ['workbook/wire', 'workbook/sentences'],
  'workbook/site': ['workbook/server', 'workbook/grade', 'workbook/wire', 'workbook/sentences'],
  '.vitepress/theme/composables': ['workbook/view', 'workbook/wire', 'workbook/sentences', ...views],
  '.vitepress/theme/components': [
    '.vitepress/theme/composables',
    'workbook/view',
    'workbook/wire',
    'workbook/sentences',
    ...views,
  ],
  'test/labs': ['#lab', 'workbook/grade/checks', 'workbook/grade/labs/edited-programs.ts', 'workbook/wire'],
}

describe('imports point one way', () => {
  test.each(sources('workbook', '.vitepress/theme', 'test/labs').map((file) => [file]))('%s', (file) => {
    const owner = Object.keys(arrows)
      .filter((folder) => file === folder || file.startsWith(`${folder}/`))
      .sort((a, b) => b.length - a.length)[0]
    if (owner === undefined)
      return expect(file, 'only the theme itself stands outside').toMatch(/^\.vitepress\/theme\//)
    const allowed = [owner, ...arrows[owner]!]
    const wrong = imports(file).filter(
      (target) => !allowed.some((folder) => target === folder || target.startsWith(`${folder}/`)),
    )
    expect(wrong, `${owner} imports itself and: ${arrows[owner]!.join(', ') || 'nothing else'}`).toEqual([])
  })

  test.each(sources('workbook/wire').map((file) => [file]))('%s runs in a browser', (file) => {
    expect(packages(file)).toEqual([])
    expect(code(file)).not.toMatch(/\b(Buffer|process|document|window)\b\s*[.(]/)
  })

  // Of solutions/run.ts nothing is said: it is given to all labs.
  test.each(
    sources('solutions')
      .filter((file) => file.split('/').length > 2)
      .map((file) => [file]),
  )('%s imports Node, its chapter’s packages, itself and the labs it builds on', (file) => {
    const [tree, stem] = file.split('/') as [string, string]
    const { buildsOn, packages: own } = readSoundChapter(root, stem).frontMatter
    const allowed = ['run.ts', stem, ...buildsOn]
    const wrong = imports(file).filter((target) => {
      const [targetTree, targetFolder] = target.split('/') as [string, string]
      return targetTree !== tree || !allowed.includes(targetFolder)
    })
    expect(wrong, `docs/${stem}.md: buildsOn`).toEqual([])
    const foreign = packages(file).filter((name) => !name.startsWith('node:') && !own.includes(name))
    expect(foreign, `docs/${stem}.md: packages`).toEqual([])
  })
})

test.each([
  { name: 'the machinery', folders: ['workbook', '.vitepress', 'bench'] },
  { name: 'the labs', folders: ['solutions'] },
])('no files of $name import each other in a circle', ({ folders }) => {
  expect(circles(sources(...folders))).toEqual([])
})

test('an exported name means one thing', () => {
  const owners = new Map<string, string[]>()
  for (const file of sources('workbook', '.vitepress')) {
    for (const name of new Set(exportedNames(file))) owners.set(name, [...(owners.get(name) ?? []), file])
  }
  expect([...owners].filter(([, files]) => files.length > 1)).toEqual([])
})

test('what is exported is imported somewhere', () => {
  const imported = importedNames(sources('workbook', '.vitepress', 'bench', 'test'))
  const unused = sources('workbook', '.vitepress', 'bench').flatMap((file) => {
    const names = imported.get(file)
    if (names?.has('*')) return []
    return exportedNames(file).flatMap((name) => (names?.has(name) || isFoundByName(name) ? [] : `${file}: ${name}`))
  })
  expect(unused).toEqual([])
})

/** A bench is loaded by its file's name, and a protocol adds its units to this from its own folder. */
const isFoundByName = (name: string) => name === 'contenders' || name === 'UnitKinds'

test('what is installed is imported somewhere', () => {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<
    'dependencies' | 'devDependencies',
    Record<string, string>
  >
  const folders = ['workbook', '.vitepress', 'bench', 'test', 'solutions']
  const imported = new Set(sources(...folders).flatMap((file) => packages(file).map(packageOf)))
  const scripts = readFileSync(join(root, 'package.json'), 'utf8')
  const commands: Record<string, string> = {
    '@biomejs/biome': 'biome check',
    tsx: 'workbook/run.mjs',
    'vue-tsc': 'vue-tsc',
  }
  const isUsed = (name: string) =>
    imported.has(name) || name.startsWith('@types/') || (commands[name] && scripts.includes(commands[name]))
  expect(Object.keys({ ...dependencies, ...devDependencies }).filter((name) => !isUsed(name))).toEqual([])
})

test('the lock file holds no address, and every platform’s package', () => {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { resolved?: string; optionalDependencies?: Record<string, string> }>
  }
  const missing: string[] = []
  for (const [path, entry] of Object.entries(lock.packages)) {
    if (entry.resolved) missing.push(`${path} has an address`)
    for (const name of Object.keys(entry.optionalDependencies ?? {})) {
      if (!holders(path).some((holder) => lock.packages[`${holder}node_modules/${name}`]))
        missing.push(`${name}, wanted by ${path}`)
    }
  }
  expect(missing).toEqual([])
})

/** Groups of files that import each other, directly or in a circle. */
function circles(files: string[]): string[][] {
  const reached = new Map<string, Set<string>>()
  const reach = (file: string): Set<string> => {
    const seen = reached.get(file) ?? new Set<string>()
    if (reached.has(file)) return seen
    reached.set(file, seen)
    const next = imports(file)
    while (next.length > 0) {
      const target = next.pop()!
      if (seen.has(target) || !files.includes(target)) continue
      seen.add(target)
      next.push(...imports(target))
    }
    return seen
  }
  const inCircle = files.filter((file) => reach(file).has(file))
  const groups = inCircle.map((file) => inCircle.filter((other) => reach(file).has(other) && reach(other).has(file)))
  return [...new Map(groups.map((group) => [group.join(' '), group])).values()]
}

/** The names that are imported from each file; `*` when all of it is. */
function importedNames(files: string[]): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>()
  for (const file of files) {
    for (const [, clause = '*', name] of code(file).matchAll(statement)) {
      const target = posix.normalize(posix.join(posix.dirname(file), name!))
      const names = clause.replace(/[{}]|\btype\b/g, ' ').split(',')
      const set = found.get(target) ?? new Set<string>()
      for (const each of names) set.add(each.trim().split(/\s+as\s+/)[0]!)
      found.set(target, set)
    }
  }
  return found
}

/** `import { a, type B as C } from './d.ts'`, `export { a } from './d.ts'`, or `import('./d.ts')` without a clause */
const statement = /\b(?:(?:import|export)\s+([^'";()]*?)\s*\bfrom\s*|import\(\s*)'(\.[^']+)'/g

/** `@scope/name/file` is a file of `@scope/name`. */
function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

/** What a file declares and exports; what it only passes on belongs to another. */
function exportedNames(file: string): string[] {
  const declared = /^export (?:async )?(?:function\*?|class|abstract class|const|interface|type) (\w+)/gm
  return [...code(file).matchAll(declared)].map((match) => match[1]!)
}

/** The folders whose node_modules a package at `path` is looked up in, innermost first. */
function holders(path: string): string[] {
  const found: string[] = []
  for (let at = path; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) found.push(`${at}/`)
  return [...found, '']
}

function names(folder: string): string[] {
  return existsSync(join(root, folder)) ? readdirSync(join(root, folder)) : []
}

/** The `.ts` and `.vue` files below the folders, as `/`-paths from the root. */
function sources(...folders: string[]): string[] {
  return folders
    .flatMap((folder) => readdirSync(join(root, folder), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && /\.(ts|vue)$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
}

function code(file: string): string {
  return readFileSync(join(root, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')
}

function specifiers(file: string): string[] {
  return [...code(file).matchAll(/(?:\bfrom\s*|\bimport\s*\(?\s*)'([^']+)'/g)].map((match) => match[1]!)
}

/** What a file imports from the project, as `/`-paths from the root. */
function imports(file: string): string[] {
  return specifiers(file)
    .filter((name) => name.startsWith('.') || name.startsWith('#'))
    .map((name) => (name.startsWith('#') ? name : posix.normalize(posix.join(posix.dirname(file), name))))
}

function packages(file: string): string[] {
  return specifiers(file).filter((name) => !name.startsWith('.') && !name.startsWith('#'))
}
