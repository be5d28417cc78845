import { tryOnScopeDispose } from '@vueuse/core'
import { TapClients, type TapClientsListener, type Writing } from '../../../workbook/view/tap-clients.ts'
import { labDoor } from './labDoor.ts'
import { useChanges } from './useChanges.ts'
import { channelRefs } from './useLab.ts'
import { useTargetLook } from './useTargetLook.ts'

/**
 * Clients of one target that are nothing but bytes. It begins with `look()`, in the browser.
 *
 * @param targetId `07-tcp-chat`
 */
export function useTapClients(targetId: string, count: number, listener: Omit<TapClientsListener, 'changed'>) {
  const { changed, read } = useChanges()
  const clients = new TapClients(labDoor, targetId, count, { ...listener, changed })
  const { state, connect: look } = channelRefs(clients.mirror.channel, read)
  const target = read(() => clients.target)
  useTargetLook(clients.mirror, state, target)
  tryOnScopeDispose(() => clients.mirror.channel.close())

  return {
    state,
    outdated: read(() => clients.mirror.outdated),
    look,
    target,
    trouble: read(() => clients.trouble),
    /** true for each client that is connected */
    open: read(() => clients.open),
    connect: (client: number) => clients.connect(client),
    send: (client: number, writing: Writing) => clients.send(client, writing),
    end: (client: number) => clients.end(client),
    reset: (client: number) => clients.reset(client),
  }
}
