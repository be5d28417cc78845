import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { pageSteps, writeInto } from './contributing-page.ts'
import { copyProject } from './project-copy.ts'

// Does what docs/contributing.md says, in the order in which it says so, and nothing else.

const project = copyProject()
afterAll(() => project.remove())

/** What a command of the page must end with, beside exit code 0. */
const expected: Record<string, { code?: number; prints: RegExp }> = {
  'npm run starters -- 20': { prints: /starters/ },
  'npm run grade -- 20': { code: 1, prints: /✗ 20 What time is it\?.*1 of 3 checks/ },
  'npx vitest run --project solutions test/labs/20-daytime.test.ts': { prints: /3 passed/ },
  'npm run prove -- 20': { prints: /✓ 20-daytime is proven: 3 checks, 2 TODOs, 1 wrong and 0 right programs\./ },
}

test('a chapter is added by following the page', { timeout: 300_000 }, () => {
  const commands: string[] = []
  for (const step of pageSteps()) {
    if ('file' in step) {
      writeInto(project.folder, step.file, step.text)
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
