import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { CheckInfo } from '../workbook/grade/events.ts'

/**
 * The checks of a lab as its grader's text names them, so that a page without a lab server can list them.
 * Checks whose id is computed are left out; a live run brings the full list.
 *
 * @returns an empty list when the page has no lab
 */
export function readChecks(stem: string): CheckInfo[] {
  const file = fileURLToPath(new URL(`../test/labs/${stem}.test.ts`, import.meta.url))
  return existsSync(file) ? parseChecks(readFileSync(file, 'utf8')) : []
}

/** @param source text of a grader: calls of `check('id', 'title', { todo, anchor, rule }, …)` */
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
