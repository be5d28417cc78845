import { useIntervalFn } from '@vueuse/core'
import { computed, type Ref, watch } from 'vue'
import type { MirrorClient } from '../../../workbook/view/mirror-client.ts'
import type { LabState } from '../../../workbook/view/notice.ts'
import type { Target } from '../../../workbook/wire/formats/mirror-messages.ts'

/** How often to look for a server that does not listen yet, in milliseconds. */
const lookEveryMs = 2000

/** Notices when the server of a target is started: as long as it does not listen, the lab server looks again and again. */
export function useTargetLook(
  mirror: Pick<MirrorClient, 'command'>,
  state: Readonly<Ref<LabState>>,
  target: Readonly<Ref<Target | undefined>>,
): void {
  const wanted = computed(() => state.value === 'live' && target.value?.listening === false)
  // At this one alone: a knock at every lab's port is not for nothing there.
  const look = () => {
    mirror.command({ type: 'targets', target: target.value?.id }).catch(() => undefined) // the state says when the lab server is gone
  }
  const { pause, resume } = useIntervalFn(look, lookEveryMs, { immediate: false })
  watch(wanted, (now) => (now ? resume() : pause()), { immediate: true })
}
