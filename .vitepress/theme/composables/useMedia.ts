import { useEventListener } from '@vueuse/core'
import { onMounted, shallowRef } from 'vue'

/** Whether a media query matches; `false` until the page has come alive, so that it begins as the server rendered it. */
export function useMedia(query: string) {
  const matches = shallowRef(false)
  onMounted(() => {
    const list = window.matchMedia(query)
    matches.value = list.matches
    useEventListener(list, 'change', () => {
      matches.value = list.matches
    })
  })
  return matches
}
