import { createSharedComposable } from '@vueuse/core'
import { shallowReactive } from 'vue'

/** The hints of the open chapter: its blocks put their text in, the lab's panel says how many were taken. */
export const useHints = createSharedComposable(() => ({
  /** the three hints as the chapter rendered them, in HTML, by id of the check */
  texts: shallowReactive<Record<string, string[]>>({}),
  /** how many of them the reader has taken, by id of the check */
  taken: shallowReactive<Record<string, number>>({}),
}))
