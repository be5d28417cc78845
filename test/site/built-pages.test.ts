import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { say } from '../../workbook/sentences/say.ts'
import { Pages } from '../../workbook/server/pages.ts'
import { BuiltPages } from '../../workbook/site/built-pages.ts'
import { servePages } from '../../workbook/site/serve-pages.ts'

// When pages are built, and when not: with a build that only writes down that it ran.
let root = ''
let builds = 0
let hold: Promise<void> | undefined
let trouble: string | undefined

const build = async (_: string, folder: string) => {
  builds++
  mkdirSync(folder, { recursive: true })
  await hold
  writeFileSync(join(folder, 'index.html'), readFileSync(join(root, 'docs', 'index.md')))
  if (trouble) throw new Error(trouble)
  writeFileSync(join(folder, '404.html'), '')
}
const pages = () => new BuiltPages(root, build)
const write = (text: string) => writeFileSync(join(root, 'docs', 'index.md'), text)
const shown = (folder: string | undefined) => folder && readFileSync(join(folder, 'index.html'), 'utf8')

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'wirebook-built-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  mkdirSync(join(root, 'docs'))
  write('one')
  builds = 0
  hold = trouble = undefined
})

test('pages are built once, and again when a source is another one', async () => {
  expect(pages().newest()).toBeUndefined()
  expect(shown(await pages().build())).toBe('one')
  await pages().build()
  expect(builds).toBe(1)
  expect(pages().isCurrent()).toBe(true)

  write('two')
  expect(pages().isCurrent()).toBe(false)
  expect(shown(pages().newest()), 'the old ones are there meanwhile').toBe('one')
  expect(shown(await pages().build())).toBe('two')

  write('one')
  expect(shown(await pages().build())).toBe('one')
  expect(builds, 'they were kept').toBe(2)
  expect(shown(pages().newest())).toBe('one')
})

test('what a build or an editor leaves is no source', async () => {
  await pages().build()
  for (const file of [
    '.vitepress/cache/x',
    '.vitepress/dist/x',
    '.vitepress/.temp/x',
    'docs/.#index.md',
    'labs/x.ts',
  ]) {
    mkdirSync(join(root, file, '..'), { recursive: true })
    writeFileSync(join(root, file), 'new')
  }
  expect(pages().isCurrent()).toBe(true)
})

test('two at once are one build, and a build that was killed holds up nobody', async () => {
  mkdirSync(join(root, '.vitepress', 'pages'), { recursive: true })
  writeFileSync(join(root, '.vitepress', 'pages', 'building'), '999999999')
  const [a, b] = await Promise.all([pages().build(), pages().build()])
  expect(a).toBe(b)
  expect(builds).toBe(1)
  expect(readdirSync(join(root, '.vitepress', 'pages'))).toHaveLength(1)
})

test('a build that fails leaves nothing that could be taken for pages', async () => {
  trouble = 'docs/index.md: no such thing'
  await expect(pages().build()).rejects.toThrow('no such thing')
  expect(pages().newest()).toBeUndefined()
  expect(readdirSync(join(root, '.vitepress', 'pages'))).toEqual([])
})

test('npm start says what it builds, serves the old ones meanwhile, and the new ones without a restart', async () => {
  const said: string[] = []
  const used: (string | undefined)[] = []
  let lost: (() => void) | undefined
  const served = Object.assign(new Pages(), {
    use: (folder: string) => used.push(shown(folder)),
    whenLost: (listener: () => void) => (lost = listener),
  })
  const serve = () => servePages(served, pages(), (words) => said.push(say(words)))
  await serve()
  expect(used).toEqual(['one'])
  await serve()
  expect(used).toEqual(['one', 'one'])
  write('two')
  await serve()
  expect(used.slice(2)).toEqual(['one', 'two'])
  expect(said).toEqual([
    'The pages are not built yet: building them now. The grader works already.',
    'The pages are ready.',
    'The pages are older than the project: building them anew. Until then you see the old ones.',
    'The pages are built anew: reload them in the browser.',
  ])
  lost!()
  await expect.poll(() => used.length).toBe(5)
  expect(used.at(-1), 'somebody has removed a file').toBe('two')
  write('three')
  trouble = 'Error: a dead link'
  await serve()
  expect(said.at(-1)).toBe(
    'The pages could not be built (Error: a dead link). The grader works without them, and npm run build shows more.',
  )
  expect(existsSync(pages().newest()!)).toBe(true)
})
