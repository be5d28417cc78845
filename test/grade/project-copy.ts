import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, sep } from 'node:path'
import { root } from '../../workbook/grade/labs/tree.ts'

const left = ['node_modules', '.git', '.wirebook', '.browser', '.vitepress/cache', '.vitepress/dist']

/** A folder's name that is easily misread when a path becomes an address or a pattern. */
const oddName = '100% a%41b [x] (y)'

/** The project in a folder of its own, with the packages of the original. */
export function copyProject(): { folder: string; remove(): void } {
  const parent = mkdtempSync(join(tmpdir(), 'wirebook-copy-'))
  const folder = join(parent, oddName)
  const filter = (source: string) => !left.includes(relative(root, source).split(sep).join('/'))
  cpSync(root, folder, { recursive: true, filter })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction')
  return { folder, remove: () => rmSync(parent, { recursive: true, force: true, maxRetries: 5 }) }
}
