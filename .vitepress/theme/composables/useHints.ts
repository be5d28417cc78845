import { createSharedComposable } from '@vueuse/core'
import { shallowReactive } from 'vue'

/** How many hints of each check the reader has taken, by id of the check; the chapter opens as many beside its text. */
export const useHints = createSharedComposable(() => shallowReactive<Record<string, number>>({}))

/** The hints of a check as the open page has rendered them, the first `count`. */
export function renderedHints(check: string, count: number): string[] {
  const hints = document.querySelectorAll(`[data-hints~="${check}"] [data-hint]`)
  return [...hints].slice(0, count).map((hint) => hint.innerHTML)
}
