import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, posix, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

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

// Who may import whom, as the layout in the README draws it. A folder imports itself and what stands here.
const arrows: Record<string, string[]> = {
  'workbook/wire': [],
  'workbook/server': ['workbook/wire'],
  'workbook/grade': ['workbook/wire', 'workbook/server'],
  workbook: ['workbook/wire', 'workbook/server', 'workbook/grade'],
  '.vitepress/theme/composables': ['workbook/wire', 'workbook/grade/events.ts'],
  '.vitepress/theme/components': ['.vitepress/theme/composables', 'workbook/wire', 'workbook/grade/events.ts'],
  'test/labs': ['#lab', 'workbook/grade', 'workbook/wire'],
}

describe('imports point one way', () => {
  test.each(sources('workbook', '.vitepress/theme', 'test/labs').map((file) => [file]))('%s', (file) => {
    const owner = Object.keys(arrows)
      .filter((folder) => file.startsWith(`${folder}/`))
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

  test.each(sources('solutions').map((file) => [file]))(
    '%s imports Node, its chapter’s package, itself and earlier labs',
    (file) => {
      const [tree, folder] = file.split('/') as [string, string]
      const wrong = imports(file).filter((target) => {
        const [targetTree, targetFolder] = target.split('/') as [string, string]
        if (targetTree !== tree) return true
        return !(targetFolder === 'run.ts' || targetFolder === folder || targetFolder < folder)
      })
      expect(wrong).toEqual([])
      const number = Number(folder.slice(0, 2))
      const own =
        number >= 15
          ? ['ws', 'socket.io', 'socket.io-adapter', 'socket.io-client', '@socket.io/redis-adapter', 'redis']
          : []
      const given = ['@peculiar/x509', 'reflect-metadata']
      const foreign = packages(file).filter(
        (name) => !name.startsWith('node:') && !own.includes(name) && !(number === 9 && given.includes(name)),
      )
      expect(foreign).toEqual([])
    },
  )
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
