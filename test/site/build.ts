import { fileURLToPath } from 'node:url'
import type { TestProject } from 'vitest/node'
import { BuiltPages } from '../../workbook/site/built-pages.ts'
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

/** Serves the built pages for all tests of the site; builds them when they are not those of the sources. A dead link, or a page that throws, ends the run here. */
export default async function buildSite(project: TestProject): Promise<() => Promise<void>> {
  const folder = await new BuiltPages(root).build()
  const browser = await needBrowser({ env: process.env, platform: process.platform, arch: process.arch, root })
  if (!browser) console.log(`${advice} They are skipped.`)

  const site = await serveFolder(folder)
  project.provide('folder', folder)
  project.provide('url', site.url)
  project.provide('browser', browser)
  return site.close
}
