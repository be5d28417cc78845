import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setPriority } from 'node:os'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'

/** How much of what a build prints is kept, in characters: its end. */
const maxPrinted = 8000
/** Below what a person waits for: the grader, and the site itself. */
const lowPriority = 10

/**
 * Builds the pages in a process of its own.
 *
 * @param root folder of the project
 * @param folder where the pages go
 * @throws {Error} what VitePress says, in a line, when they do not build
 */
export async function runBuild(root: string, folder: string): Promise<void> {
  // What vitest or a shell sets must not make other pages.
  const { NODE_ENV: _, VITEST: __, NODE_OPTIONS: ___, ...env } = process.env
  const vitepress = join(root, 'node_modules', 'vitepress', 'bin', 'vitepress.js')
  const build = spawn(process.execPath, [vitepress, 'build', '--outDir', folder], { cwd: root, env })
  const kill = () => build.kill('SIGKILL')
  process.once('exit', kill)
  try {
    if (build.pid !== undefined) setPriority(build.pid, lowPriority)
  } catch {
    // It has ended already, or the system does not let us: then it builds as fast as it can.
  }
  let printed = ''
  for (const output of [build.stdout, build.stderr]) {
    output.setEncoding('utf8').on('data', (text: string) => {
      printed = (printed + text).slice(-maxPrinted)
    })
  }
  const [code] = await once(build, 'close')
  process.off('exit', kill)
  if (code !== 0) throw new Error(whatWentWrong(printed) ?? `vitepress build ended with code ${code}`)
}

/** The line in which VitePress says it, before the places in its own code. */
function whatWentWrong(printed: string): string | undefined {
  const text = stripVTControlCharacters(printed).trim()
  return /build error:\s*\n(.+)/.exec(text)?.[1] ?? text.split('\n').at(-1)
}
