import type { Field } from '../wire/model/field.ts'

/** A field with the path that names it: `payloadData/statusCode`. The path stays the same from frame to frame. */
export interface FieldEntry {
  key: string
  field: Field
  /** 0 for a field of the unit itself, 1 for its children, … */
  depth: number
}

/** The fields and their children in one list, each with its path. */
export function flatten(fields: Field[], above = '', depth = 0): FieldEntry[] {
  const seen = new Map<string, number>()
  return fields.flatMap((field) => {
    const count = (seen.get(field.name) ?? 0) + 1
    seen.set(field.name, count)
    // A header or a TLS extension may stand there twice.
    const key = above + field.name + (count > 1 ? ` ${count}` : '')
    return [{ key, field, depth }, ...flatten(field.children ?? [], `${key}/`, depth + 1)]
  })
}

/** True when `key` is the field named by `other`, or one of its children. */
export function within(key: string | undefined, other: string): boolean {
  return key === other || (key?.startsWith(`${other}/`) ?? false)
}

/**
 * The key of the field of the unit itself that lies some steps after another one; a child counts as its parent.
 *
 * @param key of the field to begin at; none begins before the first
 * @param steps `-Infinity` is the first, `Infinity` the last
 */
export function stepFrom(entries: FieldEntry[], key: string | undefined, steps: number): string | undefined {
  const top = entries.filter(({ depth }) => depth === 0)
  const to = top.findIndex((entry) => entry.key === key?.split('/')[0]) + steps
  return top[Math.max(0, Math.min(top.length - 1, to))]?.key
}
