import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readFolder, versionOf } from '../../../workbook/grade/labs/folder.ts'
import { allToLf, toLf } from '../../../workbook/grade/labs/line-ends.ts'

/** A file with the versions of labs at which all their programs were judged rightly, by stem. */
const record = 'test/labs/proven.json'

/** Whether all programs of the lab, as it stands, have been judged rightly before. */
export function isProven(root: string, stem: string): boolean {
  return recorded(root)[stem] === labVersion(root, stem)
}

/** To be called when each of them was. */
export function recordProof(root: string, stem: string): void {
  const versions = Object.entries({ ...recorded(root), [stem]: labVersion(root, stem) }).sort(([a], [b]) =>
    a < b ? -1 : 1,
  )
  writeFileSync(join(root, record), `${JSON.stringify(Object.fromEntries(versions), null, 2)}\n`)
}

function recorded(root: string): Record<string, string> {
  const file = join(root, record)
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}
}

/** Twelve hex digits that differ when the grader does, or one of its programs, or an earlier lab that they build on. */
function labVersion(root: string, stem: string): string {
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
