import { computed, type InjectionKey, inject, provide, type Ref, shallowRef } from 'vue'
import type { Field } from '../../../workbook/wire/field.ts'

/** A field with the path that names it: `payloadData/statusCode`. The path stays the same from frame to frame. */
export interface FieldEntry {
  key: string
  field: Field
  /** 0 for a field of the unit itself, 1 for its children, … */
  depth: number
}

/** The one selection that bits, bytes, table and text share. */
export interface ActiveField {
  /** every field of the unit, parents before their children, in wire order */
  entries: Readonly<Ref<FieldEntry[]>>
  /** what the pointer is on, or else the focus, or else what is pinned, if this unit has such a field */
  active: Readonly<Ref<FieldEntry | undefined>>
  pinned: Readonly<Ref<string | undefined>>
  /** Previews a field while the pointer is on it; without a key, ends that. */
  hover(key?: string): void
  /** Previews a field while the focus is on it; without a key, ends that. */
  focus(key?: string): void
  /** Keeps a field selected; without a key, none. */
  pin(key?: string): void
  /** The key of the field `steps` after the focused or pinned one; `-Infinity` is the first, `Infinity` the last. */
  next(steps: number): string | undefined
}

const shared: InjectionKey<ActiveField> = Symbol('the active field')

/** Gives the components below one selection over the fields of the unit that is shown. */
export function provideActiveField(fields: Readonly<Ref<Field[]>>, first?: string): ActiveField {
  const entries = computed(() => flatten(fields.value))
  const hovered = shallowRef<string>()
  const focused = shallowRef<string>()
  const pinned = shallowRef<string | undefined>(first)
  const find = (key?: string) => entries.value.find((entry) => entry.key === key)

  const selection: ActiveField = {
    entries,
    pinned,
    active: computed(() => find(hovered.value) ?? find(focused.value) ?? find(pinned.value)),
    hover: (key) => {
      hovered.value = key
    },
    focus: (key) => {
      focused.value = key
    },
    pin: (key) => {
      pinned.value = key
      hovered.value = undefined
      if (key === undefined) focused.value = undefined
    },
    next: (steps) => {
      const top = entries.value.filter((entry) => entry.depth === 0)
      const from = (find(focused.value) ?? find(pinned.value))?.key.split('/')[0]
      const to = top.findIndex((entry) => entry.key === from) + steps
      return top[Math.max(0, Math.min(top.length - 1, to))]?.key
    },
  }
  provide(shared, selection)
  return selection
}

/** The selection of the decoder around this component. */
export function useActiveField(): ActiveField {
  const selection = inject(shared)
  if (!selection) throw new Error('useActiveField: expected a component above to call provideActiveField')
  return selection
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
