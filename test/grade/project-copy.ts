import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, sep } from 'node:path'
import { root } from '../../workbook/grade/labs/tree.ts'

const left = ['node_modules', '.git', '.wirebook', '.browser', '.vitepress/cache', '.vitepress/dist']

/** The project in a folder of its own, with the packages of the original. */
export function copyProject(): { folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'wirebook-copy-'))
  const filter = (source: string) => !left.includes(relative(root, source).split(sep).join('/'))
  cpSync(root, folder, { recursive: true, filter })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction')
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }) }
}
