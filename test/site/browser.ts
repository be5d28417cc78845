import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** How to launch a browser for the tests. */
export interface FoundBrowser {
  executablePath: string
  args: string[]
  env: Record<string, string>
}

export interface Machine {
  env: NodeJS.ProcessEnv
  platform: NodeJS.Platform
  arch: string
  /** folder of the project, which may hold `.browser/` */
  root: string
}

/**
 * The first of: the file that WIREBOOK_CHROMIUM names, an installed Chrome, Chromium or Edge, the Chromium that
 * `npm run browser` has put into `.browser/`.
 *
 * @throws {Error} when WIREBOOK_CHROMIUM names no file
 */
export async function findBrowser(machine: Machine): Promise<FoundBrowser | undefined> {
  const named = machine.env.WIREBOOK_CHROMIUM
  if (named && !existsSync(named))
    throw new Error(`WIREBOOK_CHROMIUM: expected a browser, but there is no file ${named}.`)
  const installed = named || candidates(machine).find((path) => existsSync(path))
  if (installed) return { executablePath: installed, args: sandbox(), env: {} }
  return packaged(machine.root)
}

/**
 * Like {@link findBrowser}, but on Linux x64 a browser that is missing is fetched once into `.browser/` (70 MB), and
 * with CI set it is an error that there is none.
 */
export async function needBrowser(machine: Machine): Promise<FoundBrowser | undefined> {
  const found = await findBrowser(machine)
  if (found) return found
  if (machine.platform === 'linux' && machine.arch === 'x64') {
    console.log('There is no browser here: fetching Chromium into .browser/ …')
    spawnSync('npm', ['run', '--silent', 'browser'], { cwd: machine.root, stdio: 'inherit' })
    const fetched = await packaged(machine.root)
    if (fetched) return fetched
  }
  if (machine.env.CI) throw new Error(`CI is set, so the browser tests must run. ${advice}`)
  return undefined
}

export const advice =
  'No browser was found: install Chrome, Chromium or Edge, or let WIREBOOK_CHROMIUM name one; the tests in a browser need it.'

function candidates({ env, platform }: Machine): string[] {
  if (platform === 'darwin') {
    const apps = ['Google Chrome', 'Chromium', 'Microsoft Edge']
    return apps.map((app) => `/Applications/${app}.app/Contents/MacOS/${app}`)
  }
  if (platform === 'win32') {
    const folders = [env.PROGRAMFILES, env['PROGRAMFILES(X86)'], env.LOCALAPPDATA].filter(
      (folder) => folder !== undefined,
    )
    const files = ['Google\\Chrome\\Application\\chrome.exe', 'Microsoft\\Edge\\Application\\msedge.exe']
    return files.flatMap((file) => folders.map((folder) => join(folder, file)))
  }
  // Without a window of its own a browser takes a quarter less of a small machine.
  const names = [
    'chromium-headless-shell',
    'chromium',
    'chromium-browser',
    'google-chrome',
    'google-chrome-stable',
    'microsoft-edge',
  ]
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
  return names.flatMap((name) => folders.map((folder) => join(folder, name)))
}

/** Chromium's sandbox refuses to start for root. */
function sandbox(): string[] {
  return process.getuid?.() === 0 ? ['--no-sandbox'] : []
}

async function packaged(root: string): Promise<FoundBrowser | undefined> {
  const file = join(root, '.browser/node_modules/@sparticuz/chromium/build/esm/index.js')
  if (!existsSync(file)) return undefined
  // Makes the package unpack the libraries that a bare system lacks, and name them in LD_LIBRARY_PATH.
  process.env.AWS_EXECUTION_ENV ??= 'AWS_Lambda_nodejs20.x'
  const chromium: { default: { executablePath(): Promise<string> } } = await import(pathToFileURL(file).href)
  const executablePath = await chromium.default.executablePath()
  const libraries = process.env.LD_LIBRARY_PATH
  return {
    executablePath,
    args: ['--no-sandbox', '--disable-gpu'],
    env: libraries ? { LD_LIBRARY_PATH: libraries } : {},
  }
}
