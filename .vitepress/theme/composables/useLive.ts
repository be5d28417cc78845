import { tryOnScopeDispose } from '@vueuse/core'
import { computed } from 'vue'
import { type LiveListener, type LiveOptions, LiveSession, type RawWrite } from '../../../workbook/view/live-session.ts'
import { labDoor } from './labDoor.ts'
import { useChanges } from './useChanges.ts'
import { channelRefs } from './useLab.ts'
import { useTargetLook } from './useTargetLook.ts'

/** Watches one target through its tap, and speaks to it. It begins with `connect()`, in the browser. */
export function useLive(listener: Omit<LiveListener, 'changed'>, options?: LiveOptions) {
  const { changed, read } = useChanges()
  const session = new LiveSession(labDoor, { ...listener, changed }, options)
  const channel = channelRefs(session.mirror.channel, read)
  const target = read(() => session.target)
  const targetId = read(() => session.targetId)
  useTargetLook(session.mirror, channel.state, target)
  tryOnScopeDispose(() => session.close())

  return {
    ...channel,
    outdated: read(() => session.mirror.outdated),
    targets: read(() => session.mirror.targets),
    target,
    targetId: computed({
      get: () => targetId.value,
      set: (id) => {
        session.targetId = id
      },
    }),
    isRaw: read(() => session.isRaw),
    isEngine: read(() => session.isEngine),
    isSilent: read(() => session.isSilent),
    watching: read(() => session.watching),
    speaking: read(() => session.speaking),
    events: read(() => session.browser.events),
    trouble: read(() => session.trouble),
    paused: read(() => session.paused),
    held: read(() => session.held),
    start: () => session.start(),
    stop: () => session.stop(),
    pause: () => session.pause(),
    resume: () => session.resume(),
    send: (data: string | Uint8Array<ArrayBuffer>) => session.send(data),
    write: (by: 'client' | 'server', written: RawWrite) => session.write(by, written),
    closeBrowser: (code: number | undefined, reason: string) => session.closeBrowser(code, reason),
  }
}

export type Live = ReturnType<typeof useLive>
