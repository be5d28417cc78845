import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { compileFunction } from 'node:vm'
import { transformWithOxc } from 'vite'
import type { CheckOptions } from '../workbook/grade/checks/check.ts'
import type { CheckInfo } from '../workbook/grade/checks/events.ts'
import { readLabs } from '../workbook/grade/labs/labs.ts'
import type { GivenLab } from './theme/composables/useChapters.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** What a page can say of its lab without a lab server. @returns nothing for a page that is no chapter */
export async function readGivenLab(stem: string): Promise<GivenLab | undefined> {
  const lab = readLabs(root).find((other) => other.stem === stem)
  const grader = `${root}/test/labs/${stem}.test.ts`
  if (!lab || !existsSync(grader)) return undefined
  return { files: lab.files, checks: await collectChecks(readFileSync(grader, 'utf8')) }
}

/**
 * The checks of a grader, in order. Its text is run with `check` noting what it is told; all else that it imports does
 * nothing, so no lab is loaded and no check is carried out.
 *
 * @param source a grader in TypeScript
 */
export async function collectChecks(source: string): Promise<CheckInfo[]> {
  const { code } = await transformWithOxc(source, 'grader.ts', { target: 'node20' })
  const imports = /^import\s+(?:([^'"]*?)\s+from\s+)?['"][^'"]*['"];?$/gm
  const imported = [...code.matchAll(imports)].flatMap(([, clause]) => clause?.match(/[\w$]+(?=\s*(?:,|\}|$))/g) ?? [])
  const names = [...imported, 'JSON'] // a recording that is read from a file is nothing, too

  const checks: CheckInfo[] = []
  const check = (id: string, title: string, { todo = [], anchor, rule }: CheckOptions) =>
    checks.push({ id, title, todo: [todo].flat(), anchor, rule })
  const run = compileFunction(`return (async () => {${code.replace(imports, '')}\n})()`, names)
  await run(...names.map((name) => (name === 'check' ? check : nothing)))
  return checks
}

/** Can be called, constructed, read and looped over, and nothing comes of it. */
const nothing: object = new Proxy(() => {}, {
  get: (_, key) => {
    if (key === 'then') return undefined
    if (key === Symbol.iterator) return function* () {}
    return key === Symbol.toPrimitive ? () => '' : nothing
  },
  apply: () => nothing,
  construct: () => nothing,
})
