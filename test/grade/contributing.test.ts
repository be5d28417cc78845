import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { root } from '../../workbook/grade/labs/tree.ts'
import { copyProject } from './project-copy.ts'

// Does what docs/contributing.md says, in the order in which it says so, and nothing else.

const page = readFileSync(join(root, 'docs', 'contributing.md'), 'utf8')
const project = copyProject()
afterAll(() => project.remove())

type PageStep = { file: string; text: string } | { command: string }

/** The files and the commands of the page. A file is a fence below its name in bold; commands are fences of `sh`. */
function steps(): PageStep[] {
  const fence = /(?:^\*\*`([^`]+)`\*\*\n\n)?^(`{3,})(\w*)\n([\s\S]*?)^\2$/gm
  return [...page.matchAll(fence)].flatMap(([, file, , language, text]): PageStep[] => {
    if (file) return [{ file, text: text! }]
    if (language !== 'sh') return []
    return text!
      .trimEnd()
      .split('\n')
      .map((command) => ({ command }))
  })
}

/** What a command of the page must end with, beside exit code 0. */
const expected: Record<string, { code?: number; prints: RegExp }> = {
  'npm run starters -- 20': { prints: /starters/ },
  'npm run grade -- 20': { code: 1, prints: /✗ 20 What time is it\?.*1 of 3 checks/ },
  'npx vitest run --project solutions test/labs/20-daytime.test.ts': { prints: /3 passed/ },
  'npx vitest run --project workbook test/grade/labs.test.ts test/structure.test.ts -t 20-daytime': {
    prints: /Tests +[1-9]\d* passed/,
  },
}

test('a chapter is added by following the page', { timeout: 300_000 }, () => {
  const commands: string[] = []
  for (const step of steps()) {
    if ('file' in step) {
      const path = join(project.folder, step.file)
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, step.text)
    } else {
      commands.push(step.command)
      const { code = 0, prints } = expected[step.command]!
      const { status, stdout, stderr } = run(step.command)
      expect(stdout, `${step.command}\n${stderr}`).toMatch(prints)
      expect(status, `${step.command}\n${stdout}${stderr}`).toBe(code)
    }
  }
  expect(commands).toEqual(Object.keys(expected))
  const starter = readFileSync(join(project.folder, 'labs', '20-daytime', 'server.ts'), 'utf8')
  expect(starter.match(/TODO \d|#region|starter:/g)).toEqual(['TODO 1', 'TODO 2'])
})

function run(command: string) {
  const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, VITEST: undefined, NODE_OPTIONS: undefined }
  return spawnSync(command, { cwd: project.folder, shell: true, encoding: 'utf8', env })
}
