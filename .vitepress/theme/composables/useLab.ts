import { tryOnScopeDispose } from '@vueuse/core'
import type { ComputedRef } from 'vue'
import { LabChannel } from '../../../workbook/view/lab-channel.ts'
import { labDoor } from './labDoor.ts'
import { useChanges } from './useChanges.ts'

/**
 * Holds a channel to the lab server. It begins with `connect()`, in the browser; it ends with the component that uses it.
 *
 * @param path of the channel, `/grade`
 */
export function useLab(path: string, message: (data: unknown) => void) {
  const { changed, read } = useChanges()
  const channel = new LabChannel(path, labDoor, { message, changed })
  tryOnScopeDispose(() => channel.close())
  return { ...channelRefs(channel, read), send: (data: string) => channel.send(data) }
}

/** What a component shows of a channel, and how it begins. */
export function channelRefs(channel: LabChannel, read: <Value>(look: () => Value) => ComputedRef<Value>) {
  return {
    state: read(() => channel.state),
    retryIn: read(() => channel.retryIn),
    obstacle: read(() => channel.obstacle),
    /** Looks for the lab server. */
    connect: () => channel.connect(),
    /** Looks for it because the reader says so. */
    ask: () => channel.ask(),
  }
}
