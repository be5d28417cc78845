import { tryOnScopeDispose } from '@vueuse/core'
import { computed } from 'vue'
import { type OpenRoomSocket, RoomClients } from '../../../workbook/view/room-clients.ts'
import { labDoor } from './labDoor.ts'
import { useChanges } from './useChanges.ts'
import { channelRefs } from './useLab.ts'
import { useTargetLook } from './useTargetLook.ts'

const targetId = '16-sio-rooms'

/** Brings the package of the clients: only the page of chapter 16 pays for it, and only when a lab runs. */
async function loadClient(): Promise<OpenRoomSocket> {
  const { io } = await import('socket.io-client')
  const options = { transports: ['websocket'], forceNew: true, reconnection: false }
  return (base, query, auth) => io(`${base}?${query}`, { ...options, auth })
}

/** Real Socket.IO clients of this page, connected to the reader's lab 16 through its tap as soon as it runs. */
export function useRooms() {
  const { changed, read } = useChanges()
  const clients = new RoomClients(labDoor, targetId, loadClient, changed)
  const { connect: begin, ...channel } = channelRefs(clients.mirror.channel, read)
  const target = read(() => clients.target)
  useTargetLook(clients.mirror, channel.state, target)
  tryOnScopeDispose(() => clients.close())

  return {
    ...channel,
    begin,
    outdated: read(() => clients.mirror.outdated),
    target,
    trouble: read(() => clients.trouble),
    isRaw: computed(() => false),
    live: read(() => clients.live),
    rooms: read(() => clients.rooms),
    names: read(() => clients.names),
    lines: read(() => clients.lines),
    /** Connects the sockets again. */
    connect: () => clients.connect(),
    run: (call: string) => clients.run(call),
    tell: (room: string, text: string) => clients.tell(room, text),
    move: (name: string, room: string, into: boolean) => clients.move(name, room, into),
  }
}
