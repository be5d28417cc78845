import { execFile } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, sep } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { root } from '../workbook/grade/labs/tree.ts'
import { obstacle } from '../workbook/obstacle.mjs'

const { engines, scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  engines: { node: string }
  scripts: Record<string, string>
}
const folders = mkdtempSync(join(tmpdir(), 'wirebook-run-'))
afterAll(() => rmSync(folders, { recursive: true }))

describe('the version of Node.js', () => {
  test.each([
    ...['20.19.0', '20.19.1', '20.20.2', '22.12.0', '22.23.1', '23.0.0', '24.0.0', '26.12.0'],
    ...['27.0.0-nightly20261101'],
  ])('%s will do', (version) => expect(obstacle(version, engines.node, '/home/ann/wirebook')).toBeUndefined())

  test.each(['14.21.3', '16.20.2', '18.20.8', '20.9.0', '20.18.9', '21.7.3', '22.0.0', '22.11.9'])(
    '%s will not',
    (version) => {
      expect(obstacle(version, engines.node, '/home/ann/wirebook')).toBe(
        `Wirebook needs Node.js 20.19 or a later 20, or 22.12 or newer, and this is Node.js ${version}. Install a newer one from https://nodejs.org, open a new terminal, and run the command again.`,
      )
    },
  )
})

describe('the name of the folder', () => {
  test.each([
    'with space',
    '100%wire',
    'a%41b',
    '%2F',
    'ünï',
    '日本',
    '[x] (y)',
    'a&b',
    "it's",
    'a,b;c',
    '~a',
    '-a',
    '$HOME',
  ])('%s will do', (name) => expect(obstacle('24.0.0', engines.node, join('/home', name))).toBeUndefined())

  test.each([
    { name: 'C#course', part: '#' },
    { name: 'a%20b', part: '%20' },
    { name: 'a%E3%80%80b', part: '%E3%80%80' },
    // Windows has no such names.
    ...(sep === '/' ? ['what?', 'a:b', 'a\\b'].map((name) => ({ name, part: name.replace(/\w+/g, '') })) : []),
  ])('$name will not', ({ name, part }) => {
    expect(obstacle('24.0.0', engines.node, join('/home', name))).toBe(
      `Wirebook cannot run in the folder ${join('/home', name)}, because npm, tsx and Vite do not all understand the ${part} in its name. Rename the folder or move the workbook to another one, and run the command again.`,
    )
  })
})

test('every script that runs the workbook asks first', () => {
  // These run one tool on the sources, whatever the folder is called.
  const tools = ['lint', 'format', 'typecheck', 'browser']
  const others = Object.entries(scripts).filter(([name]) => !tools.includes(name))
  expect(others.filter(([, command]) => !command.startsWith('node workbook/run.mjs'))).toEqual([])
})

describe('workbook/run.mjs', () => {
  test('says the sentence and nothing else, before it loads what would fail', async () => {
    const folder = join(folders, 'C#course')
    mkdirSync(join(folder, 'workbook'), { recursive: true })
    for (const file of ['package.json', 'workbook/run.mjs', 'workbook/obstacle.mjs']) {
      copyFileSync(join(root, file), join(folder, file))
    }
    const { code, output } = await run(folder, 'workbook/site/start.ts')
    expect(output).toMatch(/^Wirebook cannot run in the folder .*C#course, because .*\n$/)
    expect(code).toBe(1)
  })

  test('without a program it only asks', async () => {
    expect(await run(root)).toEqual({ code: 0, output: '' })
  })

  test('a program gets its words, and its exit code is passed on', async () => {
    const { code, output } = await run(root, 'workbook/grade/main.ts', '99')
    expect(output).toBe('99: expected the number of a lab, such as 01.\n')
    expect(code).toBe(1)
  })
})

function run(folder: string, ...words: string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['workbook/run.mjs', ...words], { cwd: folder }, (error, stdout, stderr) => {
      resolve({ code: Number(error?.code ?? 0), output: stdout + stderr })
    })
  })
}
