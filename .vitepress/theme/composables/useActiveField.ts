import { computed, type InjectionKey, inject, provide, type Ref, shallowRef } from 'vue'
import { type FieldEntry, flatten, stepFrom } from '../../../workbook/view/field-entries.ts'
import type { Field } from '../../../workbook/wire/model/field.ts'

/** The one selection that bits, bytes, table and text share. */
interface ActiveField {
  /** every field of the unit, parents before their children, in wire order */
  entries: Readonly<Ref<FieldEntry[]>>
  /** the field that the pointer is on, or else the focus, or else what is pinned, if this unit has such a field */
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
    next: (steps) => stepFrom(entries.value, (find(focused.value) ?? find(pinned.value))?.key, steps),
  }
  provide(shared, selection)
  return selection
}

/** The selection of the decoder around this component. @throws {Error} when there is none */
export function useActiveField(): ActiveField {
  const selection = inject(shared)
  if (!selection) throw new Error('useActiveField: expected a component above to call provideActiveField')
  return selection
}
