import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { copyProject } from '../../test/grade/project-copy.ts'
import { Started } from '../../test/grade/started.ts'
import { findBrowser } from '../../test/site/browser.ts'
import { launch } from '../../test/site/pages.ts'
import { root } from '../../workbook/grade/labs/tree.ts'
import { BuiltPages } from '../../workbook/site/built-pages.ts'
import type { Bench, Comparison, Contender, Start } from '../bench.ts'

// `npm start` and its pages against the tree whose npm start was a development server, on the same machine.

/** The last commit before the pages were built ahead. */
const before = 'aa7b73a'
const verdict = /[✓✗] 12 .* checks pass/

interface Tree {
  folder: string
  remove(): void
}

function treeNow(): Tree {
  return copyProject()
}

function treeBefore(): Tree {
  const folder = mkdtempSync(join(tmpdir(), 'wirebook-before-'))
  const packed = execFileSync('git', ['archive', before], { cwd: root, maxBuffer: 100e6 })
  execFileSync('tar', ['-x', '-C', folder], { input: packed })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction')
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }) }
}

/** A tree in which `npm start` is begun and ended in each round. */
function starting(name: string, open: () => Tree, until: (started: Started) => Promise<unknown>): Start {
  return () => {
    const { folder, remove } = open()
    return {
      name,
      async round() {
        const began = performance.now()
        const started = new Started(folder, ['12', '--plain', '--port', '0'])
        await until(started)
        const cost = (performance.now() - began) / 1000
        started.child.kill('SIGTERM')
        await started.exit
        return { cost }
      },
      close: remove,
    }
  }
}

/** A tree whose `npm start` goes on, and a browser. */
function running(
  name: string,
  open: () => Tree,
  round: (site: string, browser: Browser, pid: number) => Promise<number>,
): Start {
  return async () => {
    const { folder, remove } = open()
    const started = new Started(folder, ['12', '--plain', '--port', '0'])
    const [, site] = await started.line(/Open (http:\/\/localhost:\d+)/)
    started.type('') // the first verdict may have been before the address
    await started.line(verdict)
    const browser = await launch((await browserHere())!)
    const contender: Contender = {
      name,
      round: async () => ({ cost: await round(site!, browser, started.child.pid!) }),
      async close() {
        await browser.close()
        started.child.kill('SIGTERM')
        await started.exit
        remove()
      },
    }
    return contender
  }
}

async function firstAnswer(started: Started): Promise<void> {
  const [, site] = await started.line(/Open (http:\/\/localhost:\d+)/)
  await (await fetch(`${site}/ws-frames`)).text()
}

/** A page of chapter 12 in a browser that knows nothing, until its lab server is found. */
async function opened(
  site: string,
  browser: Browser,
  path: string,
  watch: (page: Page) => unknown = () => {},
): Promise<Page> {
  const page = await (await browser.newContext({ viewport: { width: 1360, height: 900 } })).newPage()
  await page.addInitScript(() => {
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & { value: number })[]) {
        Object.assign(window, { shift: ((window as { shift?: number }).shift ?? 0) + entry.value })
      }
    }).observe({ type: 'layout-shift', buffered: true })
  })
  watch(page)
  await page.goto(site + path)
  await page.getByText('live').first().waitFor()
  return page
}

/** From the request to the first text, in milliseconds. */
async function firstText(site: string, browser: Browser): Promise<number> {
  const page = await opened(site, browser, '/ws-frames')
  const time = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]!.startTime)
  await page.context().close()
  return time
}

async function requests(site: string, browser: Browser): Promise<number> {
  let count = 0
  const page = await opened(site, browser, '/ws-frames', (fresh) => fresh.on('request', () => count++))
  await page.waitForLoadState('networkidle')
  await page.context().close()
  return count
}

async function layoutShift(site: string, browser: Browser): Promise<number> {
  const page = await opened(site, browser, '/decoder')
  await page.waitForLoadState('networkidle')
  const shift = await page.evaluate(() => (window as { shift?: number }).shift ?? 0)
  await page.context().close()
  return Math.max(shift, 0.001) // a ratio needs more than nothing
}

/** Memory of the process and all that it has started, in MiB: what each alone holds, and its part of what is shared. */
async function memory(site: string, browser: Browser, pid: number): Promise<number> {
  const page = await opened(site, browser, '/ws-frames')
  await page.context().close()
  return (
    family(pid).reduce(
      (sum, one) => sum + Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${one}/smaps_rollup`, 'utf8'))?.[1]),
      0,
    ) / 1024
  )
}

function family(pid: number): number[] {
  const children = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && parentOf(name) === pid)
  return [pid, ...children.flatMap((child) => family(Number(child)))]
}

function parentOf(pid: string): number | undefined {
  try {
    return Number(/\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1])
  } catch {
    return undefined // it has just ended
  }
}

/** `npm ci` in a clone, with what npm has kept of the packages. */
function installing(name: string, commit: string): Start {
  return () => {
    const folder = mkdtempSync(join(tmpdir(), 'wirebook-clone-'))
    return {
      name,
      round() {
        rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
        mkdirSync(folder)
        execFileSync('git', ['clone', '-q', root, folder])
        execFileSync('git', ['checkout', '-q', commit], { cwd: folder })
        const began = performance.now()
        const { status } = spawnSync('npm', ['ci', '--prefer-offline', '--no-audit', '--no-progress'], {
          cwd: folder,
          stdio: 'ignore',
        })
        if (status !== 0) throw new Error(`npm ci ended with ${status}`)
        return { cost: (performance.now() - began) / 1000 }
      },
      close: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }),
    }
  }
}

async function skip(): Promise<string | undefined> {
  if (!(await browserHere())) return 'no browser is installed'
  if (!existsSync('/proc/self/smaps_rollup')) return 'it reads /proc'
  await new BuiltPages(root).build()
  return undefined
}

function browserHere() {
  return findBrowser({ env: process.env, platform: process.platform, arch: process.arch, root })
}

const now = 'built pages'
const then = 'Vite'
const rounds = 3
const inBrowser = (name: string, round: Parameters<typeof running>[2], cheaper: number): Comparison => ({
  name,
  own: running(now, treeNow, round),
  peer: running(then, treeBefore, round),
  gate: { cheaper },
  rounds,
  skip,
})
const atStart = (name: string, until: (started: Started) => Promise<unknown>, cheaper: number): Comparison => ({
  name,
  own: starting(now, treeNow, until),
  peer: starting(then, treeBefore, until),
  gate: { cheaper },
  rounds,
  skip,
})

export default {
  title: 'npm start and its pages',
  unit: 'as each line says',
  comparisons: [
    inBrowser('first text of /ws-frames, ms', firstText, 2),
    inBrowser('requests of /ws-frames', requests, 250 / 40),
    inBrowser('layout shift of /decoder', layoutShift, 0.365 / 0.02),
    inBrowser('memory of the whole, MiB', memory, 1 / 0.6),
    atStart('to the first answer of the site, s', firstAnswer, 1 / 0.4),
    atStart('to the first verdict, s', (started) => started.line(verdict), 1 / 0.9),
    {
      name: 'npm ci, s',
      own: installing('with the build', 'HEAD'),
      peer: installing('without', before),
      gate: { dearer: 2 },
      rounds: 3,
      skip,
    },
  ],
} satisfies Bench
