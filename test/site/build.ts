import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { TestProject } from 'vitest/node'
import { advice, type FoundBrowser, needBrowser } from './browser.ts'
import { serveFolder } from './serve.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** folder of the built site */
    folder: string
    /** where it is served, `http://127.0.0.1:41233` */
    url: string
    /** none on a machine without one */
    browser: FoundBrowser | undefined
  }
}

const root = fileURLToPath(new URL('../../', import.meta.url))

/** Builds the site once for all tests of the site and serves it. A page that throws, or a dead link, ends the run here. */
export default async function buildSite(project: TestProject): Promise<() => Promise<void>> {
  const folder = join(root, '.wirebook', 'site')
  await buildInto(folder)
  const browser = await needBrowser({ env: process.env, platform: process.platform, arch: process.arch, root })
  if (!browser) console.log(`${advice} They are skipped.`)

  const site = await serveFolder(folder)
  project.provide('folder', folder)
  project.provide('url', site.url)
  project.provide('browser', browser)
  return site.close
}

/** @throws {Error} with what VitePress printed */
export async function buildInto(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true })
  const { NODE_ENV: _, ...env } = process.env
  const vitepress = join(root, 'node_modules/vitepress/bin/vitepress.js')
  const build = spawn(process.execPath, [vitepress, 'build', '--outDir', folder], { cwd: root, env })
  let printed = ''
  build.stdout.on('data', (text) => {
    printed += text
  })
  build.stderr.on('data', (text) => {
    printed += text
  })
  const [code] = await once(build, 'close')
  if (code !== 0) throw new Error(`The site does not build:\n${printed}`)
}
