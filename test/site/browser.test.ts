import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { findBrowser, needBrowser } from './browser.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

/** A folder with these files in it, all empty unless they have a text. */
function folderWith(files: Record<string, string> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'wirebook-browser-'))
  folders.push(folder)
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(join(folder, file, '..'), { recursive: true })
    writeFileSync(join(folder, file), text)
  }
  return folder
}

const bare = { env: {}, platform: 'linux', arch: 'arm64', root: folderWith() } as const

test('WIREBOOK_CHROMIUM goes first', async () => {
  const folder = folderWith({ mine: '', chromium: '' })
  const env = { WIREBOOK_CHROMIUM: join(folder, 'mine'), PATH: folder }
  expect((await findBrowser({ ...bare, env }))?.executablePath).toBe(join(folder, 'mine'))
})

test('WIREBOOK_CHROMIUM that names no file is told', async () => {
  const env = { WIREBOOK_CHROMIUM: '/no/such/browser' }
  await expect(findBrowser({ ...bare, env })).rejects.toThrow('there is no file /no/such/browser')
})

test('then what is installed', async () => {
  const folder = folderWith({ 'google-chrome': '' })
  expect((await findBrowser({ ...bare, env: { PATH: folder } }))?.executablePath).toBe(join(folder, 'google-chrome'))
})

test('then what npm run browser has fetched', async () => {
  const index = "export default { executablePath: async () => '/packaged' }"
  const root = folderWith({
    '.browser/node_modules/@sparticuz/chromium/package.json': '{ "type": "module" }',
    '.browser/node_modules/@sparticuz/chromium/build/esm/index.js': index,
  })
  expect((await findBrowser({ ...bare, root }))?.executablePath).toBe('/packaged')
})

test('none: that is all right for a person, and a failure in CI', async () => {
  expect(await needBrowser(bare)).toBeUndefined()
  await expect(needBrowser({ ...bare, env: { CI: 'true' } })).rejects.toThrow('install Chrome, Chromium or Edge')
})
