import { onScopeDispose, type Ref, shallowRef, watch } from 'vue'

/** Screen readers hear of traffic at most this often, in milliseconds. */
const pauseMs = 5000

/** What to announce about a growing count: `12 new frames`, never more often than every five seconds. */
export function useLiveRegion(count: Readonly<Ref<number>>, noun: string) {
  const text = shallowRef('')
  let announced = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  function announce(): void {
    timer = undefined
    const fresh = count.value - announced
    announced = count.value
    if (fresh > 0) text.value = `${fresh} new ${noun}${fresh === 1 ? '' : 's'}`
  }

  watch(count, (now) => {
    if (now < announced) announced = 0
    timer ??= setTimeout(announce, pauseMs)
  })
  onScopeDispose(() => clearTimeout(timer))
  return text
}
