import { execFile as execFileWithCallback, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { LabOnDisk, stem } from './lab-on-disk.ts'
import { maxWaitMs } from './started.ts'

const execFile = promisify(execFileWithCallback)

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wirebook-trouble-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** What the workbook itself wrote, and the reader did not. */
const starter = /^starter x{100000}$/

test('a workbook that is killed loses no text and leaves none torn', { timeout: 3 * maxWaitMs }, async () => {
  mkdirSync(join(folder, 'labs', stem), { recursive: true })
  const saved = new Set<string>()
  for (const delayMs of [0, 7, 23, 48, 81, 150]) {
    for (const text of await textsUntilKilled(delayMs)) saved.add(text)
    const lab = new LabOnDisk(undefined, folder)
    const reached = [lab.text(), ...lab.all('undo'), ...lab.all('redo')]
    expect([...saved].filter((text) => !reached.includes(text)).map(short), 'lost').toEqual([])
    const torn = reached.filter((text) => !saved.has(text) && !starter.test(text) && !isNextEdit(text))
    expect(torn.map(short), 'torn').toEqual([])
    lab.history.sweep(stem)
    expect(lab.leftovers()).toEqual([])
  }
})

/** The texts that a child printed until it was killed. @param delayMs from its first text on */
async function textsUntilKilled(delayMs: number): Promise<string[]> {
  const program = fileURLToPath(new URL('fixtures/resets-until-killed.ts', import.meta.url))
  const child = spawn(process.execPath, ['--import', 'tsx', program, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
  let printed = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text
  })
  await once(child.stdout, 'data')
  await new Promise((resolve) => setTimeout(resolve, delayMs))
  child.kill('SIGKILL')
  await once(child, 'close')
  return printed.split('\n').slice(0, -1) // the last may be cut
}

/** A text that was in the lab when its printing was cut short. */
function isNextEdit(text: string): boolean {
  return /^(other )?text \d+ x{100000}$/.test(text)
}

function short(text: string): string {
  return `${text.slice(0, 20)}… (${text.length})`
}

test('on a disk that is really full, a reset is whole or a sentence', { timeout: 2 * maxWaitMs }, async (context) => {
  // A file system of 160 kB that nobody else sees; it goes with its process.
  const mount = `mount -t tmpfs -o size=160k tmpfs '${folder}'`
  const trial = spawnSync('unshare', ['-Urm', 'sh', '-c', mount], { encoding: 'utf8' })
  if (trial.status !== 0) {
    const why = `no small file system to fill: ${trial.error?.message ?? trial.stderr.trim()}`
    console.warn(why)
    return context.skip(why)
  }
  const program = fileURLToPath(new URL('fixtures/resets-on-a-full-disk.ts', import.meta.url))
  const run = `${mount} && '${process.execPath}' --import tsx '${program}' '${folder}'`
  const { stdout } = await execFile('unshare', ['-Urm', 'sh', '-c', run])
  const outcomes = JSON.parse(stdout) as Record<'reset' | 'after' | 'undo' | 'undone' | 'leftovers' | 'kept', string>[]
  for (const { reset, after, undo, undone, leftovers, kept } of outcomes) {
    expect([undo, undone, leftovers, kept]).toEqual([
      '',
      'work, work',
      '',
      expect.stringMatching(/^(work(, starter)?)?$/),
    ])
    if (reset === '') expect(after).toBe('starter, starter')
    else expect([after, reset]).toEqual(['work, work', expect.stringContaining(': the disk is full. Make room')])
  }
  const refused = outcomes.filter(({ reset }) => reset !== '').length
  expect(refused, 'fill levels at which it was refused').toBeGreaterThan(5)
  expect(refused).toBeLessThan(outcomes.length)
})
