import { useEventListener, useLocalStorage } from '@vueuse/core'
import { onMounted, shallowRef } from 'vue'

/**
 * Single-letter keys of the workbench. They rest while a field for text has the focus, and can be turned off for good
 * (WCAG 2.1.4): a spoken word would otherwise press several.
 */
export function useDecoderKeys(actions: Record<string, () => void>) {
  const stored = useLocalStorage('wirebook-decoder-keys', true)
  const ready = shallowRef(false)
  onMounted(() => {
    ready.value = true
  })

  useEventListener(
    typeof document === 'undefined' ? undefined : document,
    'keydown',
    (event: KeyboardEvent) => {
      if (!stored.value || !ready.value || event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented)
        return
      if (typing(event.target)) return
      const action = actions[event.key]
      if (!action) return
      event.preventDefault()
      event.stopImmediatePropagation()
      action()
    },
    { capture: true },
  )

  return stored
}

function typing(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.closest('input, textarea, select, dialog') !== null)
  )
}
