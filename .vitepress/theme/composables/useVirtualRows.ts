import { useElementSize, useScroll } from '@vueuse/core'
import { computed, type MaybeRefOrGetter, type Ref, toValue } from 'vue'

/** Rows up to this many are simply all there: nothing to gain, and find-in-page works. */
const maxRowsDrawn = 200

/**
 * The rows of a long list that are in sight, for rows of one fixed height.
 *
 * @param scroller the element that scrolls
 * @param count how many rows there are
 * @param height of a row in pixels
 */
export function useVirtualRows(
  scroller: Readonly<Ref<HTMLElement | null>>,
  count: MaybeRefOrGetter<number>,
  height: MaybeRefOrGetter<number>,
) {
  const { y } = useScroll(scroller)
  const { height: seen } = useElementSize(scroller)
  const few = computed(() => toValue(count) <= maxRowsDrawn)
  const from = computed(() => (few.value ? 0 : Math.max(0, Math.floor(y.value / toValue(height)) - 4)))
  const to = computed(() =>
    few.value ? toValue(count) : Math.min(toValue(count), Math.ceil((y.value + seen.value) / toValue(height)) + 4),
  )

  /** Scrolls as little as it takes to have row `index` in sight. */
  function reveal(index: number) {
    const element = scroller.value
    if (!element) return
    const top = index * toValue(height)
    if (top < element.scrollTop) element.scrollTop = top
    const below = top + toValue(height) - element.clientHeight
    if (below > element.scrollTop) element.scrollTop = below
  }

  return { from, to, total: computed(() => toValue(count) * toValue(height)), reveal }
}
