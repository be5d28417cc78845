import { type ComputedRef, computed, shallowRef } from 'vue'

/**
 * Makes refs of what an object of workbook/view says of itself: `changed` is the callback that the object is given, and
 * `read` a value of it that is looked at anew after each change.
 */
export function useChanges() {
  const version = shallowRef(0)

  function changed(): void {
    version.value++
  }

  function read<Value>(look: () => Value): ComputedRef<Value> {
    return computed(() => {
      void version.value
      return look()
    })
  }

  return { version, changed, read }
}
