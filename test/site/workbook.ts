import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { answerFiles } from '../../workbook/grade/labs/diff.ts'
import { starterFiles } from '../../workbook/grade/labs/lab-files.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const parts = [
  '.vitepress',
  'docs',
  'labs',
  'solutions',
  'test',
  'workbook',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'vitest.config.ts',
]

/** `npm start` in a copy of the project, so that a test may edit labs. */
export interface RunningWorkbook {
  /** `http://localhost:41233` */
  url: string
  folder: string
  /** everything that the terminal has shown */
  printed(): string
  /** The first match in what the terminal shows from `since` on. @throws {Error} after a minute, with what it showed */
  shows(pattern: RegExp, since?: number): Promise<RegExpExecArray>
  /** Types into the terminal. */
  type(keys: string): void
  /** As a closed terminal window does; returns when the process is gone. */
  close(): Promise<void>
}

/** @param lab the one to begin with, `12-ws-frames`; it is as the reader finds it, whatever `labs/` holds now */
export async function startWorkbook(lab: string): Promise<RunningWorkbook> {
  const folder = copyProject()
  for (const [file, bytes] of starterFiles(root, lab)) writeFileSync(join(folder, 'labs', lab, file), bytes)

  const { NODE_ENV: _, VITEST: __, ...env } = process.env
  const arguments_ = ['--import', 'tsx', 'workbook/site/start.ts', lab, '--plain', '--port', '0']
  const child = spawn(process.execPath, arguments_, { cwd: folder, env })
  const closed = once(child, 'close')
  let text = ''
  const listeners = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (more: string) => {
      text += more
      for (const listener of listeners) listener()
    })
  }

  function shows(pattern: RegExp, since = 0): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => done(), 60_000)
      const look = () => {
        const match = pattern.exec(text.slice(since))
        if (match) done(match)
      }
      const done = (match?: RegExpExecArray) => {
        clearTimeout(timer)
        listeners.delete(look)
        if (match) resolve(match)
        else reject(new Error(`expected the terminal to show ${pattern}, received:\n${text.slice(since)}`))
      }
      listeners.add(look)
      look()
    })
  }

  async function close(): Promise<void> {
    child.kill('SIGTERM')
    await closed
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }

  const workbook = { folder, printed: () => text, shows, type: (keys: string) => child.stdin.write(keys), close }
  try {
    const [, url] = await shows(/Open (http:\/\/[^/\s]+)/)
    return { ...workbook, url: url! }
  } catch (error) {
    await close()
    throw error
  }
}

function copyProject(): string {
  const folder = mkdtempSync(join(tmpdir(), 'wirebook-'))
  const isMade = (path: string) => /^\.vitepress[\\/](cache|dist|\.temp)/.test(relative(root, path))
  for (const part of parts)
    cpSync(join(root, part), join(folder, part), { recursive: true, filter: (path) => !isMade(path) })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction')
  return folder
}

/** Writes files of a lab's solution into the copy's lab, as an editor's save does. @param change edits their text */
export function writeSolution(workbook: RunningWorkbook, lab: string, change = (text: string) => text): void {
  for (const [file, bytes] of answerFiles(root, lab)) {
    writeFileSync(join(workbook.folder, 'labs', lab, file), change(String(bytes)))
  }
}
