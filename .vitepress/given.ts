import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { CheckInfo } from '../workbook/grade/events.ts'
import { readLabs } from '../workbook/grade/labs.ts'
import type { GivenLab } from './theme/composables/useChapters.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** What a page can say of its lab without a lab server. @returns nothing for a page that is no chapter */
export function readGivenLab(stem: string): GivenLab | undefined {
  const lab = readLabs(root).find((other) => other.stem === stem)
  const grader = `${root}/test/labs/${stem}.test.ts`
  if (!lab || !existsSync(grader)) return undefined
  return { files: lab.files, checks: parseChecks(readFileSync(grader, 'utf8')) }
}

/**
 * The checks that a grader's text names. Those whose id or title is computed are left out; a live run brings them.
 *
 * @param source calls of `check('id', 'title', { todo, anchor, rule }, …)`
 */
export function parseChecks(source: string): CheckInfo[] {
  const call = /\bcheck\(\s*'([a-z0-9-]+)',\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|`([^`$]*)`),\s*\{([^}]*)\}/g
  return [...source.matchAll(call)].map(([, id, single, double, template, meta]) => ({
    id: id!,
    title: (single ?? double ?? template!).replace(/\\(.)/g, '$1'),
    todo: /\btodo:\s*(\[[^\]]*\]|\d+)/.exec(meta!)?.[1]?.match(/\d+/g)?.map(Number) ?? [],
    anchor: /\banchor:\s*['"]([^'"]*)/.exec(meta!)?.[1] ?? '',
    rule: /\brule:\s*(['"])(.*?)\1/.exec(meta!)?.[2] ?? '',
  }))
}
