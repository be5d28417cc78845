import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, inject, test } from 'vitest'
import { pagesOf } from './pages.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const folder = inject('folder')

/** The built page at an address of the site. */
function built(path: string): string {
  return readFileSync(join(folder, path === '/' ? 'index.html' : `${path.slice(1)}.html`), 'utf8')
}

describe.each(pagesOf(folder))('%s', (path) => {
  const html = built(path)

  test('links lead to pages, files and headings that exist', () => {
    const links = [...html.matchAll(/<a\b[^>]*\shref="([^"]*)"/g)].map(([, href]) => href!.replaceAll('&amp;', '&'))
    const broken = [...new Set(links)].filter((href) => {
      const target = new URL(href, `http://site${path}`)
      if (target.host !== 'site') return false
      if (target.pathname !== '/' && existsSync(join(folder, target.pathname)) && target.hash === '') return false
      if (!pagesOf(folder).includes(target.pathname)) return true
      const id = decodeURIComponent(target.hash.slice(1))
      return id !== '' && !built(target.pathname).includes(`id="${id}"`)
    })
    expect(broken).toEqual([])
  })

  test('code ends where it should: a backtick in it needs two around it', () => {
    const prose = html.replaceAll(/<(script|style|code|pre)\b[\s\S]*?<\/\1>/g, '').replaceAll(/<[^>]*>/g, '')
    expect(prose.match(/.{0,60}(?:\$\{|`).{0,60}/g) ?? []).toEqual([])
  })

  test('says what it is, and lets nothing out of the machine', () => {
    expect(html).toMatch(/<title>[^<]+<\/title>/)
    expect(html).toMatch(/<meta name="description" content="[^"]+">/)
    expect(html).toContain("connect-src 'self' ws://127.0.0.1:* ws://localhost:*;")
  })
})

const chapters = readdirSync(join(root, 'docs')).filter((name) => /^\d\d-/.test(name))

describe.each(chapters)('docs/%s', (name) => {
  const markdown = readFileSync(join(root, 'docs', name), 'utf8')

  test('uses components that exist', () => {
    const text = markdown.replaceAll(/```[\s\S]*?```|`[^`]*`/g, '')
    const used = [...text.matchAll(/<([A-Z]\w+)/g)].map(([, component]) => `${component}.vue`)
    const files = readdirSync(join(root, '.vitepress/theme/components'), { recursive: true, encoding: 'utf8' })
    expect(used.filter((file) => !files.some((path) => path.split(/[\\/]/).at(-1) === file))).toEqual([])
  })
})
