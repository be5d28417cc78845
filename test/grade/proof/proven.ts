import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readFolder, versionOf } from '../../../workbook/grade/labs/folder.ts'
import { allToLf, toLf } from '../../../workbook/grade/labs/line-ends.ts'
import { root } from '../../../workbook/grade/labs/tree.ts'

/** The versions of labs at which all their programs were judged rightly, by stem. `npm run prove` writes it. */
const record = join(root, 'test', 'labs', 'proven.json')

/** Whether all programs of the lab, as it stands, have been judged rightly before. */
export function isProven(stem: string): boolean {
  return recorded()[stem] === labVersion(stem)
}

/** To be called when each of them was. */
export function recordProof(stem: string): void {
  const versions = Object.entries({ ...recorded(), [stem]: labVersion(stem) }).sort(([a], [b]) => (a < b ? -1 : 1))
  writeFileSync(record, `${JSON.stringify(Object.fromEntries(versions), null, 2)}\n`)
}

function recorded(): Record<string, string> {
  return existsSync(record) ? JSON.parse(readFileSync(record, 'utf8')) : {}
}

/** Twelve hex digits that differ when the grader does, or one of its programs, or an earlier lab that they build on. */
function labVersion(stem: string): string {
  const hash = createHash('sha256')
  for (const path of [`${stem}.test.ts`, `wrong/${stem}.ts`, `right/${stem}.ts`]) {
    const file = join(root, 'test', 'labs', path)
    if (existsSync(file)) hash.update(path).update(toLf(readFileSync(file)))
  }
  const stems = new Set([stem])
  // A set may grow while it is walked, and every new entry is visited.
  for (const each of stems) {
    const files = allToLf(readFolder(join(root, 'solutions', each)))
    hash.update(`${each} ${versionOf(files)}`)
    const text = [...files.values()].join()
    for (const [, other] of text.matchAll(/['"](?:\.\.\/)+(\d\d-[a-z0-9-]+)\//g)) stems.add(other!)
  }
  return hash.digest('hex').slice(0, 12)
}
