import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { root } from '../../workbook/grade/labs/tree.ts'
import { runs, until } from './processes-left.ts'

// As npm does it: itself, a shell that waits, and in it the program.
const command = '"$NODE" --import tsx test/grade/fixtures/npm-child.ts; true'
const asNpm = `require('node:child_process').spawn('sh', ['-c', ${JSON.stringify(command)}], { stdio: 'inherit' })`

test.skipIf(process.platform === 'win32')(
  'a program ends when npm, which has started its shell, is killed',
  async () => {
    const env = { ...process.env, NODE: process.execPath, npm_lifecycle_event: 'start' }
    const npm = spawn(process.execPath, ['-e', asNpm], { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'] })
    const lines = createInterface(npm.stdout)
    const pid = Number(await new Promise((resolve) => lines.once('line', resolve)))
    expect(runs(pid)).toBe(true)
    npm.kill('SIGKILL')
    await until(() => !runs(pid))
  },
)
